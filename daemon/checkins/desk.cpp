#include "daemon/checkins/desk.hpp"

#include <algorithm>

#include "daemon/checkins/consequences.hpp"

namespace moodline::checkins {
namespace {

constexpr TimeOfDay day_start = TimeOfDay::hm(4, 0);

Zone zone_of(const store::Person& p) {
  // A zone that left the system's tzdata must not stop a person's record from being read.
  return Zone::find(p.zone).value_or(Zone::utc());
}

}  // namespace

int priority_of(store::Purpose p) {
  switch (p) {
    case store::Purpose::crisis:
      return 0;
    case store::Purpose::stop_confirmation:
      return 1;
    case store::Purpose::alert:
    case store::Purpose::escalation:
      return 2;
    case store::Purpose::reply:
    case store::Purpose::practitioner_reply:
    case store::Purpose::admin:
      return 3;
    case store::Purpose::invitation:
    case store::Purpose::agreement:
      return 4;
    case store::Purpose::prompt:
    case store::Purpose::reminder:
      return 5;
    case store::Purpose::notice:
    case store::Purpose::person_notice:
      return 6;
    case store::Purpose::digest:
    case store::Purpose::webhook:
      return 8;
  }
  return 9;
}

TextValues common_values(const config::Service& service, const std::string& language) {
  const config::Settings& st = service.settings;
  const auto in_language = [&](const config::Wording& w) {
    const auto it = w.find(service.language_or_default(language));
    return it == w.end() ? std::string{} : it->second;
  };
  return {{"service", st.name},
          {"contact_name", st.contacts.person_name},
          {"contact_number", st.contacts.person_number},
          {"reads", in_language(st.texts_are_read)},
          {"crisis", in_language(st.crisis)}};
}

bool queue(store::Tx& tx, store::Message m) {
  m.priority = priority_of(m.purpose);
  return tx.put(m).has_value();
}

LocalDate day_of(const Zone& zone, Instant t) {
  const LocalTime local = zone.local(t);
  return local.time < day_start ? local.date - 1 : local.date;
}

Desk::Desk(store::Tx& tx_in, const Setting& s_in, store::Person p)
    : tx(tx_in), s(s_in), person(std::move(p)), zone_(zone_of(person)) {}

LocalDate Desk::today() const {
  return day_of(zone_, s.now);
}

const config::Programme* Desk::programme() const {
  return s.service.programme(person.programme);
}

const config::LanguageWords& Desk::words() const {
  return s.service.words(person.language);
}

std::string Desk::day_name(LocalDate d) const {
  const auto& w = words();
  if (d == today()) return w.word("today");
  const auto i = static_cast<std::size_t>(d.weekday());
  return i < w.weekdays.size() ? w.weekdays[i] : std::string(short_name(d.weekday()));
}

std::string Desk::measure_name(std::string_view id) const {
  const config::Measure* m = s.service.measure_of_component(id);
  if (m == nullptr) return std::string(id);
  const auto it = m->name.find(s.service.language_or_default(person.language));
  return it == m->name.end() ? m->id : it->second;
}

store::Message Desk::base(std::string_view template_name, TextValues values,
                          store::Purpose purpose) {
  store::Message m;
  m.person = person.id;
  m.purpose = purpose;
  m.to = person.number;
  m.language = person.language;
  m.template_name = template_name;
  m.values = common_values(s.service, person.language);
  for (auto& [k, v] : values) m.values[k] = std::move(v);
  m.due_at = s.now;
  m.created_at = s.now;
  return m;
}

void Desk::reply(std::string_view template_name, TextValues values, store::Purpose purpose) {
  if (purpose == store::Purpose::reply && template_name != "help" && answered_enough()) {
    note("reply.capped", std::string(template_name));
    return;
  }
  queue(tx, base(template_name, std::move(values), purpose));
}

// A bound on answers, whatever is on the other side: two machines never talk for long.
bool Desk::answered_enough() const {
  int answers = 0;
  for (const store::Message& m : tx.messages_of(person.id, s.now - answers_within)) {
    answers += m.purpose == store::Purpose::reply && m.created_at > s.now - answers_within ? 1 : 0;
  }
  return answers >= answers_max;
}

void Desk::tell(std::string_view template_name, TextValues values, store::Purpose purpose,
                std::string dedupe) {
  store::Message m = base(template_name, std::move(values), purpose);
  m.dedupe = std::move(dedupe);
  queue(tx, std::move(m));
}

void Desk::note(std::string_view action, std::string detail) {
  audit(tx, s, "person", action, person.key, person.id, std::move(detail));
}

void Desk::save() {
  person.updated_at = s.now;
  tx.put(person);
}

}  // namespace moodline::checkins
