#include "daemon/replies/message.hpp"

#include <algorithm>

#include "daemon/replies/lexicon_builder.hpp"
#include "daemon/replies/number_lexer.hpp"
#include "daemon/replies/number_words.hpp"

namespace moodline::replies {
namespace {

using rules::Token;
using rules::TokenKind;

Sep wider(Sep a, Sep b) {
  return a > b ? a : b;
}

// What one mark between two items amounts to.
Sep sep_of(std::string_view mark, bool space_before, bool space_after) {
  const char c = mark.size() == 1 ? mark[0] : 0;
  switch (c) {
    case '\'':
    case '"':
    case '*':
    case '#':
    case '&':
      return Sep::none;
    case '-':
    case '/':
      return space_before || space_after ? Sep::dash : Sep::tight;
    case ',':
      return Sep::comma;
    case ':':
    case '=':
    case '~':
    case '>':
      return Sep::dash;
    case '.':
    case '!':
    case '?':
    case ';':
    case '(':
    case ')':
    case '[':
    case ']':
      return Sep::stop;
    default:
      return Sep::dash;
  }
}

struct Builder {
  Message& m;
  const Lexicon& lexicon;
  const Tongues& tongues;
  std::vector<int>* known = nullptr;
  Sep sep = Sep::none;
  bool star = false;

  void push_word(std::uint32_t at, std::string_view original_first) {
    const Token& t = m.text.tokens[at];
    Item item;
    item.first = at;
    item.last = at + 1;
    item.upper = t.upper;
    item.capital = t.upper || (!original_first.empty() && original_first[0] >= 'A' &&
                               original_first[0] <= 'Z');
    item.word = known != nullptr && (*known)[at] >= 0 ? (*known)[at] : id_of(m.text.view(t));
    if (known != nullptr) (*known)[at] = item.word;
    const auto* meaning = lexicon.alias(item.word);
    if (meaning == nullptr || own_word(item.word)) {
      push(item);
      return;
    }
    for (const int id : *meaning) {
      item.word = id;
      push(item);
      item.continues = true;
    }
  }
  [[nodiscard]] int id_of(std::string_view word) const {
    std::string key;
    if (word.find('\'') != std::string_view::npos) {
      key = lookup_key(word);
      word = key;
    }
    if (const int id = lexicon.id(word); id != 0) return id;
    if (const int id = drawn_out(word); id != 0) return id;
    return slip_of(word);
  }
  // "soooo", "hmmm", "moood": three of a letter and more are two, or one.
  [[nodiscard]] int drawn_out(std::string_view word) const {
    bool drawn = false;
    for (std::size_t i = 2; i < word.size() && !drawn; ++i) {
      drawn = word[i] == word[i - 1] && word[i] == word[i - 2];
    }
    if (!drawn) return 0;
    std::string once;
    std::string twice;
    std::size_t run = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
      run = i > 0 && word[i] == word[i - 1] ? run + 1 : 1;
      if (run == 1) once += word[i];
      if (run <= 2) twice += word[i];
    }
    for (const std::string& form : {twice, once}) {
      const int id = lexicon.id(form);
      for (const L l : {L::filler, L::cues, L::mood, L::approx, L::states, L::politeness}) {
        if (tongues.has(l, id)) return id;
      }
    }
    return 0;
  }
  // "mesaging", "unsubcribe": a word of no list, one letter away from one long word of ours.
  [[nodiscard]] int slip_of(std::string_view word) const {
    constexpr std::size_t letters_min = 6;
    int found = 0;
    if (word.size() < letters_min) return 0;
    for (const Tongue* t : tongues.own) {
      for (const Pattern& p : t->list(L::slips).patterns()) {
        if (p.elements.size() != 1) continue;
        for (const int id : p.elements[0].singles) {
          if (id == found || !one_edit_apart(word, lexicon.word(id))) continue;
          if (found != 0) return 0;
          found = id;
        }
      }
    }
    return found;
  }
  // Urdu "ya" is "or" to its speakers, whatever English text-speak makes of it.
  [[nodiscard]] bool own_word(int id) const {
    const Tongue& first = *tongues.own.front();
    if (first.code == "en" || first.numbers.contains(id)) return first.code != "en";
    return first.list(L::either).has(id) || first.list(L::negations).has(id) ||
           first.list(L::past_after).has(id) || first.list(L::to).has(id);
  }
  void push(Item item) {
    item.sep = m.items.empty() ? Sep::line : sep;
    if (item.kind == Item::Kind::number && star) item.star = true;
    m.items.push_back(item);
    sep = Sep::none;
    star = false;
  }
  // Numbers were appended by the lexer; the first one gets what stands before the cluster.
  void settle_numbers(std::size_t from) {
    Item& first = m.items[from];
    first.sep = from == 0 ? Sep::line : sep;
    if (star) first.star = true;
    sep = Sep::none;
    star = false;
  }
  // "<3" is a heart; ":3" may be a face: neither is a sure number.
  void mark_emoticon(std::uint32_t at, Item& item) const {
    if (at == 0 || m.text.tokens[at].space_before) return;
    const Token& before = m.text.tokens[at - 1];
    const std::string_view mark = m.text.view(before);
    if (mark == "<" || mark == ">") item.mask = Mask::garbage;
    if ((mark == ":" || mark == "=" || mark == ";") && before.space_before) item.doubtful = true;
  }
  std::uint32_t mark(std::uint32_t at) {
    const Token& t = m.text.tokens[at];
    const std::string_view view = m.text.view(t);
    if (view == "*") star = true;
    if (view == "?" && !m.items.empty()) m.items.back().asks = true;
    // "no. 7", "p.4": an abbreviation's point ends no sentence.
    if (view == "." && at > 0 && !t.space_before && at + 1 < m.text.tokens.size() &&
        m.text.tokens[at + 1].kind == TokenKind::digits && !m.items.empty() &&
        m.items.back().kind == Item::Kind::word && m.items.back().last == at &&
        m.word_text(m.items.back()) == "no") {
      return at + 1;
    }
    const bool after = at + 1 >= m.text.tokens.size() || m.text.tokens[at + 1].space_before;
    sep = wider(sep, sep_of(view, t.space_before, after));
    return at + 1;
  }
  // Letters that run into digits: M25, gr8, XX6. The whole run is one masked number.
  std::uint32_t letter_digits(std::uint32_t at) {
    std::uint32_t end = at + 1;
    while (end < m.text.tokens.size() && !m.text.tokens[end].space_before &&
           (m.text.tokens[end].kind == TokenKind::digits ||
            m.text.tokens[end].kind == TokenKind::word)) {
      ++end;
    }
    // "stop2day": words that text-speak runs together.
    std::string run;
    for (std::uint32_t t = at; t < end; ++t) {
      if (t > at) run += ' ';
      run += m.text.view(m.text.tokens[t]);
    }
    if (const auto* meaning = lexicon.alias(lexicon.id(run)); meaning != nullptr) {
      Item word;
      word.first = at;
      word.last = end;
      for (const int id : *meaning) {
        word.word = id;
        push(word);
        word.continues = true;
      }
      return end;
    }
    Item item;
    item.kind = Item::Kind::number;
    item.first = at;
    item.last = end;
    item.digits = true;
    item.mask = Mask::letter_digit;
    push(item);
    return end;
  }
  // "https://…", "www.…": to the next space; no word and no number in it counts.
  [[nodiscard]] std::uint32_t link_end(std::uint32_t at) const {
    const auto& tokens = m.text.tokens;
    const std::string_view word = m.text.view(tokens[at]);
    if (word != "http" && word != "https" && word != "www") return at;
    std::uint32_t end = at + 1;
    if (end >= tokens.size() || tokens[end].space_before || tokens[end].kind != TokenKind::punct) {
      return at;
    }
    while (end < tokens.size() && !tokens[end].space_before &&
           tokens[end].kind != TokenKind::newline) {
      ++end;
    }
    return end;
  }
  void push_link(std::uint32_t at, std::uint32_t end) {
    Item item;
    item.kind = Item::Kind::emoji;
    item.first = at;
    item.last = end;
    push(item);
  }
  std::uint32_t step(std::uint32_t at, std::string_view original) {
    const auto& tokens = m.text.tokens;
    const Token& t = tokens[at];
    const bool next_glued = at + 1 < tokens.size() && !tokens[at + 1].space_before;
    switch (t.kind) {
      case TokenKind::newline:
        sep = Sep::line;
        return at + 1;
      case TokenKind::emoji: {
        Item item;
        item.kind = Item::Kind::emoji;
        item.first = at;
        item.last = at + 1;
        item.word = lexicon.id(m.text.view(t));
        push(item);
        return at + 1;
      }
      case TokenKind::word:
        if (const std::uint32_t end = link_end(at); end != at) {
          push_link(at, end);
          return end;
        }
        if (next_glued && tokens[at + 1].kind == TokenKind::digits) return letter_digits(at);
        push_word(at, original);
        return at + 1;
      case TokenKind::digits:
      case TokenKind::fraction:
      case TokenKind::punct: {
        const bool after_number = !m.items.empty() && m.items.back().kind == Item::Kind::number;
        const std::size_t from = m.items.size();
        const std::uint32_t end =
            NumberLexer{m.text, lexicon, tongues}.read(at, after_number, m.items);
        if (end == at) return mark(at);
        settle_numbers(from);
        mark_emoticon(at, m.items[from]);
        return end;
      }
    }
    return at + 1;
  }
};

}  // namespace

