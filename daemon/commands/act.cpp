// act and show: the tool's way to the daemon or the store, and its way to print.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <vector>

#include "daemon/actors/live.hpp"
#include "daemon/checkins/setting.hpp"
#include "daemon/commands/command.hpp"
#include "daemon/control/actions.hpp"
#include "daemon/net/control_client.hpp"
#include "daemon/net/curl_client.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/ports/random.hpp"
#include "daemon/replies/reader.hpp"
#include "daemon/store/open.hpp"

namespace moodline::commands {
namespace {

constexpr std::size_t column_width_max = 48;  // of all but the last; --json has it whole

std::string cell(const json::value& v) {
  if (v.is_null()) return "-";
  if (v.is_string()) {
    std::string s(v.get_string());
    return s.empty() ? "-" : s;
  }
  if (v.is_bool()) return v.get_bool() ? "yes" : "no";
  if (v.is_array() && v.get_array().empty()) return "-";
  if (v.is_array()) {
    std::string out;
    for (const json::value& x : v.get_array()) {
      out += (out.empty() ? "" : ", ") + (x.is_object() ? json::serialize(x) : cell(x));
    }
    return out;
  }
  return json::serialize(v);
}

// Letters as a terminal counts them, near enough: bytes that begin one in UTF-8.
std::size_t letters(std::string_view s) {
  return static_cast<std::size_t>(std::count_if(
      s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Cut where it would push every column after it to the right.
std::string fitted(std::string s) {
  if (letters(s) <= column_width_max) return s;
  while (letters(s) + 2 > column_width_max) s.pop_back();
  return s + "..";
}

std::string rows_table(const json::array& rows) {
  std::vector<std::string> names;
  for (const json::value& r : rows) {
    if (!r.is_object()) continue;
    for (const auto& [k, v] : r.get_object()) {
      if (std::find(names.begin(), names.end(), k) == names.end()) names.emplace_back(k);
    }
  }
  std::vector<std::vector<std::string>> cells{names};
  for (const json::value& r : rows) {
    std::vector<std::string> line;
    for (const std::string& n : names) {
      const json::value* v = r.is_object() ? r.get_object().if_contains(n) : nullptr;
      line.push_back(v == nullptr ? "-" : cell(*v));
    }
    cells.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(names.size(), 0);
  for (auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i + 1 < line.size()) line[i] = fitted(std::move(line[i]));
      widths[i] = std::max(widths[i], letters(line[i]));
    }
  }
  std::string out;
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text += std::string(widths[i] + 2 - letters(line[i]), ' ');
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    out += text + "\n";
  }
  return out;
}

// What act_alone works with: the configuration with its translators where every credential can be
// read, else without; most tools need none.
struct Loaded {
  std::shared_ptr<const actors::Live> live;
  config::Loaded files;
  std::unique_ptr<replies::Reader> own;
  [[nodiscard]] const config::Service& service() const {
    return live ? *live->service : *files.service;
  }
  [[nodiscard]] const replies::Reader& reader() const { return live ? *live->reader : *own; }
};

Result<Loaded> load_alone(const Common& c, ports::HttpClient& http, ports::WireClock& wire) {
  Loaded out;
  actors::LiveOptions options;
  options.config_dir = c.config_dir;
  options.languages_dir =
      c.languages_dir.empty() ? actors::default_languages_dir() : c.languages_dir;
  options.credentials_dir = c.credentials_dir;
  out.live = actors::load_live(options, http, wire).live;
  if (out.live) return out;
  out.files = config::load(c.config_dir, actors::registries());
  if (!out.files.service) {
    return fault("bad_config", "the daemon is not running, and the configuration in " +
                                   c.config_dir + " has problems:\n" +
                                   config::to_text(out.files.problems));
  }
  const auto packs = config::load_language_packs(options.languages_dir);
  auto problems = packs.problems;
  out.own = std::make_unique<replies::Reader>(packs, problems);
  return out;
}

// With the daemon stopped: the same function over the store, which is locked meanwhile.
Result<json::value> act_alone(const Common& c, const std::string& action,
                              const json::object& args) {
  boost::asio::io_context io;  // nothing runs on it: translators want a client, and none is called
  ports::RealWireClock clock;
  net::CurlClient http(io.get_executor(), {});
  const auto loaded = load_alone(c, http, clock);
  if (!loaded) return tl::unexpected(loaded.error());
  const config::StorePaths& paths = loaded->service().settings.store;
  const auto key = [&](const std::string& name, store::KeyPurpose purpose) {
    std::filesystem::path path = std::filesystem::path(c.credentials_dir) / name;
    return store::load_key_file(path.string(), purpose);
  };
  auto master = key(paths.master_secret, store::KeyPurpose::master);
  if (!master) return tl::unexpected(master.error());
  auto lookup = key("moodline-lookup-key", store::KeyPurpose::lookup);
  if (!lookup) return tl::unexpected(lookup.error());
  store::StoreOptions o;
  o.path = paths.database;
  o.keys_path = paths.keys;
  o.erased_path = paths.erasures;
  o.master_key = *master;
  o.lookup_key = *lookup;
  o.executor = store::Executor::inline_;
  ports::SystemRandom random;
  Result<json::value> result = fault("not_run", "not run");
  try {
    const auto db = store::open_sqlite(std::move(o));
    db->write([&](store::Tx& tx) {
      Dice dice(random.uniform(UINT64_MAX));
      const checkins::Setting s{loaded->service(), &loaded->reader(), clock.now(), dice};
      control::ActionContext context{tx, s, fmt::format("admin:uid={}", ::getuid()),
                                     loaded->live.get()};
      result = control::run_action(context, action, args);
    });
  } catch (const store::StoreError& e) {
    return fault(e.code(), e.what());
  }
  return result;
}

}  // namespace

std::string table(const json::value& v) {
  if (v.is_array()) {
    return v.get_array().empty() ? "nothing to show\n" : rows_table(v.get_array());
  }
  if (!v.is_object()) return cell(v) + "\n";
  std::size_t width = 0;
  for (const auto& [k, x] : v.get_object()) width = std::max(width, k.size());
  std::string out;
  for (const auto& [k, x] : v.get_object()) {
    const bool rows = x.is_array() && !x.get_array().empty() && x.get_array()[0].is_object();
    if (rows) {
      out += std::string(k) + ":\n" + rows_table(x.get_array());
    } else {
      out += fmt::format("{:<{}}  {}\n", std::string(k), width, cell(x));
    }
  }
  return out;
}

Result<json::value> act(const Common& c, const std::string& action, const json::object& args) {
  const auto reply =
      net::control_call(c.socket, "POST", "/api/v1/" + action, json::serialize(args));
  if (!reply) {
    if (reply.error().code == "daemon_not_running" && !c.credentials_dir.empty()) {
      return act_alone(c, action, args);
    }
    return tl::unexpected(reply.error());
  }
  boost::system::error_code ec;
  const json::value v = json::parse(reply->body, ec);
  if (ec) return fault("bad_answer", "the daemon's answer is not JSON; is it the same version?");
  if (reply->status == 200) return v;
  if (v.is_object() && v.get_object().contains("error")) {
    const json::value& e = v.get_object().at("error");
    return fault(std::string(e.at("code").as_string()), std::string(e.at("message").as_string()));
  }
  return fault("refused", fmt::format("the daemon answered {}", reply->status));
}

void show(Common& c, const Result<json::value>& result) {
  if (!result) {
    const Fault& f = result.error();
    std::cerr << "moodline: " << f.message << " [" << f.code << "]\n";
    const bool unreachable = f.code == "daemon_not_running" || f.code == "not_permitted" ||
                             f.code == "key_missing" || f.code == "in_use";
    c.exit_code = f.code == "bad_config" ? exit_config
                  : unreachable          ? exit_unavailable
                                         : exit_refused;
    return;
  }
  std::cout << (c.json ? json::serialize(*result) + "\n" : table(*result));
}

}  // namespace moodline::commands
