#include "tests/sim/world.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace moodline::sim {
namespace {

namespace json = boost::json;

constexpr const char* service_number = "+447700900000";
constexpr int first_person = 200;  // people's numbers are 900200 and up, staff's 900101 to 900104

std::string word_after(const std::string& text, std::string_view marker) {
  const auto at = text.find(marker);
  if (at == std::string::npos) return {};
  const auto from = at + marker.size();
  auto to = from;
  while (to < text.size() && std::isalnum(static_cast<unsigned char>(text[to])) != 0) ++to;
  return text.substr(from, to - from);
}

constexpr const char* number_words[] = {"zero", "one",   "two",   "three", "four", "five",
                                        "six",  "seven", "eight", "nine",  "ten"};
constexpr const char* welsh_words[] = {"sero",   "un",    "dau",  "tri", "pedwar", "pump",
                                       "chwech", "saith", "wyth", "naw", "deg"};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool is_delete_with_code(const std::string& text) {
  return text.starts_with("DELETE ") && text.size() == 11;
}

}  // namespace

World::World(std::uint64_t seed, Instant start, int people)
    : now(start), dice(seed * 0x9E3779B97F4A7C15ULL + 1), seed_(seed) {
  for (int i = 0; i < people; ++i) moods_.push_back(static_cast<int>(3 + dice.below(6)));
  // As they are written anywhere, with or without the country before them. The service's own number
  // is known to all.
  const auto digits = [&](std::string_view e164) { secrets.emplace_back(e164.substr(3)); };
  for (const char* staff : {"+447700900101", "+447700900102", "+447700900103"}) digits(staff);
  for (int i = 0; i < people; ++i) digits(number_of(i));
}

int World::newcomer() {
  moods_.push_back(static_cast<int>(3 + dice.below(6)));
  secrets.emplace_back(number_of(people() - 1).substr(3));
  return people() - 1;
}

std::string World::rare_word() {
  Dice letters(seed_ ^ (secrets.size() << 32U));
  std::string word = "zeb";
  for (int i = 0; i < 4; ++i) word += letters.word(1, "bdfgkmprtvz") + letters.word(1, "aeiou");
  secrets.push_back(word);
  return word;
}

std::string World::number_of(int person) {
  return std::string(people_prefix) + std::to_string(first_person + person);
}

int World::person_of(const std::string& number) {
  if (!number.starts_with(people_prefix)) return -1;
  const int n = std::stoi(number.substr(std::string(people_prefix).size())) - first_person;
  return n < 0 ? -1 : n;
}

void World::at(Instant t, std::function<void()> what) {
  events_.emplace(std::pair{std::max(t, now).ms, ++sequence_}, std::move(what));
}

std::optional<Instant> World::next() const {
  if (events_.empty()) return std::nullopt;
  return Instant{events_.begin()->first.first};
}

void World::run_due() {
  while (!events_.empty() && events_.begin()->first.first <= now.ms) {
    auto node = events_.extract(events_.begin());
    node.mapped()();
  }
}

void World::trace(std::string_view what) {
  const std::string line = std::to_string(now.ms) + " " + std::string(what) + "\n";
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  ++traced_;
}

// ---- The provider ----

Fate World::draw_fate(std::size_t way) {
  if (!faults) return Fate::accept;
  Instant& until = outage_until_.at(way);
  if (now < until) return Fate::outage;
  if (chance(2)) until = now + Millis{static_cast<std::int64_t>(dice.below(30)) * hour_ms};
  const auto n = dice.below(1000);
  if (n < 1) return Fate::account;
  if (n < 860) return Fate::accept;
  if (n < 900) return Fate::accept_lost;
  if (n < 920) return Fate::lost_before;
  if (n < 950) return Fate::no_connection;
  if (n < 975) return Fate::slow_down;
  if (n < 990) return Fate::outage;
  return Fate::refuse;
}

std::string World::take(std::size_t index) {
  const Handed h = handed[index];
  std::string id = "pm" + std::to_string(++ids_);
  const std::int64_t travel = 1000 + static_cast<std::int64_t>(dice.below(8000));
  at(now + Millis{travel}, [this, index] {
    handed[index].reached = true;
    trace("shown " + handed[index].to + " " + handed[index].text);
    phone_shows(handed[index]);
  });
  const bool untold = faults && chance(60);  // no receipt ever
  if (!untold) receipt(h, id, "delivered", travel + 500);
  if (faults && chance(100)) receipt(h, id, "delivered", 0);  // before we are told of acceptance
  if (faults && chance(100)) receipt(h, id, "delivered", travel + 60 * second_ms);
  if (chance(300)) receipt(h, id, "sent", faults ? travel + 5 * second_ms : 500);
  return id;
}

