// service.yaml: who runs this, where it listens, which ways texts take.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"

namespace moodline::config {
namespace {
constexpr int port_max = 65'535;

const FieldTable& top_fields() {
  static const FieldTable t = {
      {"format", FieldType::text, true, "", "moodline-service/1"},
      {"mode",
       FieldType::word,
       false,
       "live",
       "live, demo or test; simulated phones and scaled clocks need demo or test",
       {},
       {},
       {"live", "demo", "test"}},
      {"name", FieldType::text, true, "", "who runs this, as the invitation says it"},
      {"country", FieldType::text, true, "", "ISO 3166 country of national numbers, such as GB"},
      {"timezone", FieldType::text, true, "", "the service's own IANA zone"},
      {"languages", FieldType::texts, true, "", "language codes; the first is the default"},
  };
  return t;
}

const FieldTable& endpoint_fields() {
  static const FieldTable t = {
      {"listen", FieldType::text, true, "", "quoted address and port, such as \"127.0.0.1:8080\""},
      {"public_url", FieldType::url, false, "", "the address as the outside sees it"},
  };
  return t;
}

const FieldTable& store_fields() {
  static const FieldTable t = {
      {"database", FieldType::text, true, "", "path of the SQLite file"},
      {"keys", FieldType::text, true, "", "path of the person keys, in a file of their own"},
      {"erasures", FieldType::text, true, "", "path of the erasure journal, kept outside backups"},
      {"master_key", FieldType::secret, true, "", "credential that holds the master key"},
  };
  return t;
}

bool parse_listen(const std::string& text, Endpoint& out) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const auto port = decimal_from(text.substr(colon + 1));
  if (!port || port->micro % Decimal::one != 0 || port->micro < 0 ||
      port->micro > port_max * Decimal::one) {
    return false;
  }
  out.address = text.substr(0, colon);
  if (out.address.front() == '[' && out.address.back() == ']') {
    out.address = out.address.substr(1, out.address.size() - 2);
  } else if (out.address.find(':') != std::string::npos) {
    return false;
  }
  out.port = static_cast<int>(port->micro / Decimal::one);
  return !out.address.empty() &&
         out.address.find_first_not_of("0123456789abcdefABCDEF.:") == std::string::npos;
}

bool is_private_host(std::string_view url) {
  const auto host_at = url.find("//") + 2;
  const std::string_view host = url.substr(host_at, url.find_first_of("/?#", host_at) - host_at);
  static constexpr std::array<std::string_view, 5> near = {"localhost", "127.", "10.", "192.168.",
                                                           "[::1]"};
  return std::any_of(near.begin(), near.end(),
                     [&](std::string_view p) { return host.starts_with(p); });
}

Endpoint read_endpoint(Loader& l, const Node& parent, std::string_view key, Mode mode) {
  Endpoint e;
  const Node* n = l.map(parent, key, true);
  if (n == nullptr) return e;
  const Block b = read_block(*n, endpoint_fields(), l.problems);
  const Place at = b.place("listen");
  if (!b.text("listen").empty() && !parse_listen(b.text("listen"), e)) {
    l.add(at, n->path + ".listen", quote(b.text("listen")) + " is not an address and a port",
          "write a numeric address and port such as \"127.0.0.1:8080\" or \"[::1]:8080\"");
  } else if (e.port == 0 && mode == Mode::live && !b.text("listen").empty()) {
    l.add(at, n->path + ".listen", "port 0 means any free port, which nobody could find",
          "name a port, or use mode demo or test");
  }
  e.public_url = b.text("public_url");
  if (mode == Mode::live && e.public_url.starts_with("http://") && !is_private_host(e.public_url)) {
    l.add(b.place("public_url"), n->path + ".public_url",
          "would carry people's texts over the open network unencrypted", "use https");
  }
  return e;
}

void read_listeners(Loader& l, const Node& top) {
  static const FieldTable control = {
      {"socket", FieldType::text, false, "/run/moodline/control", "path of the control socket"}};
  Settings& s = l.service.settings;
  s.control_socket = "/run/moodline/control";
  const Node* n = l.map(top, "listeners", true);
  if (n == nullptr) return;
  read_block(*n, {}, l.problems, {"webhooks", "pages", "control", "api"});
  s.webhooks = read_endpoint(l, *n, "webhooks", s.mode);
  s.pages = read_endpoint(l, *n, "pages", s.mode);
  if (s.webhooks.port != 0 && s.webhooks.port == s.pages.port &&
      s.webhooks.address == s.pages.address) {
    l.add(n->find("pages")->place, n->path + ".pages", "listens where webhooks does",
          "give each listener its own port");
  }
  if (n->find("api") != nullptr) {
    s.api = read_endpoint(l, *n, "api", s.mode);
    const bool taken = (s.api.port == s.pages.port && s.api.address == s.pages.address) ||
                       (s.api.port == s.webhooks.port && s.api.address == s.webhooks.address);
    if (s.api.port != 0 && taken) {
      l.add(n->find("api")->place, n->path + ".api", "listens where another listener does",
            "give each listener its own port");
    }
  }
  if (const Node* c = l.map(*n, "control", false)) {
    s.control_socket = read_block(*c, control, l.problems).text("socket");
  }
}

void read_store(Loader& l, const Node& top) {
  const Node* n = l.map(top, "store", true);
  if (n == nullptr) return;
  const Block b = read_block(*n, store_fields(), l.problems);
  l.service.settings.store = {b.text("database"), b.text("keys"), b.text("erasures"),
                              b.text("master_key")};
  if (!b.text("keys").empty() && b.text("keys") == b.text("database")) {
    l.add(b.place("keys"), n->path + ".keys", "is the database itself",
          "keep the keys in a file of their own, so that an erasure can destroy them");
  }
}

void read_sending(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"window", FieldType::text, false, "08:00-21:00",
       "texts we start go only inside it, in the person's zone"},
      {"expire_after", FieldType::duration, false, "2h",
       "shelf life of a prompt that could not go on time", Decimal::of(60), Decimal::of(86'400)}};
  const Node* n = l.map(top, "sending", false);
  if (n == nullptr) return;
  const Block b = read_block(*n, fields, l.problems);
  if (const auto span = span_from(b.text("window"))) {
    l.service.settings.sending = {span->opens, span->closes};
  } else if (!b.text("window").empty()) {
    l.add(b.place("window"), n->path + ".window",
          quote(b.text("window")) + " is not a span of a day",
          "write two times such as \"08:00-21:00\"");
  }
  l.service.settings.expire_after = b.duration("expire_after");
}

void read_reading(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"escalates_after", FieldType::duration, false, "24h",
       "a held text nobody read goes to the admin", Decimal::of(3600)},
      {"flag_after_days", FieldType::integer, false, "3",
       "replies nobody looked at for so many days are flagged to the admin", Decimal::of(1),
       Decimal::of(90)}};
  const Node* n = l.map(top, "reading", true);
  if (n == nullptr) return;
  const Block b = read_block(*n, fields, l.problems, {"stated"});
  Settings& s = l.service.settings;
  s.texts_are_read = l.wording(*n, "stated", true);
  s.hold_escalates_after = b.duration("escalates_after");
  s.unread_flag_days = static_cast<int>(b.integer("flag_after_days"));
}

