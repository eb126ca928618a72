// The story of `moodline demo --script`: a fortnight of evenings, told from what phones show.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "daemon/commands/command.hpp"
#include "daemon/commands/demo.hpp"

namespace moodline::commands {
namespace {

namespace asio = boost::asio;
constexpr Millis day{86'400'000};
constexpr Millis step{20};
constexpr int settle_steps = 60;

// Prints what phones receive as it arrives.
void print_texts(wiring::Daemon& d, pages::Handsets& h) {
  h.on_text = [&d](const std::string& number, const std::string& text) {
    const bool person = number == person_number;
    const Zone zone = *Zone::find("Europe/London");
    const LocalTime t = zone.local(d.gateway().clock.now());
    std::cout << fmt::format("  {} {}  -> {}  {}\n", short_name(t.date.weekday()),
                             to_hm({t.time.s / 60 * 60}),
                             person                          ? "MJ's phone "
                             : number == practitioner_number ? "Sam's phone"
                                                             : "other phone",
                             text);
  };
}

// Lets everything that is due now happen.
asio::awaitable<void> settle(wiring::Daemon& d) {
  for (int i = 0; i < settle_steps; ++i) co_await d.gateway().monotonic.sleep_for(step);
}

// Moves on from one due row to the next, so that nothing is late, and stops at `t`.
asio::awaitable<void> go_to(wiring::Daemon& d, Instant t) {
  constexpr int stops_max = 500;
  for (int i = 0; i < stops_max; ++i) {
    std::optional<Instant> next;
    d.gateway().store.read([&next](store::ReadTx& tx) {
      next = tx.next_timer_due();
      const auto text = tx.next_message_due();
      if (text && (!next || *text < *next)) next = text;
    });
    if (!next || *next >= t) break;
    d.scaled_clock()->jump_to(*next);
    for (int n = 0; n < 4; ++n) co_await d.gateway().monotonic.sleep_for(step);
  }
  d.scaled_clock()->jump_to(t);
  co_await settle(d);
}

asio::awaitable<void> says(wiring::Daemon& d, pages::Handsets& h, const char* number,
                           const char* who, std::string text) {
  std::cout << "            <- " << who << " texts: " << text << "\n";
  const int status = co_await h.type(number, std::move(text));
  if (status != 200) std::cout << "     (the webhook answered " << status << ")\n";
  co_await settle(d);
}

// The word after `before` in the newest text that a phone received; `start`: only at its start.
std::string last_code(pages::Handsets& h, const char* number, std::string_view before,
                      bool start = false) {
  const auto& texts = h.texts(number);
  for (auto it = texts.rbegin(); it != texts.rend(); ++it) {
    const auto at = it->text.find(before);
    if (it->from_phone || at == std::string::npos || (start && at != 0)) continue;
    std::string code;
    for (std::size_t i = at + before.size();
         i < it->text.size() && it->text[i] != ' ' && it->text[i] != '.' && it->text[i] != ',' &&
         it->text[i] != ':';
         ++i) {
      code += it->text[i];
    }
    return code;
  }
  return {};
}

// Built outside the coroutines: gcc 12 miscompiles initializer lists inside them.
boost::json::object enrolment() {
  boost::json::object o;
  o["number"] = person_number;
  o["as"] = "MJ";
  o["programme"] = "evening-mood";
  o["practitioner"] = "sam";
  o["agreed_with"] = "Sam Reed";
  o["agreed_on"] = "2026-03-02";
  o["track"] = boost::json::object{{"mood", "to get through the evenings"}};
  o["rules"] = boost::json::array{"low-streak"};
  return o;
}

boost::json::object about_mj() {
  return {{"person", "MJ"}};
}

asio::awaitable<bool> enrol(wiring::Daemon& d) {
  const auto added =
      co_await wiring::run_in_store(d.gateway(), "person.add", enrolment(), "admin:demo");
  if (!added) std::cout << "enrolment failed: " << added.error().message << "\n";
  co_return added.has_value();
}

asio::awaitable<void> print_explained(wiring::Daemon& d) {
  const auto x = co_await wiring::run_in_store(d.gateway(), "explain", about_mj(), "admin:demo");
  if (!x) co_return;
  for (const auto& r : x->as_array()) {
    std::cout << "  explain " << r.at("rule").as_string().c_str() << ": "
              << r.at("arithmetic").as_string().c_str() << "\n";
  }
}

}  // namespace

asio::awaitable<int> tell_story(wiring::Daemon& d, pages::Handsets& h) {
  print_texts(d, h);
  std::cout << std::unitbuf;
  std::cout << "Moodline demo, told from the phones (a fortnight in a minute)\n\n"
               "1. Sam takes on the role; MJ is invited and agrees\n";
  co_await settle(d);
  co_await says(d, h, practitioner_number, "Sam",
                "ACCEPT " + last_code(h, practitioner_number, "ACCEPT "));
  if (!co_await enrol(d)) co_return exit_refused;
  co_await settle(d);
  co_await says(d, h, person_number, "MJ", "AGREE " + last_code(h, person_number, "AGREE "));
  const std::string line = last_code(h, person_number, "Text AGREE ");
  co_await says(d, h, person_number, "MJ", "AGREE " + line);
  const Instant start = d.gateway().clock.now();
  const Instant evening = *from_iso("2026-03-02T18:00:00Z");
  std::cout << "\n2. Low evenings, in MJ's own words\n";
  const char* words[] = {"about a 3 tonight", "3", "two", "5", "6 thanks", "7"};
  bool alerted = false;
  for (int i = 0; i < 6; ++i) {
    co_await go_to(d, std::max(start, evening + day * i));
    co_await says(d, h, person_number, "MJ", words[i]);
    if (i == 2) {
      co_await print_explained(d);
      std::cout << "\n3. The agreed line is crossed: Sam is told when he opens, and answers\n";
      co_await go_to(d, *from_iso("2026-03-05T09:10:00Z"));
      const std::string code = last_code(h, practitioner_number, "Check-in ", true);
      alerted = !code.empty();
      co_await says(d, h, practitioner_number, "Sam", "ACK " + code);
      co_await says(d, h, practitioner_number, "Sam",
                    "DONE " + code + " rang, seeing MJ on Friday");
      std::cout << "\n4. Better evenings\n";
    }
  }
  co_await print_explained(d);
  std::cout << "\n5. Looking back, then STOP, then silence\n";
  co_await says(d, h, person_number, "MJ", "HISTORY");
  co_await says(d, h, person_number, "MJ", "STOP");
  const std::size_t before = h.texts(person_number).size();
  for (int i = 6; i < 14; ++i) co_await go_to(d, evening + day * i);
  const bool silent = h.texts(person_number).size() == before;
  std::cout << "\n"
            << (alerted ? "The alert arrived." : "THE ALERT DID NOT ARRIVE.") << " "
            << (silent ? "Nothing was sent after STOP." : "SOMETHING WAS SENT AFTER STOP.") << "\n";
  co_return alerted&& silent ? exit_ok : exit_refused;
}

}  // namespace moodline::commands
