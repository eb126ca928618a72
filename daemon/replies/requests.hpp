// Requests: opt-outs first, then the other commands. Whole messages or closed frames, never
// a word inside other words.
#pragma once
#include <array>
#include <optional>

#include "daemon/replies/lexicon.hpp"
#include "daemon/replies/message.hpp"
#include "daemon/replies/question.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// A request that was found, and the items that said it (the rest may hold a number to keep).
struct Request {
  Verdict verdict;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct RequestReader {
  const Message& m;
  const Lexicon& lexicon;
  const Tongues& tongues;
  const Context& context;
  // By item, once asked: whether it is led in, and where politeness that begins there ends.
  mutable std::array<std::vector<std::int8_t>, 2> known_led{};  // the second: past a name
  mutable std::vector<std::size_t> known_polite{};

  /// STOP in all its forms, WRONG, what may have been meant as one (unclear + hold).
  [[nodiscard]] std::optional<Request> opt_out() const;
  /// Every other command.
  [[nodiscard]] std::optional<Request> command() const;

 private:
  static constexpr std::int8_t unknown_led = -1;
  struct StepBack {
    std::optional<bool> said;  // what is known now; nothing: ask about `next`
    std::size_t next = 0;
    bool named = false;
  };
  [[nodiscard]] const Items& items() const { return m.items; }
  [[nodiscard]] bool polite(std::size_t i, std::size_t& end) const;
  [[nodiscard]] bool find_polite(std::size_t i, std::size_t& end) const;
  [[nodiscard]] Items core_of(std::size_t from, std::size_t to) const;
  [[nodiscard]] bool is_keyword(const Items& core, bool strong_only) const;
  [[nodiscard]] bool near_keyword(const Item& item) const;
  [[nodiscard]] bool spelt_out(const Items& core) const;
  [[nodiscard]] bool run_together(const Item& item) const;
  [[nodiscard]] bool laughed() const;
  [[nodiscard]] bool other_object(std::size_t end) const;
  [[nodiscard]] bool ends_in_clock(const Items& core) const;
  [[nodiscard]] bool blocked(std::size_t i) const;
  [[nodiscard]] bool concludes(std::size_t i) const;
  [[nodiscard]] bool speaks_for() const;
  [[nodiscard]] bool asked_for_self(std::size_t begin, std::size_t end) const;
  [[nodiscard]] bool owned(std::size_t i) const;
  [[nodiscard]] bool goes_on_elsewhere(std::size_t begin, std::size_t end) const;
  [[nodiscard]] bool not_of_us(std::size_t begin, std::size_t end) const;
  [[nodiscard]] Request held_request(std::size_t begin, std::size_t end,
                                     std::string_view rule) const;
  [[nodiscard]] bool names_person(std::size_t i) const;
  [[nodiscard]] bool led_in(std::size_t i) const;
  [[nodiscard]] bool led_in(std::size_t i, bool named) const;
  [[nodiscard]] StepBack step_back(std::size_t i, bool named) const;
  [[nodiscard]] std::optional<Request> keyword_sentence() const;
  [[nodiscard]] std::optional<Request> keyword_and_number() const;
  [[nodiscard]] std::optional<Request> shouted_keyword() const;
  [[nodiscard]] std::optional<Request> opening_keyword() const;
  [[nodiscard]] std::optional<Request> opt_out_frame() const;
  [[nodiscard]] std::optional<Request> plain_request() const;
  [[nodiscard]] std::optional<Request> closing_keyword() const;
  [[nodiscard]] std::optional<Request> wrong_number() const;
  [[nodiscard]] std::optional<Request> held() const;
  [[nodiscard]] PatternMatch without_tail(const PatternList& list, std::size_t begin,
                                          PatternMatch hit) const;
  [[nodiscard]] Request narrowed(std::size_t begin, const PatternMatch& frame,
                                 std::size_t tail) const;
  [[nodiscard]] Request found(Command c, std::string_view rule, std::size_t begin,
                              std::size_t end) const;
  [[nodiscard]] bool names_measure(std::size_t i) const;
  [[nodiscard]] bool argument_fits(Command c, std::size_t from, std::size_t to) const;
  [[nodiscard]] std::string argument(std::size_t from, std::size_t to) const;
  [[nodiscard]] std::size_t clause_end(std::size_t i, Sep at) const;
  [[nodiscard]] std::optional<Request> whole_command() const;
  [[nodiscard]] std::optional<Request> framed_command() const;
  [[nodiscard]] std::optional<Request> framed(Command c, std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::string earlier_span(std::size_t before) const;
  void cry_for_help(Verdict& v) const;
};

}  // namespace moodline::replies
