#include "daemon/checkins/retention.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace moodline::checkins {
namespace {

namespace json = boost::json;

constexpr Millis one_day{86'400'000};
constexpr int log_read_max = 500;

// The newest log entry that is past its time; 0: none is.
store::RowId newest_old_entry(store::Tx& tx, store::RowId person, Instant before) {
  store::RowId last = 0;
  for (const store::LogEntry& e : tx.log_of(person, 0, log_read_max)) {
    if (e.ingested >= before) break;
    last = e.id;
  }
  return last;
}

// Before entries go, the state that they led to is written down where they were.
void write_checkpoint(store::Tx& tx, const Setting& s, store::RowId person) {
  json::object states;
  for (const store::RuleState& r : tx.rule_states_of(person)) {
    states[r.rule] = json::object{{"version", r.version}, {"hash", r.hash}, {"state", r.state}};
  }
  store::LogEntry row{0,     person,       s.now,
                      s.now, "checkpoint", json::serialize(json::object{{"states", states}})};
  tx.append(row);
}

}  // namespace

int drop_old_texts(store::Tx& tx, const Setting& s, int limit) {
  const int days = std::max(1, s.service.settings.retention.texts_days);
  return tx.prune(s.now - days * one_day, s.now, limit);
}

int drop_old_history(store::Tx& tx, const Setting& s, store::RowId person, int limit) {
  const int days = s.service.settings.retention.readings_days;
  if (days <= 0) return 0;
  const Instant before = s.now - days * one_day;
  const store::RowId old = newest_old_entry(tx, person, before);
  if (old > 0) write_checkpoint(tx, s, person);
  return tx.drop_history(person, before, old, limit);
}

}  // namespace moodline::checkins
