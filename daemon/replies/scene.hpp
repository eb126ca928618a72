// Scene: one reply, the questions it may answer, and what stands to either side of a number.
#pragma once
#include <optional>
#include <vector>

#include "daemon/replies/message.hpp"
#include "daemon/replies/question.hpp"

namespace moodline::replies {

/// What a walk to the left of a number met, over fillers, articles and linking verbs.
struct Left {
  std::size_t at = 0;         // first item of the chain
  bool text_start = false;    // nothing but fillers before it in the whole text
  bool clause_start = false;  // the chain begins a sentence or line, or follows a comma or dash
  bool hard_start = false;    // as clause_start, after a full stop or line break
  bool cue = false;           // "mood", "I'm a", "put me down as"
  bool article = false;       // "a 4"
  bool negated = false;       // "not a 7"
  bool bounded = false;       // "at least 6"
  bool wished = false;        // "wish it was a 10", "tomorrow will be a 9"
  bool past = false;          // "yesterday was a 2"
  bool usual = false;         // "normally a 6"
  bool today = false;         // "today 5"
  bool joined = false;        // nothing but one space between the number and the word before
};

struct Right {
  std::size_t at = 0;       // first item after the chain
  bool text_end = false;    // nothing but fillers after
  bool clause_end = false;  // the chain ends a clause (comma, dash, stop, line)
  bool past = false;        // "2 yesterday"
  bool today = false;
  bool bounded = false;  // "6 or more", "7+"
  bool but = false;      // "3 but my mates are sound"
};

/// A question's own words, as lists and spellings.
struct Names {
  std::optional<L> measure;  // the list its name stands in
  std::optional<L> unit;
  std::vector<std::string> spellings;  // its name, unit and further names, normalised
};

struct Scene {
  Message& m;
  const Lexicon& lexicon;
  const Tongues& tongues;
  const Context& context;
  std::vector<Names> names;  // one a question
  bool asks_night = false;   // of sleep alone: "last night" is the night that is asked about

  Scene(Message& message, const Lexicon& lex, const Tongues& t, const Context& c);

  [[nodiscard]] const Items& items() const { return m.items; }
  [[nodiscard]] bool candidate(std::size_t i) const {
    return m.items[i].kind == Item::Kind::number && m.items[i].mask == Mask::none;
  }
  [[nodiscard]] bool is(std::size_t i, L list) const {
    return i < m.items.size() && tongues.has(list, m.items[i].word);
  }
  /// The chain item or phrase at `i` that may be skipped; one past it, or `i`.
  [[nodiscard]] std::size_t skip_from(std::size_t i) const;
  [[nodiscard]] Left left_of(std::size_t number) const;
  [[nodiscard]] Right right_of(std::size_t number) const;
  /// Words at `i` that set what was said in the past.
  [[nodiscard]] PatternMatch past_at(std::size_t i) const;
  /// A question's name at `i`, or another measure's: question index, -2 for another, -1 none.
  [[nodiscard]] int measure_at(std::size_t i, std::size_t& end) const;
  /// Some entry of the list stands within [from, to), looked for once a list and reply.
  [[nodiscard]] bool said(L list, std::size_t from, std::size_t to) const;
  /// Every item outside [from, to) is filler, manners, thanks or a picture.
  [[nodiscard]] bool filler_outside(std::size_t from, std::size_t to) const;
  [[nodiscard]] bool filler_between(std::size_t from, std::size_t to) const;

 private:
  struct Hits {
    L list;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // begin and end, by begin
  };
  void walk_fillers() const;
  [[nodiscard]] PatternMatch bound_at(std::size_t i) const;
  [[nodiscard]] std::size_t skip_once(std::size_t i) const;
  // What words do not change while a reply is judged: worked out once, when first asked.
  mutable std::vector<Hits> hits_{};
  mutable std::vector<std::size_t> skips_{};
  mutable std::vector<bool> from_start_{};  // fillers alone from the first item to here
  mutable std::vector<bool> to_end_{};      // and from here to the last
};

constexpr L first_unit = L::unit_hours;
constexpr L last_unit = L::unit_other;
constexpr L first_measure = L::mood;
constexpr L last_measure = L::other_measure;

}  // namespace moodline::replies
