// Numbers as they are written in digits: one cluster of tokens becomes one or two number items,
// or a masked one (a clock time, money, a phone number, a date, a code).
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "daemon/replies/item.hpp"
#include "daemon/replies/lexicon.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies {

struct NumberLexer {
  const rules::Normalised& text;
  const Lexicon& lexicon;
  const Tongues& tongues;

  /// Reads the cluster at token `at` (digits, a fraction, a sign or currency before digits) and
  /// appends its items. Returns one past the last token taken; `at` when there is no number here.
  std::uint32_t read(std::uint32_t at, bool after_number, Items& out) const;

 private:
  struct Part;
  [[nodiscard]] const rules::Token& token(std::uint32_t i) const { return text.tokens[i]; }
  [[nodiscard]] bool is_punct(std::uint32_t i, char c) const;
  [[nodiscard]] bool glued(std::uint32_t i) const;
  [[nodiscard]] bool digits_at(std::uint32_t i) const;
  std::uint32_t read_joined(const std::vector<Part>& parts, std::uint32_t end, Item first,
                            Items& out) const;
  [[nodiscard]] Items pair_of(const std::vector<Part>& parts, std::uint32_t end,
                              const std::function<bool(char)>& decimal_mark) const;
  [[nodiscard]] std::uint32_t phone_end(std::uint32_t at) const;
  std::uint32_t read_parts(std::uint32_t at, Items& out) const;
  std::uint32_t read_suffix(std::uint32_t at, std::size_t from, Items& out) const;
  bool one_part(std::uint32_t at, Item& item) const;
  std::uint32_t read_glued_word(std::uint32_t at, Item& item, std::size_t from, Items& out) const;
};

}  // namespace moodline::replies
