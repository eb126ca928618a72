#include "daemon/checkins/clock_jump.hpp"

#include <fmt/format.h>

#include <charconv>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

// Not there or empty: no hold. "hold N T": people up to this id know, T (ms) is when the clock was
// last right. "all": everybody knows. "ok N": the hold is over for people up to this id.
constexpr std::string_view hold_setting = "clock.hold";
constexpr std::string_view hold_word = "hold ";
constexpr std::string_view ok_word = "ok ";
constexpr std::string_view timer_kind = "clock";
constexpr std::string_view timer_key = "ok";

std::string hold_of(store::ReadTx& tx) {
  return tx.setting(hold_setting).value_or("");
}

struct Progress {
  store::RowId after = 0;
  Instant at;
};

/// Of "hold N T" or "ok N"; nothing where `state` is another.
std::optional<Progress> progress(std::string_view state, std::string_view word) {
  if (!state.starts_with(word)) return std::nullopt;
  const char* const end = state.data() + state.size();
  Progress p;
  const char* at = std::from_chars(state.data() + word.size(), end, p.after).ptr;
  if (at != end) std::from_chars(at + 1, end, p.at.ms);
  return p;
}

void put_timer(store::Tx& tx, Instant due) {
  tx.put(store::Timer{0, std::string(timer_kind), std::string(timer_key), 0, due});
}

/// One entry in the log of some people after `after`; the last one's id, or 0 at the end.
store::RowId tell_some(store::Tx& tx, const Setting& s, store::RowId after, const char* type) {
  const auto ids = tx.person_ids(after, clock_people_at_once);
  for (const store::RowId id : ids) {
    auto person = tx.person(id);
    if (!person || person->status == store::PersonStatus::erased) continue;
    Desk desk(tx, s, std::move(*person));
    PersonEvent entry;
    entry.type = type;
    entry.at = s.now;
    learn(desk, {entry});
  }
  return static_cast<int>(ids.size()) < clock_people_at_once ? 0 : ids.back();
}

}  // namespace

bool clock_held(store::ReadTx& tx) {
  return !hold_of(tx).empty();
}

bool hold_unfinished(store::ReadTx& tx) {
  return progress(hold_of(tx), hold_word).has_value();
}

void clock_jumped(store::Tx& tx, const Setting& s, Millis by) {
  // A release that was under way is undone from the first person on.
  const Instant right = by.count() > 0 ? s.now - by : s.now;
  if (hold_of(tx) != "all") {
    tx.put_setting(hold_setting, fmt::format("{}0 {}", hold_word, right.ms));
  }
  put_timer(tx, s.now + clock_steady_for);
  audit(tx, s, "system", "clock.jumped", fmt::format("{} s", by.count() / 1000), 0);
  tell_admin(tx, s, "admin-clock", {}, "clock");
}

bool hold_some(store::Tx& tx, const Setting& s) {
  const auto p = progress(hold_of(tx), hold_word);
  if (!p) return false;
  // As of when the clock was right: by the time it shows now, deadlines would have passed.
  const Setting then{s.service, s.reader, p->at, s.dice};
  const store::RowId last = tell_some(tx, then, p->after, "clock_jump");
  tx.put_setting(hold_setting,
                 last == 0 ? "all" : fmt::format("{}{} {}", hold_word, last, p->at.ms));
  return last != 0;
}

void clock_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  if (!clock_held(tx)) {
    tx.drop_timer(timer.kind, timer.key);
    return;
  }
  const auto p = progress(hold_of(tx), ok_word).value_or(Progress{});
  const store::RowId last = tell_some(tx, s, p.after, "clock_ok");
  if (last != 0) {
    tx.put_setting(hold_setting, fmt::format("{}{}", ok_word, last));
    return put_timer(tx, s.now);
  }
  tx.drop_timer(timer.kind, timer.key);
  tx.put_setting(hold_setting, "");
  audit(tx, s, "system", "clock.steady", "service", 0);
}

bool clock_is_right(store::Tx& tx, const Setting& s) {
  if (!clock_held(tx)) return false;
  put_timer(tx, s.now);
  return true;
}

}  // namespace moodline::checkins
