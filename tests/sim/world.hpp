// World: everything outside the process that may crash: phones, the provider between them and us,
// and what reached whom. All its behaviour comes from one seed. Thread: the simulation's only one.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/base/dice.hpp"
#include "rules/base/instant.hpp"

namespace moodline::sim {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t minute_ms = 60 * second_ms;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;

inline constexpr const char* people_prefix = "+447700900";

/// A text as our process handed it to the provider, with what our store says it is.
struct Handed {
  Instant at;
  std::string to;
  std::string text;
  std::string reference;
  std::int64_t message = 0;
  int purpose = 0;
  std::string template_name;
  std::int64_t alert = 0;
  std::vector<std::int64_t> alerts;
  std::string slot;          // "person/schedule/date/slot" of a prompt, else empty
  bool reached = false;      // the phone showed it
  bool stale = false;        // its shelf life was over
  bool maybe_taken = false;  // as far as our process can know, the provider took it
};

/// A webhook on its way; tried until it gets a 2xx.
struct Hook {
  std::string event_id;
  std::string body;
  bool text_in = false;
  std::string from;
  std::string text;
  int tries = 0;
};

/// What the provider does with one call.
enum class Fate { accept, accept_lost, lost_before, no_connection, slow_down, outage, refuse };

struct Acknowledged {
  Instant at;
  std::string event_id;
  std::string from;
  std::string text;
};

class World {
 public:
  World(std::uint64_t seed, Instant start, int people);

  Instant now;
  bool faults = true;               // provider and network faults
  bool people_answer = true;        // off while draining
  std::function<void(Hook)> carry;  // hands a webhook to the process, or calls back unanswered()
  std::vector<Handed> handed;
  std::vector<Acknowledged> acknowledged;
  /// Every rare word that somebody texted and everybody's number: none of them may stand in a
  /// log, a metric or on the disk.
  std::vector<std::string> secrets;

  void at(Instant t, std::function<void()> what);
  [[nodiscard]] std::optional<Instant> next() const;
  /// Runs everything due by now.
  void run_due();

  [[nodiscard]] Fate draw_fate();
  /// The provider took the text: it reaches the phone, and receipts set out. `id` is its own.
  std::string take(std::size_t handed_index);
  void answered(const Hook& hook, int status);
  void unanswered(Hook hook);

  /// Everything that can be seen from outside goes into one hash.
  void trace(std::string_view what);
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::uint64_t traced() const { return traced_; }
  Dice dice;
  [[nodiscard]] bool chance(int of_a_thousand) {
    return dice.below(1000) < static_cast<std::uint64_t>(of_a_thousand);
  }
  [[nodiscard]] static std::string number_of(int person);
  [[nodiscard]] int people() const { return static_cast<int>(moods_.size()); }

 private:
  void phone_shows(const Handed& h);
  void person_reads(const std::string& number, const std::string& text);
  void staff_reads(const std::string& number, const std::string& text);
  void answer_prompt(int person);
  /// A word that nobody else uses, remembered.
  std::string rare_word();
  void text_in(const std::string& from, const std::string& text, std::int64_t after_ms);
  void receipt(const Handed& h, const std::string& id, const std::string& status,
               std::int64_t after_ms);
  void send(Hook hook, std::int64_t after_ms);

  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t sequence_ = 0;
  std::uint64_t ids_ = 0;
  std::uint64_t seed_;
  std::uint64_t hash_ = 14695981039346656037ULL;
  std::uint64_t traced_ = 0;
  std::vector<int> moods_;
  Instant outage_until_;
};

}  // namespace moodline::sim
