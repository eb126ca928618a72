// The provider's own opt-out list against ours, both ways.
#include <fmt/format.h>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/control/actions.hpp"
#include "daemon/records/opt_out_list.hpp"
#include "rules/base/e164.hpp"

namespace moodline::control {
namespace {

constexpr int people_read_at_once = 500;

// What stands on one list and not on the other.
struct Differences {
  int both = 0;
  std::vector<std::string> theirs;  // numbers on their list, not on ours
  json::array people_theirs;        // of those, the ones we know
  json::array ours;                 // people on our list, not on theirs
  std::vector<std::string> lifted;  // numbers that only their block had put on ours
};

void compare_theirs(ActionContext& c, const std::set<std::string>& numbers, Differences& d) {
  for (const std::string& number : numbers) {
    if (c.tx.opt_out(number)) {
      ++d.both;
      continue;
    }
    d.theirs.push_back(number);
    if (const auto p = c.tx.person_by_number(number)) {
      d.people_theirs.push_back({{"key", p->key}, {"as", p->display}});
    }
  }
}

// Our list holds keyed hashes: only of people who are here can the number still be said.
void compare_ours(ActionContext& c, const std::set<std::string>& numbers, Differences& d) {
  store::RowId after = 0;
  while (true) {
    const auto ids = c.tx.person_ids(after, people_read_at_once);
    if (ids.empty()) return;
    after = ids.back();
    for (const store::RowId id : ids) {
      const auto p = c.tx.person(id);
      if (!p || p->status == store::PersonStatus::erased || numbers.contains(p->number)) continue;
      const auto ours = c.tx.opt_out(p->number);
      if (!ours) continue;
      const bool theirs_alone = ours->source == "provider";
      if (theirs_alone) d.lifted.push_back(p->number);
      d.ours.push_back(
          {{"key", p->key},
           {"as", p->display},
           {"number", p->number},
           {"since", to_iso(ours->at)},
           {"why", theirs_alone ? "the provider's block, which is gone" : ours->source}});
    }
  }
}

void take(ActionContext& c, providers::EventType type, const std::vector<std::string>& numbers) {
  for (const std::string& number : numbers) {
    checkins::take_opt_event(c.tx, c.s, {.type = type, .from = number});
  }
}

json::array lines_of(const std::vector<int>& lines) {
  json::array out;
  for (const int line : lines) out.push_back(line);
  return out;
}

Result<json::value> reconcile(ActionContext& c, const json::object& args) {
  const auto name = needed_arg(args, "provider");
  if (!name) return tl::unexpected(name.error());
  if (c.s.service.provider(*name) == nullptr) {
    return fault("no_such_provider", fmt::format("service.yaml has no provider \"{}\"", *name));
  }
  const auto text = needed_arg(args, "list");
  if (!text) return tl::unexpected(text.error());
  const auto plan = number_plan(c.s.service.settings.country);
  if (!plan) return tl::unexpected(plan.error());
  const auto list = records::read_opt_out_list(
      *text, {*plan, text_arg(args, "column"), flag_arg(args, "international")});
  if (!list) return tl::unexpected(list.error());
  Differences d;
  compare_theirs(c, list->numbers, d);
  compare_ours(c, list->numbers, d);
  // A line that cannot be read may be the number that would seem to be gone.
  const bool whole = list->unread.empty();
  if (!whole) d.lifted.clear();
  const bool apply = flag_arg(args, "apply");
  if (apply) {
    take(c, providers::EventType::opt_out, d.theirs);
    take(c, providers::EventType::opt_in, d.lifted);
    checkins::audit(c.tx, c.s, c.actor, "opt_out.reconcile", *name, 0,
                    fmt::format("{} added, {} lifted", d.theirs.size(), d.lifted.size()));
  }
  return json::value{{"provider", *name},
                     {"column", list->column},
                     {"numbers", list->numbers.size()},
                     {"lines_without_a_number", lines_of(list->unread)},
                     {"on_both", d.both},
                     {"on_theirs_alone", d.theirs.size()},
                     {"their_block_gone", d.lifted.size()},
                     {"applied", apply},
                     {"people_on_theirs_alone", std::move(d.people_theirs)},
                     {"people_on_ours_alone", std::move(d.ours)}};
}

// Whether a number has said STOP, before somebody texts it past the service.
Result<json::value> opted_out(ActionContext& c, const json::object& args) {
  const auto typed = needed_arg(args, "number");
  if (!typed) return tl::unexpected(typed.error());
  const auto plan = number_plan(c.s.service.settings.country);
  if (!plan) return tl::unexpected(plan.error());
  const auto number = E164::typed(*typed, *plan);
  if (!number) return tl::unexpected(number.error());
  const auto row = c.tx.opt_out(number->str());
  json::object o{{"opted_out", row.has_value()}};
  o["since"] = row ? json::value(to_iso(row->at)) : json::value(nullptr);
  o["source"] = row ? row->source : std::string{};
  return json::value(std::move(o));
}

}  // namespace

std::vector<Action> opt_out_actions() {
  return {{"person.opted_out", "whether a number has said STOP", true, opted_out},
          {"person.opt_outs", "compare a provider's opt-out list with ours (apply: take it over)",
           true, reconcile}};
}

}  // namespace moodline::control
