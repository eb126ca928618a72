// service.yaml: providers and routes. Providers are known only by the tables handed in.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"

namespace moodline::config {
namespace {
const std::vector<std::string_view> purposes = {"prompt", "reply", "alert", "notice", "bulk"};

const FieldTable& route_fields() {
  static const FieldTable t = {
      {"name", FieldType::text, true, "", "shown by moodline service"},
      {"provider", FieldType::text, true, "", "name of one of the providers"},
      {"from", FieldType::text, false, "", "sender: number, short code or name"},
      {"purposes",
       FieldType::texts,
       false,
       "",
       "what may go this way; none named: everything",
       {},
       {},
       purposes},
      {"countries", FieldType::texts, false, "",
       "number prefixes such as \"+44\"; none named: everywhere"},
      {"segments_per_s",
       FieldType::decimal,
       false,
       "",
       "throttle; the provider's own where left out",
       Decimal{10'000},
       Decimal::of(1000),
       {}},
  };
  return t;
}

const ProviderFields* provider_fields(const Loader& l, std::string_view type) {
  for (const ProviderFields& p : l.registries.providers) {
    if (p.name == type) return &p;
  }
  return nullptr;
}

void read_provider(Loader& l, const Node& n, std::set<std::string>& seen) {
  static const FieldTable fields = {
      {"name", FieldType::text, true, "", "unique; the last part of its webhook path"},
      {"type", FieldType::text, true, "", "which provider this is"}};
  const Block b = read_block(n, fields, l.problems, {"settings"});
  ProviderInstance p{l.identifier(n, b, "name", seen), b.text("type"), {}, n.place};
  if (p.name == "email" || p.name.starts_with("webhook-")) {
    l.add(b.place("name"), n.path + ".name",
          fmt::format("{} is the name of one of our own ways out", quote(p.name)),
          "give this provider another name");
  }
  if (p.type.empty()) return;
  const ProviderFields* known = provider_fields(l, p.type);
  if (known == nullptr) {
    std::vector<std::string> names;
    for (const ProviderFields& f : l.registries.providers) names.push_back(f.name);
    l.add(b.place("type"), n.path + ".type", fmt::format("provider {} is unknown", quote(p.type)),
          suggestion(p.type, names));
    return;
  }
  if (known->simulated && l.service.settings.mode == Mode::live) {
    l.add(b.place("type"), n.path + ".type", "simulated phones are refused in mode live",
          "use a real provider, or write mode: demo or mode: test");
  }
  if (const Node* settings = n.find("settings")) {
    p.settings = read_block(*settings, known->fields, l.problems);
  } else {
    Node none;
    none.kind = NodeKind::map;
    none.place = n.place;
    none.path = n.path + ".settings";
    p.settings = read_block(none, known->fields, l.problems);
  }
  l.service.providers.push_back(std::move(p));
}

bool carries(const Route& r, std::string_view purpose) {
  return r.purposes.empty() ||
         std::find(r.purposes.begin(), r.purposes.end(), purpose) != r.purposes.end();
}

void check_route(Loader& l, const Node& n, const Route& r, const Block& b) {
  const ProviderInstance* instance = l.service.provider(r.provider);
  if (r.provider.empty()) return;
  if (instance == nullptr) {
    std::vector<std::string> names;
    for (const ProviderInstance& p : l.service.providers) names.push_back(p.name);
    l.add(b.place("provider"), n.path + ".provider",
          fmt::format("provider {} is not listed under providers", quote(r.provider)),
          suggestion(r.provider, names));
    return;
  }
  const ProviderFields* known = provider_fields(l, instance->type);
  if (known == nullptr) return;
  if (!known->two_way && (carries(r, "prompt") || carries(r, "reply"))) {
    l.add(b.place("provider"), n.path + ".provider",
          fmt::format("{} cannot receive replies, so no prompt may go this way", instance->type),
          "name purposes: [notice, bulk], or choose a two-way provider");
  }
  for (std::size_t i = 0; i < r.prefixes.size(); ++i) {
    const std::string& p = r.prefixes[i];
    if (p.size() < 2 || p.size() > 8 || p[0] != '+' ||
        p.find_first_not_of("0123456789", 1) != std::string::npos) {
      l.add(b.place("countries"), fmt::format("{}.countries[{}]", n.path, i),
            quote(p) + " is not a number prefix", "write one such as \"+44\"");
    }
  }
}

void read_route(Loader& l, const Node& n, std::set<std::string>& seen) {
  static const FieldTable opt_out = {{"confirms",
                                      FieldType::word,
                                      true,
                                      "",
                                      "who texts the one confirmation of a STOP",
                                      {},
                                      {},
                                      {"us", "provider"}}};
  const Block b = read_block(n, route_fields(), l.problems, {"opt_out"});
  Route r;
  r.name = l.identifier(n, b, "name", seen);
  r.provider = b.text("provider");
  r.from = b.text("from");
  r.purposes = b.texts("purposes");
  r.prefixes = b.texts("countries");
  if (b.has("segments_per_s")) r.segments_per_s = b.decimal("segments_per_s");
  if (const Node* o = l.map(n, "opt_out", true)) {
    r.opt_out_confirmed_by_us = read_block(*o, opt_out, l.problems).text("confirms") != "provider";
  }
  r.place = n.place;
  check_route(l, n, r, b);
  l.service.routes.push_back(std::move(r));
}
}  // namespace

void load_routes(Loader& l, const Node& top) {
  std::set<std::string> seen;
  for (const Node& n : l.list(top, "providers", true)) read_provider(l, n, seen);
  std::set<std::string> names;
  for (const Node& n : l.list(top, "routes", true)) read_route(l, n, names);
  if (l.service.routes.empty()) return;
  for (const std::string_view purpose : purposes) {
    if (std::none_of(l.service.routes.begin(), l.service.routes.end(),
                     [&](const Route& r) { return carries(r, purpose); })) {
      l.add(top.find("routes")->place, "routes", fmt::format("no route carries {} texts", purpose),
            fmt::format("add {} to the purposes of one, or leave purposes out", purpose));
    }
  }
  for (const ProviderInstance& p : l.service.providers) {
    if (std::none_of(l.service.routes.begin(), l.service.routes.end(),
                     [&](const Route& r) { return r.provider == p.name; })) {
      l.problems.warn(p.place, "providers", fmt::format("{} is on no route", p.name),
                      "add a route for it, or remove it");
    }
  }
}

}  // namespace moodline::config
