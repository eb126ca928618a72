// moodline provider list|show|send|replay|test. opt-outs has a file of its own.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"
#include "daemon/net/curl_client.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/ports/random.hpp"
#include "providers/replay.hpp"
#include "providers/spool.hpp"
#include "rules/base/dice.hpp"
#include "rules/base/e164.hpp"
#include "rules/text/segments.hpp"

namespace moodline::commands {
namespace {

// What to write for a field, in an admin's words.
std::string_view what_to_write(const Field& f) {
  switch (f.type) {
    case FieldType::secret:
      return "name of a credential";
    case FieldType::integer:
    case FieldType::decimal:
      return "number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return "duration, \"5s\"";
    case FieldType::texts:
      return "list";
    case FieldType::mapping:
      return "name: value lines";
    case FieldType::url:
      return "URL";
    case FieldType::word:
      return "one of its words";
    default:
      return "text";
  }
}

json::array fields_json(const FieldTable& fields) {
  json::array out;
  for (const Field& f : fields) {
    out.push_back({{"field", std::string(f.name)},
                   {"what", std::string(what_to_write(f))},
                   {"required", f.required},
                   {"default", std::string(f.fallback)},
                   {"help", std::string(f.help)}});
  }
  return out;
}

void add_list(CLI::App& provider, Common& c) {
  auto* cmd = provider.add_subcommand("list", "every provider this build can use");
  cmd->footer("Example: moodline provider list");
  cmd->callback([&c] {
    json::array out;
    for (const auto& t : providers::provider_types()) {
      out.push_back({{"provider", std::string(t.name)},
                     {"two_way", t.two_way},
                     {"about", std::string(t.help)}});
    }
    for (const auto& t : providers::spool_types()) {
      out.push_back(
          {{"provider", std::string(t.name)}, {"two_way", true}, {"about", std::string(t.help)}});
    }
    show(c, json::value(std::move(out)));
  });
}

void add_show(CLI::App& provider, Common& c) {
  auto* cmd = provider.add_subcommand("show", "the fields of one provider's settings");
  auto name = std::make_shared<std::string>();
  cmd->add_option("name", *name, "as `provider list` shows it")->required();
  cmd->footer("Example: moodline provider show twilio");
  cmd->callback([&c, name] {
    if (const auto* t = providers::find_provider_type(*name)) {
      show(c, json::value(fields_json(t->fields)));
    } else if (const auto* s = providers::find_spool_type(*name)) {
      show(c, json::value(fields_json(s->fields)));
    } else {
      show(c, fault("no_such_provider",
                    "there is no provider \"" + *name + "\"; see `moodline provider list`"));
    }
  });
}

std::string one_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void add_replay(CLI::App& provider, Common& c) {
  auto* cmd = provider.add_subcommand("replay", "judge captured requests, JSON files");
  auto files = std::make_shared<std::vector<std::string>>();
  cmd->add_option("files", *files, "captured requests")->required();
  cmd->footer("Example: moodline provider replay tests/vectors/*.json");
  cmd->callback([&c, files] {
    providers::ReplayTally total;
    for (const std::string& f : *files) {
      const auto t = providers::replay_file(
          f, one_file(f), [](std::string_view line) { std::cout << line << "\n"; });
      total.passed += t.passed;
      total.failed += t.failed;
    }
    std::cout << providers::to_text(total) << "\n";
    c.exit_code = total.failed == 0 ? exit_ok : exit_refused;
  });
}

void print_call(const providers::HttpCall& call) {
  std::cout << call.method << " " << call.url << "\n";
  for (const auto& [k, v] : call.headers) std::cout << k << ": " << v << "\n";
  if (call.sign != providers::Signing::none) std::cout << "(signed with AWS SigV4 when sent)\n";
  std::cout << "\n" << call.body << "\n";
}

// What would be written, and where: nothing is.
void print_file(const providers::SpoolFile& file, const std::string& root) {
  std::cout << "file " << root << "/" << file.name << ", " << file.bytes.size() << " bytes\n\n"
            << file.bytes << "\n";
}

Result<providers::SpoolFile> file_of(const config::ProviderInstance& p, const providers::Sms& sms,
                                     Instant now) {
  const providers::SpoolType* type = providers::find_spool_type(p.type);
  if (type == nullptr) return fault("cannot_send", p.type + " has neither a call nor a file");
  auto spool = type->make(p.settings);
  if (!spool) return tl::unexpected(spool.error());
  return (*spool)->send_file(sms, now);
}

// What an answer asks of the one who sent the text by hand.
std::string what_it_means(const providers::SendReply& r) {
  using providers::SendOutcome;
  if (r.opted_out) {
    return "The provider blocks this number since a STOP; see docs/providers/opt-outs.md.";
  }
  if (r.bad_number) return "The number is wrong, or cannot receive texts.";
  if (r.halt_route) {
    return "The provider refuses the account: check credentials, credit, sender and settings. In "
           "the service\nthis halts the route until `moodline route reopen`.";
  }
  switch (r.outcome) {
    case SendOutcome::accepted:
      return "Handed over. The receipt, where there are any, comes by webhook.";
    case SendOutcome::retry_later:
      return r.retry_after_s ? fmt::format("Not sent. Try again in {} s.", *r.retry_after_s)
                             : "Not sent: it could not be reached, or is busy. Try again later.";
    case SendOutcome::rejected:
      return "Not sent, and trying again will not help. The provider's page says what the code "
             "means.";
    case SendOutcome::unknown:
      break;
  }
  return "It may have gone: look at the phone before you try again.";
}

boost::asio::awaitable<void> perform(actors::LiveProvider& p, providers::Sms sms, int& code) {
  const auto reply = co_await p.carrier->submit(std::move(sms));
  std::cout << providers::outcome_word(reply.outcome)
            << (reply.code.empty() ? "" : " (" + reply.code + ")");
  for (const std::string& id : reply.provider_message_ids) std::cout << ", its id " << id;
  std::cout << "\n" << what_it_means(reply) << "\n";
  code = reply.outcome == providers::SendOutcome::accepted ? exit_ok : exit_refused;
}

// By its own name, not by its type: which is what a stranger writes first.
tl::unexpected<Fault> no_such_provider(const config::Service& s, const std::string& name) {
  std::string names;
  for (const config::ProviderInstance& p : s.providers) {
    names += (names.empty() ? "" : ", ") + p.name + " (" + p.type + ")";
  }
  return fault("no_such_provider", "service.yaml has no provider \"" + name +
                                       "\"; it has: " + (names.empty() ? "none" : names));
}

struct SendArgs {
  std::string name, number, text;
  bool dry = false, unchecked = false;
};

// True only where it is sure: what may not be looked at may be there.
bool surely_absent(const std::string& path) {
  std::error_code ec;
  return !std::filesystem::exists(path, ec) && !ec;
}

// Nobody who said STOP is texted, not even by hand. Where neither a store nor a daemon is, nobody
// has said it yet.
Result<void> may_be_texted(const Common& c, const SendArgs& a, const config::Settings& s) {
  if (a.unchecked || (surely_absent(s.store.database) && surely_absent(c.socket))) return {};
  const auto found = act(c, "person.opted_out", {{"number", a.number}});
  if (!found) {
    return fault("stops_unread", "who has said STOP could not be read: " + found.error().message +
                                     "; mend that, or give --unchecked for a phone of your own");
  }
  const json::object& o = found->as_object();
  if (!o.at("opted_out").as_bool()) return {};
  return fault("opted_out", fmt::format("this number has said STOP ({}, {}); nothing was sent. "
                                        "Whose phone it is lifts that by texting START",
                                        std::string_view(o.at("source").as_string()),
                                        std::string_view(o.at("since").as_string())));
}

Result<providers::Sms> sms_of(const SendArgs& a, const config::Settings& s) {
  const auto plan = number_plan(s.country);
  if (!plan) return tl::unexpected(plan.error());
  const auto number = E164::typed(a.number, *plan);
  if (!number) return tl::unexpected(number.error());
  const auto report = text::lint(a.text);
  providers::Sms sms;
  // Another one each time: providers that know our references take a second one for a repeat.
  ports::SystemRandom random;
  Dice dice(random.uniform(UINT64_MAX));
  sms.reference = "test-" + dice.word(12, clear_alphabet);
  sms.to = number->str();
  sms.text = a.text;
  sms.segments = static_cast<int>(report.segments);
  sms.unicode = report.encoding == text::SmsEncoding::ucs2;
  return sms;
}

void send(Common& c, const SendArgs& a) {
  boost::asio::io_context io;
  ports::RealWireClock wire;
  net::CurlClient http(io.get_executor(), {});
  actors::LiveOptions options;
  options.config_dir = c.config_dir;
  options.languages_dir =
      c.languages_dir.empty() ? actors::default_languages_dir() : c.languages_dir;
  options.credentials_dir = c.credentials_dir;
  const auto loaded = actors::load_live(options, http, wire);
  if (!loaded.live) return show(c, fault("bad_config", config::to_text(loaded.problems)));
  const auto it = loaded.live->providers.find(a.name);
  if (it == loaded.live->providers.end()) {
    return show(c, no_such_provider(*loaded.live->service, a.name));
  }
  auto sms = sms_of(a, loaded.live->service->settings);
  if (!sms) return show(c, tl::unexpected(sms.error()));
  actors::LiveProvider p = it->second;
  if (a.dry && p.provider) {
    const auto call = p.provider->send_call(*sms, wire.now());
    if (!call) return show(c, tl::unexpected(call.error()));
    return print_call(*call);
  }
  if (a.dry) {
    const config::ProviderInstance* instance = loaded.live->service->provider(a.name);
    const auto file = file_of(*instance, *sms, wire.now());
    if (!file) return show(c, tl::unexpected(file.error()));
    return print_file(*file, instance->settings.text("spool"));
  }
  if (auto ok = may_be_texted(c, a, loaded.live->service->settings); !ok) {
    return show(c, tl::unexpected(ok.error()));
  }
  boost::asio::co_spawn(io, perform(p, *sms, c.exit_code), boost::asio::detached);
  io.run();
}

void add_send(CLI::App& provider, Common& c) {
  auto* cmd =
      provider.add_subcommand("send",
                              "send one text past the service, or print the exact request; not to "
                              "a number that has said STOP");
  auto a = std::make_shared<SendArgs>();
  cmd->add_option("name", a->name, "the provider's name in service.yaml")->required();
  cmd->add_option("number", a->number, "phone number")->required();
  cmd->add_option("text", a->text, "the text")->required();
  cmd->add_flag("--dry-run", a->dry, "print the request; secrets show, mind who looks");
  cmd->add_flag("--unchecked", a->unchecked, "send without looking at who has said STOP");
  cmd->footer("Example: moodline provider send phones 07700900123 'hello' --dry-run");
  cmd->callback([&c, a] { send(c, *a); });
}

void add_test(CLI::App& provider, Common& c) {
  auto* cmd = provider.add_subcommand("test", "what to do for a live check of both directions");
  auto name = std::make_shared<std::string>();
  cmd->add_option("name", *name, "the provider's name in service.yaml")->required();
  cmd->footer("Example: moodline provider test kannel");
  cmd->callback([&c, name] {
    const config::Loaded loaded = config::load(c.config_dir, actors::registries());
    if (!loaded.service) return show(c, fault("bad_config", config::to_text(loaded.problems)));
    const config::ProviderInstance* p = loaded.service->provider(*name);
    if (p == nullptr) return show(c, no_such_provider(*loaded.service, *name));
    std::string hook = loaded.service->settings.webhooks.public_url + "/hooks/" + *name;
    if (const std::string& secret = p->settings.text("path_secret"); !secret.empty())
      hook += "/SECRET   (SECRET: what stands in the credential \"" + secret + "\")";
    if (providers::find_spool_type(p->type) != nullptr)
      hook = "none: files in " + p->settings.text("spool") + ", read once a second";
    std::cout << fmt::format(
        "A live check of {0} ({1}), both directions:\n"
        "1. Out: send a text to your own phone.\n"
        "     sudo moodline --credentials /etc/moodline/secrets provider send {0} YOUR-NUMBER "
        "'hello'\n"
        "   It prints accepted, or the provider's refusal; docs/providers/{1}.md says what that "
        "means.\n"
        "2. The webhook for received texts and for receipts, to be set at the provider:\n"
        "     {2}\n"
        "3. In: answer from your phone, then look at what came.\n"
        "     curl -s {3}/metrics | grep -E 'texts_in|receipts|webhooks_refused'\n"
        "   A number that is not enrolled counts as what=\"stranger\", and the receipt of such a "
        "test as\n"
        "   what=\"unknown\": both say that the way in is open. webhooks_refused says why= where "
        "it is not\n"
        "   (bad_signature: the secret or the public URL is another one at the provider).\n"
        "4. STOP: does the provider block by itself, and who lifts its block? docs/providers/"
        "opt-outs.md\n",
        *name, p->type, hook, loaded.service->settings.pages.public_url);
  });
}

}  // namespace

void add_provider(CLI::App& app, Common& c) {
  auto* provider =
      app.add_subcommand("provider", "SMS providers: list, show, send, replay, test, opt-outs");
  provider->require_subcommand(1);
  add_list(*provider, c);
  add_show(*provider, c);
  add_send(*provider, c);
  add_replay(*provider, c);
  add_test(*provider, c);
  add_provider_opt_outs(*provider, c);
}

}  // namespace moodline::commands