Span Message::span_of(std::size_t first_item, std::size_t end_item) const {
  if (first_item >= end_item || end_item > items.size()) return {};
  const Token& a = text.tokens[items[first_item].first];
  const Token& b = text.tokens[items[end_item - 1].last - 1];
  return {a.origin.begin, b.origin.end};
}

std::string_view Message::word_text(const Item& item) const {
  return text.view(text.tokens[item.first]);
}

bool Message::has_words() const {
  return std::any_of(items.begin(), items.end(),
                     [](const Item& i) { return i.kind == Item::Kind::word; });
}

Message build_message(rules::Normalised text, std::string_view original, const Lexicon& lexicon,
                      const Tongues& tongues,
                      const std::vector<std::pair<std::uint32_t, std::uint32_t>>& skip,
                      std::vector<int>* known) {
  Message m;
  m.text = std::move(text);
  m.items.reserve(m.text.tokens.size());
  if (known != nullptr) known->resize(m.text.tokens.size(), -1);
  Builder b{m, lexicon, tongues, known};
  const auto skipped = [&](const Token& t) {
    return std::any_of(skip.begin(), skip.end(), [&](const auto& range) {
      return t.begin >= range.first && t.begin < range.second;
    });
  };
  for (std::uint32_t at = 0; at < m.text.tokens.size();) {
    if (skipped(m.text.tokens[at])) {
      b.sep = Sep::line;
      ++at;
      continue;
    }
    at = b.step(at, original.substr(
                        std::min<std::size_t>(m.text.tokens[at].origin.begin, original.size()), 1));
  }
  read_number_words(m, lexicon, tongues);
  m.asks = !m.items.empty() && m.items.back().asks;
  return m;
}

}  // namespace moodline::replies