void World::receipt(const Handed& h, const std::string& id, const std::string& status,
                    std::int64_t after_ms) {
  Hook hook;
  hook.provider = providers.at(h.way);
  hook.event_id = "r" + std::to_string(++ids_);
  hook.body = json::serialize(json::object{{"type", "dlr"},
                                           {"event_id", hook.event_id},
                                           {"id", id},
                                           {"reference", h.reference},
                                           {"status", status},
                                           {"from", service_number},
                                           {"to", h.to},
                                           {"at", to_iso(now + Millis{after_ms})}});
  send(std::move(hook), after_ms);
}

void World::send(Hook hook, std::int64_t after_ms) {
  at(now + Millis{after_ms}, [this, hook = std::move(hook)] { carry(hook); });
}

void World::answered(const Hook& hook, int status) {
  trace("hook " + hook.event_id + " " + std::to_string(status));
  if (status < 200 || status > 299) {
    unanswered(hook);
    return;
  }
  if (hook.text_in) {
    acknowledged.push_back({now, hook.provider, hook.event_id, hook.from, hook.text, hook.typed_at,
                            leaving && leaving(hook.from)});
    if (is_delete_with_code(hook.text) && deleted) deleted(hook.from);
  }
  if (faults && chance(50)) {  // our 2xx was lost on its way
    Hook again = hook;
    again.text_in = false;  // acknowledged already; a repeat changes nothing
    send(again, 30 * second_ms);
  }
}

void World::unanswered(Hook hook) {
  hook.tries += 1;
  const std::int64_t wait =
      std::min<std::int64_t>(30 * minute_ms, (5 * second_ms) << std::min(hook.tries, 10));
  send(std::move(hook), wait);
}

// ---- Phones ----

void World::text_in(const std::string& from, const std::string& text, std::int64_t after_ms,
                    Meant what) {
  at(now + Millis{after_ms}, [this, from, text, what] {
    Hook hook;
    hook.provider = providers.at(chance(100) ? 1 : 0);
    hook.event_id = "t" + std::to_string(++ids_);
    meant[hook.event_id] = what;
    hook.text_in = true;
    hook.from = from;
    hook.text = text;
    hook.typed_at = now;
    hook.body = json::serialize(json::object{{"type", "mo"},
                                             {"event_id", hook.event_id},
                                             {"from", from},
                                             {"to", service_number},
                                             {"text", text},
                                             {"at", to_iso(now)}});
    trace("typed " + from + " " + text);
    send(std::move(hook), 500 + static_cast<std::int64_t>(dice.below(4000)));
  });
}

void World::phone_shows(const Handed& h) {
  const bool staff = h.to.starts_with("+44770090010");
  if (staff) {
    staff_reads(h.to, h.text);
  } else {
    person_reads(h.to, h.text);
  }
}

void World::staff_reads(const std::string& number, const std::string& text) {
  const auto soon = [this] {
    return minute_ms + static_cast<std::int64_t>(dice.below(90)) * minute_ms;
  };
  if (const auto code = word_after(text, "Text ACCEPT "); !code.empty()) {
    text_in(number, "ACCEPT " + code, soon());
    return;
  }
  std::string code = word_after(text, "Check-in ");
  if (code.empty()) code = word_after(text, "URGENT ");
  if (code.empty()) return;
  if (people_answer && chance(250)) return;  // silent
  const std::int64_t when = soon();
  text_in(number, "ACK " + code, when);
  if (chance(800)) {
    text_in(number, "DONE " + code + " seen " + rare_word(), when + 3 * hour_ms);
  }
  if (faults && chance(20)) text_in(number, "OFF UNTIL MONDAY", when + hour_ms);
}

