// Message: a reply as a row of items, numbers found and read, nothing judged yet.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/replies/item.hpp"
#include "daemon/replies/lexicon.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies {

struct Message {
  rules::Normalised text;
  Items items;
  bool asks = false;  // the last sentence is a question
  bool plain = true;  // Latin letters only; false where a script of no active language was seen

  [[nodiscard]] Span span_of(std::size_t first_item, std::size_t end_item) const;
  [[nodiscard]] std::string_view word_text(const Item& item) const;
  [[nodiscard]] bool has_words() const;
};

/// Splits normalised text into items. `original`: the bytes it came from. `skip`: byte ranges of
/// the normalised text to leave out (quoted copies of what we sent, signatures). `known` keeps the
/// lexicon's id of each token from one building of the same text to the next.
Message build_message(rules::Normalised text, std::string_view original, const Lexicon& lexicon,
                      const Tongues& tongues,
                      const std::vector<std::pair<std::uint32_t, std::uint32_t>>& skip = {},
                      std::vector<int>* known = nullptr);

}  // namespace moodline::replies
