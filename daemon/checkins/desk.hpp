// Desk: one person's record on the table, for one transaction: reads what is needed, queues texts
// to them, and writes the record back once. Thread: the store's.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/checkins/setting.hpp"
#include "rules/base/zones.hpp"

namespace moodline::checkins {

using TextValues = std::map<std::string, std::string>;

/// So many answers to one person within the hour; then only crisis, HELP and STOP are answered.
constexpr int answers_max = 40;
constexpr Millis answers_within{3'600'000};

class Desk {
 public:
  Desk(store::Tx& tx, const Setting& s, store::Person person);

  store::Tx& tx;
  const Setting& s;
  store::Person person;

  [[nodiscard]] const Zone& zone() const { return zone_; }
  /// The person's local date now; before 04:00 the evening before counts.
  [[nodiscard]] LocalDate today() const;
  [[nodiscard]] const config::Programme* programme() const;
  [[nodiscard]] const config::LanguageWords& words() const;
  /// "Tue" or, for today, the language's word for it.
  [[nodiscard]] std::string day_name(LocalDate d) const;
  /// A measure's name in the person's language.
  [[nodiscard]] std::string measure_name(std::string_view measure) const;

  /// Queues an answer to what they just texted. `values` gains the service's common values.
  void reply(std::string_view template_name, TextValues values = {},
             store::Purpose purpose = store::Purpose::reply);
  /// Queues a text we start ourselves. `dedupe` makes a second one of the same intent harmless.
  void tell(std::string_view template_name, TextValues values, store::Purpose purpose,
            std::string dedupe);
  void note(std::string_view action, std::string detail = {});
  void save();

 private:
  [[nodiscard]] bool answered_enough() const;
  store::Message base(std::string_view template_name, TextValues values, store::Purpose purpose);
  Zone zone_;
};

/// 0 is first: crisis, then stop confirmations, alerts, replies, prompts, notices, digests.
int priority_of(store::Purpose p);
/// What every text may use: {service}, {contact_name}, {contact_number}, {reads}, {crisis}.
TextValues common_values(const config::Service& service, const std::string& language);
/// Queues a message; false where its dedupe key is taken.
bool queue(store::Tx& tx, store::Message m);
/// Day a wall-clock moment belongs to: times before 04:00 belong to the evening before.
LocalDate day_of(const Zone& zone, Instant t);

}  // namespace moodline::checkins
