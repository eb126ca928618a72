#include "daemon/actors/live.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/actors/spool_route.hpp"
#include "daemon/replies/reader.hpp"
#include "providers/spool.hpp"

namespace moodline::actors {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t secret_bytes_max = 64 * 1024;

config::Problem problem_at(const config::Place& place, std::string path, std::string what,
                           std::string cure) {
  config::Problem p;
  p.file = place.file;
  p.line = place.line;
  p.column = place.column;
  p.path = std::move(path);
  p.what = std::move(what);
  p.cure = std::move(cure);
  return p;
}

std::optional<std::string> read_secret(const LiveOptions& o, const std::string& name) {
  if (const auto it = o.secrets.find(name); it != o.secrets.end()) return it->second;
  if (o.credentials_dir.empty() || name.find('/') != std::string::npos) return std::nullopt;
  fs::path path = fs::path(o.credentials_dir) / name;
  std::error_code ec;
  // systemd names the files of a directory given to LoadCredential=moodline:DIR this way.
  if (!fs::exists(path, ec)) path = fs::path(o.credentials_dir) / ("moodline_" + name);
  if (!fs::is_regular_file(path, ec) || fs::file_size(path, ec) > secret_bytes_max) {
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  std::string text = bytes.str();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

// The settings a translator is made from: secrets as their values, its own webhook's URL.
config::Block settings_of(const config::ProviderInstance& p, const FieldTable& fields,
                          const config::Settings& service, const LiveOptions& options,
                          std::vector<config::Problem>& problems) {
  config::Block b = p.settings;
  for (const Field& f : fields) {
    if (f.name == "webhook_url" && b.text("webhook_url").empty()) {
      b.set("webhook_url",
            config::Value{service.webhooks.public_url + "/hooks/" + p.name, {}, {}, p.place});
    }
    if (f.type != FieldType::secret || b.text(f.name).empty()) continue;
    const std::string name = b.text(f.name);
    const auto secret = read_secret(options, name);
    if (!secret) {
      problems.push_back(problem_at(
          b.place(f.name), fmt::format("providers.{}.{}", p.name, f.name),
          fmt::format("credential \"{}\" cannot be read", name),
          "add it to the unit with LoadCredential, or put the file in the credentials directory"));
      continue;
    }
    config::Value v;
    v.text = *secret;
    v.place = b.place(f.name);
    b.set(std::string(f.name), std::move(v));
  }
  return b;
}

void add_provider(Live& live, const config::ProviderInstance& p, const LiveOptions& options,
                  ports::HttpClient& http, ports::WireClock& wire,
                  std::vector<config::Problem>& problems) {
  LiveProvider out;
  out.name = p.name;
  out.type = p.type;
  const auto refuse = [&](const Fault& f) {
    problems.push_back(problem_at(p.place, "providers." + p.name, f.message, f.code));
  };
  if (const auto* type = providers::find_provider_type(p.type)) {
    auto made = type->make(settings_of(p, type->fields, live.service->settings, options, problems));
    if (!made) return refuse(made.error());
    out.provider = std::move(*made);
    out.carrier = std::make_shared<HttpCarrier>(out.provider, http, wire);
  } else if (const auto* spool = providers::find_spool_type(p.type)) {
    const config::Block settings =
        settings_of(p, spool->fields, live.service->settings, options, problems);
    auto made = spool->make(settings);
    if (!made) return refuse(made.error());
    out.spool = std::make_shared<SpoolRoute>(std::move(*made), settings.text("spool"), wire);
    out.carrier = out.spool;
  }
  live.providers.emplace(p.name, std::move(out));
}

// Emails and events to other systems: ways out that no provider file knows.
void add_outgoing(Live& live, const LiveOptions& options, ports::HttpClient& http,
                  ports::WireClock& wire, std::vector<config::Problem>& problems) {
  const config::Settings& s = live.service->settings;
  const auto unreadable = [&](const std::string& path, const std::string& name) {
    problems.push_back(problem_at(
        {}, path, fmt::format("credential \"{}\" cannot be read", name),
        "add it to the unit with LoadCredential, or put the file in the credentials directory"));
  };
  if (!s.email.smtp_url.empty()) {
    net::SmtpOptions smtp{s.email.smtp_url, s.email.user, {}};
    if (!s.email.password_secret.empty()) {
      const auto password = read_secret(options, s.email.password_secret);
      if (!password) unreadable("email.password", s.email.password_secret);
      smtp.password = password.value_or("");
    }
    LiveProvider p{"email", "email", {}, {}, {}};
    if (options.send_mail) {
      p.carrier = std::make_shared<EmailCarrier>(options.send_mail, smtp, s.email.from, wire);
      live.providers.emplace(p.name, std::move(p));
    }
  }
  for (const config::OutgoingWebhook& w : s.outgoing) {
    const auto secret = read_secret(options, w.secret);
    const std::string path = "outgoing_webhooks." + w.name + ".secret";
    if (!secret) {
      unreadable(path, w.secret);
      continue;
    }
    const auto key = webhook_key(*secret);
    if (!key) {
      problems.push_back(problem_at(w.place, path, "is no webhook secret", key.error().message));
      continue;
    }
    LiveProvider p{"webhook-" + w.name, "webhook", {}, {}, {}};
    p.carrier = std::make_shared<WebhookCarrier>(w.url, *key, http, wire);
    live.providers.emplace(p.name, std::move(p));
  }
}

}  // namespace

config::Registries registries() {
  config::Registries r;
  for (const auto& t : providers::provider_types()) {
    r.providers.push_back({std::string(t.name), t.fields, t.two_way, t.template_only, t.simulated});
  }
  for (const auto& t : providers::spool_types()) {
    r.providers.push_back({std::string(t.name), t.fields, true, false, false});
  }
  return r;
}

namespace {
LiveLoaded read_live(const LiveOptions& options, ports::HttpClient& http, ports::WireClock& wire) {
  LiveLoaded out;
  config::Loaded loaded = config::load(options.config_dir, registries());
  out.problems = std::move(loaded.problems);
  if (!loaded.service) return out;
  auto live = std::make_shared<Live>();
  live->service = loaded.service;
  const auto packs = config::load_language_packs(options.languages_dir);
  auto pack_problems = packs.problems;
  if (packs.ok()) {
    live->reader = std::make_shared<const replies::Reader>(packs, pack_problems);
  } else if (pack_problems.empty()) {
    pack_problems.push_back({{options.languages_dir, 0, 0}, "no language pack is there"});
  }
  for (const config::PackProblem& p : pack_problems) {
    out.problems.push_back(
        problem_at(p.place, "languages", p.message, "mend the pack, or set --languages DIR"));
  }
  std::vector<config::Problem> found;
  for (const config::ProviderInstance& p : loaded.service->providers) {
    add_provider(*live, p, options, http, wire, found);
  }
  add_outgoing(*live, options, http, wire, found);
  const bool bad = !found.empty() || !pack_problems.empty();
  std::move(found.begin(), found.end(), std::back_inserter(out.problems));
  if (!bad) out.live = std::move(live);
  return out;
}
}  // namespace

LiveLoaded load_live(const LiveOptions& options, ports::HttpClient& http, ports::WireClock& wire) {
  LiveLoaded out = read_live(options, http, wire);
#ifdef __GLIBC__
  ::malloc_trim(0);  // eleven packs of YAML leave twice as much freed as is kept
#endif
  return out;
}

std::string default_languages_dir() {
  for (const char* dir : {"/usr/share/moodline/languages", "config/languages",
                          "/usr/local/share/moodline/languages"}) {
    std::error_code ec;
    if (fs::is_directory(dir, ec)) return dir;
  }
  return "/usr/share/moodline/languages";
}

}  // namespace moodline::actors
