#include "daemon/control/actions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "rules/base/e164.hpp"

namespace moodline::control {
namespace {

constexpr int people_searched_max = 100'000;

std::vector<Action> gather() {
  std::vector<Action> all;
  for (auto part : {people_actions(), alert_actions(), text_actions(), agreement_actions(),
                    service_actions(), rehearse_actions(), record_actions(), access_actions(),
                    leaving_actions(), opt_out_actions()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end(),
            [](const Action& a, const Action& b) { return a.name < b.name; });
  return all;
}

}  // namespace

const std::vector<Action>& actions() {
  static const std::vector<Action> all = gather();
  return all;
}

const Action* find_action(std::string_view name) {
  const auto& all = actions();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Action& a) { return a.name == name; });
  return it == all.end() ? nullptr : &*it;
}

std::string text_arg(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string{};
}

std::int64_t number_arg(const json::object& o, std::string_view name, std::int64_t fallback) {
  const json::value* v = o.if_contains(name);
  if (v == nullptr) return fallback;
  if (v->is_int64()) return v->get_int64();
  if (v->is_uint64()) return static_cast<std::int64_t>(v->get_uint64());
  return fallback;
}

bool flag_arg(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  return v != nullptr && v->is_bool() && v->get_bool();
}

Result<bool> yes_or_no(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  if (v != nullptr && v->is_bool()) return v->get_bool();
  const std::string word = text_arg(o, name);
  if (word == "yes" || word == "no") return word == "yes";
  return fault("bad_argument", std::string(name) + ": write yes or no");
}

Result<std::string> needed_arg(const json::object& o, std::string_view name) {
  std::string text = text_arg(o, name);
  if (text.empty()) return fault("bad_argument", fmt::format("\"{}\" is missing", name));
  return text;
}

Result<store::Person> person_arg(ActionContext& c, const json::object& args) {
  const auto who = needed_arg(args, "person");
  if (!who) return tl::unexpected(who.error());
  if (auto p = c.tx.person_by_key(*who)) return std::move(*p);
  if (const auto plan = number_plan(c.s.service.settings.country)) {
    if (const auto number = E164::parse(*who, *plan)) {
      if (auto p = c.tx.person_by_number(number->str())) return std::move(*p);
    }
  }
  std::optional<store::Person> found;
  for (const store::RowId id : c.tx.person_ids(0, people_searched_max)) {
    auto p = c.tx.person(id);
    if (!p || p->display != *who || p->status == store::PersonStatus::erased) continue;
    if (found) {
      return fault("ambiguous", fmt::format("more than one person is called \"{}\"; use the key "
                                            "that `moodline person list` shows",
                                            *who));
    }
    found = std::move(p);
  }
  if (found) return std::move(*found);
  return fault("no_such_person",
               fmt::format("nobody here is \"{}\"; see `moodline person list`", *who));
}

Result<void> set_safe_window(std::string_view text, std::optional<TimeOfDay>& from,
                             std::optional<TimeOfDay>& to) {
  if (text == "none") {
    from.reset();
    to.reset();
    return {};
  }
  const auto dash = text.find('-');
  const auto opens = time_from_hm(text.substr(0, dash));
  const auto closes =
      dash == std::string_view::npos ? std::nullopt : time_from_hm(text.substr(dash + 1));
  if (!opens || !closes || *opens >= *closes) {
    return fault("bad_argument", "safe: write a window such as \"18:00-20:30\", or none");
  }
  from = opens;
  to = closes;
  return {};
}

void looked(ActionContext& c, const store::Person& p, std::string_view action) {
  constexpr Millis one_look{3'600'000};
  if (c.actor == demo_screen) return;
  const auto last = c.tx.last_audit(p.id, c.actor, action);
  if (last && *last <= c.s.now && c.s.now - *last < one_look) return;
  checkins::audit(c.tx, c.s, c.actor, action, p.key, p.id);
}

json::value or_null(const std::optional<Instant>& t) {
  if (!t) return nullptr;
  if (*t == Instant::max()) return "open";
  return json::value(to_iso(*t));
}

Result<json::value> run_action(ActionContext& c, std::string_view name, const json::object& args) {
  const Action* a = find_action(name);
  if (a == nullptr) {
    return fault("no_such_action", fmt::format("there is no action \"{}\"", name));
  }
  return a->run(c, args);
}

}  // namespace moodline::control
