#include "daemon/records/csv.hpp"
#include "daemon/records/person_data.hpp"

namespace moodline::records {
namespace {

using store::Person;

constexpr int people_max = 1'000'000;
constexpr std::size_t pseudonym_letters = 14;  // of 26 or more: nobody guesses one
constexpr const char* pseudonym_field = "pseudonym";

struct Counts {
  int asked = 0;
  int delivered = 0;
  int answered_days = 0;
  int readings = 0;
  int alerts = 0;
  int acknowledged = 0;
  int done = 0;
};

Counts counts_of(store::ReadTx& tx, const Person& p) {
  Counts c;
  for (const store::Prompt& q : tx.prompts_of(p.id, Instant{0})) {
    c.asked += q.sent_at ? 1 : 0;
    c.delivered += q.status == store::PromptStatus::delivered ? 1 : 0;
  }
  std::optional<LocalDate> last;
  for (const store::Reading& r : tx.readings_of(p.id, Instant{0})) {
    if (r.corrected_by != 0) continue;
    ++c.readings;
    if (!last || *last != r.local_day) ++c.answered_days;
    last = r.local_day;
  }
  for (const store::Alert& a : tx.alerts_of(p.id)) {
    ++c.alerts;
    c.acknowledged += a.acked_at ? 1 : 0;
    c.done += a.done_at ? 1 : 0;
  }
  return c;
}

// A week is as exact as a date gets here.
std::string week_of(const std::optional<Instant>& t) {
  if (!t) return {};
  const LocalDate d{static_cast<std::int32_t>(t->ms / 86'400'000)};
  return to_iso(d - static_cast<int>(d.weekday()));
}

// Drawn at the first export and kept with the record, sealed under the person's own key: it
// outlives every change of the master key, says nothing of the person, and goes when they are
// erased.
std::string pseudonym_of(store::Tx& tx, Dice& dice, Person& p) {
  std::string& code = p.extra[pseudonym_field];
  if (code.empty()) {
    code = dice.word(pseudonym_letters, clear_alphabet);
    tx.put(p);
  }
  return code;
}

}  // namespace

std::string evaluation_csv(store::Tx& tx, Dice& dice) {
  static constexpr const char* names[] = {"invited",    "active",   "stopped", "wrong_number",
                                          "discharged", "deceased", "erased"};
  std::string out = csv_row({"pseudonym", "programme", "language", "status", "invited_week",
                             "agreed_week", "sharing", "agreements", "asked", "delivered",
                             "readings", "days_answered", "alerted", "acknowledged", "done"});
  for (const store::RowId id : tx.person_ids(0, people_max)) {
    auto p = tx.person(id);
    if (!p || p->status == store::PersonStatus::erased) continue;
    const Counts c = counts_of(tx, *p);
    int agreed = 0;
    for (const store::Agreement& a : tx.agreements_of(id)) {
      agreed += a.status == store::AgreementStatus::agreed ? 1 : 0;
    }
    const auto n = [](int v) { return std::to_string(v); };
    out +=
        csv_row({pseudonym_of(tx, dice, *p), p->programme, p->language,
                 names[static_cast<int>(p->status)], week_of(p->created_at), week_of(p->agreed_at),
                 p->sharing ? "yes" : "no", n(agreed), n(c.asked), n(c.delivered), n(c.readings),
                 n(c.answered_days), n(c.alerts), n(c.acknowledged), n(c.done)});
  }
  return out;
}

}  // namespace moodline::records
