// AlertDesk: the notify desk's rows in and out of the store. Thread: the store's.
#pragma once
#include <map>
#include <string>

#include "daemon/checkins/alerts.hpp"

namespace moodline::checkins {

/// How far back ended episodes may still have something to say (a notice, an urgent chase).
constexpr Millis ended_looked_at{30LL * 86'400'000};
constexpr int alerts_loaded_max = 5000;

class AlertDesk {
 public:
  AlertDesk(store::Tx& tx, const Setting& s);
  rules::Desk& desk() { return desk_; }
  /// Facts for a fire of this alert.
  [[nodiscard]] rules::AlertFacts facts(const store::Alert& a, const store::Person& p,
                                        const rules::RulePtr& rule);
  /// Makes the person reachable as a recipient.
  void add_person(const store::Person& p);
  /// Writes back what changed and sets the one "desk" timer.
  void save();

 private:
  void load_recipients();
  void load_alert(const store::Alert& a);
  void load_talk(const std::string& key);

  store::Tx& tx_;
  const Setting& s_;
  rules::Desk desk_;
  std::map<std::string, store::Alert> alerts_;  // by id as text
};

/// The calendar of a practitioner, with what they told us by text (OFF, not yet accepted).
rules::Calendar calendar_of(const config::Practitioner& p,
                            const std::optional<store::PractitionerState>& state, Instant now);

/// One text for one message of the desk, to a practitioner or to the person.
void queue_desk_message(store::Tx& tx, const Setting& s, const rules::Message& m);

}  // namespace moodline::checkins
