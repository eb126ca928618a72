// World: everything outside the process that may crash: phones, the provider between them and us,
// and what reached whom. All its behaviour comes from one seed. Thread: the simulation's only one.
#pragma once
#include <array>
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

/// Two providers, each behind a route of its own: the second is there for when the first fails.
inline constexpr std::array<const char*, 2> providers{"phones", "spare"};

/// A text as our process handed it to the provider, with what our store says it is.
struct Handed {
  Instant at;
  std::string to;
  std::string text;
  std::size_t way = 0;  // which of `providers`
  std::string reference;
  std::string language;
  std::int64_t message = 0;
  int purpose = 0;
  std::string template_name;
  std::int64_t alert = 0;
  std::vector<std::int64_t> alerts;
  std::string slot;          // "person/schedule/date/slot" of a prompt, else empty
  bool reached = false;      // the phone showed it
  bool stale = false;        // its shelf life was over
  bool maybe_taken = false;  // as far as our process can know, the provider took it
  bool failed = false;       // it said no, for now
  std::optional<bool> well;  // what its answer says of the way; nothing where none came
  Instant answered_at;       // or when it would have been
  int unknowns = 0;          // of this text, when it set out
  std::string on_leave;      // who was told although they are on leave and their cover is not
};

/// A webhook on its way; tried until it gets a 2xx.
struct Hook {
  std::string provider = providers[0];
  std::string event_id;
  std::string body;
  bool text_in = false;
  std::string from;
  std::string text;
  Instant typed_at;
  int tries = 0;
};

/// What somebody meant by a text: nothing said of it, no value, or a value.
struct Meant {
  bool known = false;
  std::optional<int> mood;
};

/// Somebody of whom nothing may be left, and to whom nothing may go, from then on.
struct Erased {
  Instant at;
  std::string number;
  std::int64_t person = 0;                    // 0: was gone already
  std::map<std::string, std::string> sealed;  // their fields as they lay on the disk: bytes, column
};

/// What the provider does with one call.
enum class Fate {
  accept,
  accept_lost,
  lost_before,
  no_connection,
  slow_down,
  outage,
  refuse,
  account  // refused whoever it is for
};

struct Acknowledged {
  Instant at;
  std::string provider;
  std::string event_id;
  std::string from;
  std::string text;
  Instant typed_at;
  bool leaving = false;  // they had asked to be erased: this goes with the rest
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
  std::map<std::string, Meant> meant;  // by event id
  std::vector<Erased> erased;
  std::vector<Instant> crashes;
  /// Told when a DELETE with a code got its 2xx.
  std::function<void(const std::string& number)> deleted;
  /// Whether they asked to be erased and are still there.
  std::function<bool(const std::string& number)> leaving;
  /// Every rare word that somebody texted and everybody's number: none of them may stand in a
  /// log, a metric or on the disk.
  std::vector<std::string> secrets;

  void at(Instant t, std::function<void()> what);
  [[nodiscard]] std::optional<Instant> next() const;
  /// Runs everything due by now.
  void run_due();

  [[nodiscard]] Fate draw_fate(std::size_t way);
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
  /// Whose number it is; -1: nobody's of the people.
  [[nodiscard]] static int person_of(const std::string& number);
  /// Every third person reads and writes Welsh.
  [[nodiscard]] static bool welsh(int person) { return person % 3 == 1; }
  [[nodiscard]] static bool is_stop(std::string_view text) {
    return text == "STOP" || text == "STOPIO";
  }
  /// Somebody new, with a number that nobody had.
  int newcomer();
  /// What a phone does after its person was erased: now and then it still texts.
  void phone_of_erased(const std::string& number);
  [[nodiscard]] int people() const { return static_cast<int>(moods_.size()); }

 private:
  void phone_shows(const Handed& h);
  void person_reads(const std::string& number, const std::string& text);
  void staff_reads(const std::string& number, const std::string& text);
  void answer_prompt(int person);
  /// A word that nobody else uses, remembered.
  std::string rare_word();
  void text_in(const std::string& from, const std::string& text, std::int64_t after_ms,
               Meant meant = {});
  void oddly(int person, std::int64_t when);
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
  std::array<Instant, providers.size()> outage_until_{};
};

}  // namespace moodline::sim