void World::person_reads(const std::string& number, const std::string& text) {
  const int person = person_of(number);
  if (person < 0 || person >= people()) return;
  const auto soon = static_cast<std::int64_t>(dice.below(120)) * minute_ms;
  if (const auto code = word_after(text, "DELETE "); code.size() == 4) {
    text_in(number, "DELETE " + (chance(100) ? "0000" : code), soon, {true, {}});
    return;
  }
  auto code = word_after(text, "Text AGREE ");
  if (code.empty()) code = word_after(text, "Tecstiwch AGREE ");
  if (code.empty()) code = word_after(text, "y namau. AGREE ");  // the invitation in Welsh
  if (!code.empty()) {
    if (!people_answer) return;
    const bool rule = code.starts_with("L");
    if (rule && chance(100)) {
      text_in(number, "DISAGREE " + code, soon);
    } else if (rule || !chance(50)) {
      text_in(number, "AGREE " + code, soon);
    }
    return;
  }
  if (!people_answer) return;
  if (has(text, "0 to 10?") || has(text, "0 i 10?")) {
    answer_prompt(person);
  } else if ((has(text, "I was not sure") || has(text, "nid oeddem yn siwr")) && chance(700)) {
    text_in(number, std::to_string(moods_[person]), soon, {true, moods_[person]});
  } else if ((has(text, "no more check-ins") || has(text, "Ni ddaw rhagor")) && chance(500)) {
    text_in(number, "START", static_cast<std::int64_t>(1 + dice.below(5)) * day_ms);
  }
}

void World::answer_prompt(int person) {
  int& mood = moods_[static_cast<std::size_t>(person)];
  mood = std::clamp(mood + static_cast<int>(dice.below(5)) - 2, 0, 10);
  if (chance(60)) mood = 2;  // a low spell begins
  const std::string number = number_of(person);
  const std::string digits = std::to_string(mood);
  std::int64_t when = minute_ms + static_cast<std::int64_t>(dice.below(150)) * minute_ms;
  if (chance(100)) when = static_cast<std::int64_t>(dice.below(40)) * hour_ms;  // late
  const Meant value{true, mood};
  const bool cy = welsh(person);
  const auto n = dice.below(1000);
  if (n < 120) return;  // never
  if (n < 600) {
    text_in(number, digits, when, value);
  } else if (n < 680) {
    text_in(number, (cy ? "hwyliau " : "mood ") + digits, when, value);
  } else if (n < 760) {
    text_in(number, cy ? welsh_words[mood] : number_words[mood], when, value);
  } else if (n < 820) {
    text_in(number, digits + (cy ? " gwelais " : " saw a ") + rare_word(), when, value);
  } else if (n < 860) {
    text_in(number, (cy ? "dim syniad " : "no idea really ") + rare_word(), when, {true, {}});
  } else if (n < 900) {
    text_in(number, digits, when, value);
    text_in(number, digits, when + minute_ms, value);
  } else {
    oddly(person, when);
  }
}

// A second thought, a command, words of danger, or an end.
void World::oddly(int person, std::int64_t when) {
  const int mood = moods_[static_cast<std::size_t>(person)];
  const std::string number = number_of(person);
  const bool cy = welsh(person);
  const Meant none{true, {}};
  const auto n = dice.below(100);
  if (n < 30) {
    const int second = (mood + 3) % 11;
    text_in(number, std::to_string(mood), when, {true, mood});
    text_in(number, (cy ? "sori " : "sorry i meant ") + std::to_string(second),
            when + 5 * minute_ms, {true, second});
  } else if (n < 70) {
    static constexpr const char* commands[] = {"HELP", "WHO",  "HISTORY",      "UNDO",
                                               "WHY",  "SKIP", "PAUSE 2 DAYS", "TIME 19:30"};
    static constexpr const char* in_welsh[] = {"cymorth", "pwy",   "hanes",        "dadwneud",
                                               "pam",     "pasio", "PAUSE 2 DAYS", "amser 19:30"};
    const auto which = dice.below(8);
    text_in(number, cy ? in_welsh[which] : commands[which], when, none);
  } else if (n < 80) {
    text_in(number, (cy ? "dwi isio marw " : "i want to kill myself ") + rare_word(), when, none);
  } else if (n < 93) {
    text_in(number, cy ? "STOPIO" : "STOP", when, none);
  } else {
    text_in(number, cy ? "DILEU" : "DELETE", when, none);
  }
}

void World::phone_of_erased(const std::string& number) {
  const auto days = [this] { return static_cast<std::int64_t>(1 + dice.below(4)) * day_ms; };
  if (chance(400)) text_in(number, "7 " + rare_word(), days(), {true, {}});
  if (chance(200)) text_in(number, "HELP", days(), {true, {}});
}

}  // namespace moodline::sim