void read_limits(Loader& l, const Node& top) {
  static const FieldTable spend = {
      {"segments_per_day", FieldType::integer, false, "0", "0: none; at it bulk sending halts",
       Decimal::of(0)},
      {"segments_per_month", FieldType::integer, false, "0", "0: none", Decimal::of(0)}};
  static const FieldTable retention = {
      {"readings_days", FieldType::integer, false, "0", "0: until erased", Decimal::of(0)},
      {"texts_days", FieldType::integer, false, "30", "sealed texts as sent", Decimal::of(1),
       Decimal::of(3650)}};
  Settings& s = l.service.settings;
  if (const Node* n = l.map(top, "spend", false)) {
    const Block b = read_block(*n, spend, l.problems);
    s.spend = {static_cast<int>(b.integer("segments_per_day")),
               static_cast<int>(b.integer("segments_per_month"))};
  }
  if (const Node* n = l.map(top, "retention", false)) {
    const Block b = read_block(*n, retention, l.problems);
    s.retention = {static_cast<int>(b.integer("readings_days")),
                   static_cast<int>(b.integer("texts_days"))};
  }
}

void read_contacts(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"duty", FieldType::text, true, "", "practitioner who sees danger words and held texts"},
      {"admin", FieldType::text, true, "", "practitioner who sees faults"},
      {"person_name", FieldType::text, true, "", "the one name a person is given"},
      {"person_number", FieldType::text, true, "", "the one number, as people dial it, quoted"}};
  if (const Node* n = l.map(top, "contacts", true)) {
    const Block b = read_block(*n, fields, l.problems);
    l.service.settings.contacts = {b.text("duty"), b.text("admin"), b.text("person_name"),
                                   b.text("person_number")};
  }
  l.service.settings.crisis = l.wording(top, "crisis", true);
}

