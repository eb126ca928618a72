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

Fate World::draw_fate() {
  if (!faults) return Fate::accept;
  if (now < outage_until_) return Fate::outage;
  if (chance(2)) outage_until_ = now + Millis{static_cast<std::int64_t>(dice.below(30)) * hour_ms};
  const auto n = dice.below(1000);
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
  const std::string id = "pm" + std::to_string(++ids_);
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
  if (hook.text_in) acknowledged.push_back({now, hook.event_id, hook.from, hook.text});
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

void World::text_in(const std::string& from, const std::string& text, std::int64_t after_ms) {
  at(now + Millis{after_ms}, [this, from, text] {
    Hook hook;
    hook.event_id = "t" + std::to_string(++ids_);
    hook.text_in = true;
    hook.from = from;
    hook.text = text;
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
  const int person = std::stoi(number.substr(std::string(people_prefix).size())) - first_person;
  if (person < 0 || person >= people()) return;
  const auto soon = static_cast<std::int64_t>(dice.below(120)) * minute_ms;
  if (const auto code = word_after(text, "Text AGREE "); !code.empty()) {
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
  if (text.find("0 to 10?") != std::string::npos) {
    answer_prompt(person);
  } else if (text.find("I was not sure") != std::string::npos && chance(700)) {
    text_in(number, std::to_string(moods_[person]), soon);
  } else if (text.find("no more check-ins") != std::string::npos && chance(500)) {
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
  const auto n = dice.below(1000);
  if (n < 120) return;  // never
  if (n < 600) {
    text_in(number, digits, when);
  } else if (n < 680) {
    text_in(number, "mood " + digits, when);
  } else if (n < 760) {
    text_in(number, number_words[mood], when);
  } else if (n < 820) {
    text_in(number, digits + " saw a " + rare_word() + " today", when);
  } else if (n < 860) {
    text_in(number, "no idea really " + rare_word(), when);
  } else if (n < 900) {
    text_in(number, digits, when);
    text_in(number, digits, when + minute_ms);
  } else if (n < 930) {
    text_in(number, digits, when);
    text_in(number, "sorry i meant " + std::to_string((mood + 3) % 11), when + 5 * minute_ms);
  } else if (n < 975) {
    static constexpr const char* commands[] = {"HELP", "WHO",  "HISTORY",      "UNDO",
                                               "WHY",  "SKIP", "PAUSE 2 DAYS", "TIME 19:30"};
    text_in(number, commands[dice.below(8)], when);
  } else if (n < 985) {
    text_in(number, "i want to kill myself " + rare_word(), when);
  } else {
    text_in(number, "STOP", when);
  }
}

}  // namespace moodline::sim