void read_clock(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"scale", FieldType::decimal, false, "1", "service seconds in one real second",
       Decimal::of(1), Decimal::of(100'000)},
      {"start", FieldType::text, false, "", "quoted instant the service clock begins at"}};
  const Node* n = l.map(top, "clock", false);
  if (n == nullptr) return;
  const Block b = read_block(*n, fields, l.problems);
  Settings& s = l.service.settings;
  s.clock.scale = b.decimal("scale");
  if (!b.text("start").empty()) {
    s.clock.start = from_iso(b.text("start"));
    if (!s.clock.start) {
      l.add(b.place("start"), n->path + ".start", quote(b.text("start")) + " is not an instant",
            "write one such as \"2026-03-02T08:00:00Z\"");
    }
  }
  if (s.mode == Mode::live) {
    l.add(n->place, n->path, "a changed clock is refused in mode live",
          "remove clock:, or write mode: demo or mode: test");
  }
}

void read_top(Loader& l, const Node& top) {
  const Block b = read_block(
      top, top_fields(), l.problems,
      {"listeners", "store", "providers", "routes", "sending", "reading", "crisis", "contacts",
       "spend", "retention", "clock", "heartbeat", "email", "outgoing_webhooks"});
  Settings& s = l.service.settings;
  s.mode = b.text("mode") == "demo"   ? Mode::demo
           : b.text("mode") == "test" ? Mode::test
                                      : Mode::live;
  s.name = b.text("name");
  s.country = b.text("country");
  s.timezone = b.text("timezone");
  s.languages = b.texts("languages");
  if (!s.country.empty() && !number_plan(s.country)) {
    l.add(b.place("country"), "country",
          quote(s.country) + " is no country this build has numbers of",
          "write an ISO 3166 code such as GB");
  }
  check_zone(l, s.timezone, b.place("timezone"), "timezone");
  if (s.languages.empty() && top.find("languages") != nullptr) {
    l.add(b.place("languages"), "languages", "names no language", "write a list such as [en, cy]");
  }
  if (!s.languages.empty()) l.languages = s.languages;
  s.languages = l.languages;
}
}  // namespace

void check_zone(Loader& l, const std::string& name, const Place& place, const std::string& path) {
  if (name.empty() || Zone::find(name)) return;
  static const std::vector<std::string> names = zone_names();
  const std::string near = nearest(name, names);
  l.add(
      place, path, fmt::format("zone {} is unknown", quote(name)),
      near.empty() ? "write an IANA zone such as \"Europe/London\"" : "did you mean " + near + "?");
}

void load_service_file(Loader& l, const Node& top) {
  static const FieldTable heartbeat = {
      {"url", FieldType::url, false, "", "a dead-man's switch, called every 5 minutes"},
      {"file", FieldType::text, false, "", "or a file, written every 5 minutes"}};
  l.format(top, "service");
  read_top(l, top);
  read_listeners(l, top);
  read_store(l, top);
  read_sending(l, top);
  read_reading(l, top);
  read_limits(l, top);
  read_contacts(l, top);
  read_clock(l, top);
  if (const Node* n = l.map(top, "heartbeat", false)) {
    const Block b = read_block(*n, heartbeat, l.problems);
    const std::string file = b.text("file");
    l.service.settings.heartbeat_url = b.text("url");
    if (b.text("url").empty() == file.empty() || (!file.empty() && file.front() != '/')) {
      l.add(n->place, n->path, "names no one dead-man's switch",
            "write url: an address, or file: a whole path, not both");
    } else if (!file.empty()) {
      l.service.settings.heartbeat_url = "file:" + file;
    }
  }
  load_routes(l, top);
  load_outgoing(l, top);
}

}  // namespace moodline::config
