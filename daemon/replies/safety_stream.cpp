#include "daemon/replies/safety_stream.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace moodline::replies::safety {
namespace {

using rules::Normalised;
using rules::Token;
using rules::TokenKind;

// A copy of one of our texts is ours only when it is long enough not to be a person's own words.
constexpr std::size_t own_text_words_min = 3;
constexpr std::size_t spelled_letters_max = 12;

bool counts(const Token& t) {
  return t.kind == TokenKind::word || t.kind == TokenKind::digits;
}

/// Marks each token that is part of a whole copy of a text we sent.
std::vector<bool> ours(const Normalised& text, const std::vector<Normalised>& sent) {
  std::vector<bool> out(text.tokens.size(), false);
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < text.tokens.size(); ++i) {
    if (counts(text.tokens[i])) at.push_back(i);
  }
  for (const Normalised& one : sent) {
    std::vector<std::string_view> words;
    for (const Token& t : one.tokens) {
      if (counts(t)) words.push_back(one.view(t));
    }
    if (words.size() < own_text_words_min || words.size() > at.size()) continue;
    for (std::size_t i = 0; i + words.size() <= at.size(); ++i) {
      std::size_t k = 0;
      while (k < words.size() && text.view(text.tokens[at[i + k]]) == words[k]) ++k;
      if (k < words.size()) continue;
      for (std::size_t j = at[i]; j <= at[i + k - 1]; ++j) out[j] = true;
    }
  }
  return out;
}

class Stream {
 public:
  Stream(const Machine& machine, const Normalised& text, const std::vector<Normalised>& sent)
      : machine_(machine), text_(text), ours_(ours(text, sent)) {}

  std::unique_ptr<const Symbols> run() {
    const auto n = text_.tokens.size();
    for (std::size_t i = 0; i < n && out_.size() < symbols_max;) {
      if (ours_[i]) {
        boundary(i++);
      } else if (const std::size_t used = disguised(i); used > 0) {
        i += used;
      } else {
        plain(i++);
      }
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::string_view view(std::size_t i) const { return text_.view(text_.tokens[i]); }

  void boundary(std::size_t i) {
    if (!out_.empty() && out_.back().boundary) return;
    Symbol s;
    s.word = &result_->none;
    result_->none.boundary = true;
    s.boundary = true;
    s.first = s.last = static_cast<std::uint32_t>(i);
    s.sentence = ++sentence_;
    out_.push_back(s);
    edge_ = true;
  }

  /// What the vocabulary says of one spelling: a disguised word's, digits', a word's.
  const Word& look_up(std::string_view typed, TokenKind kind) {
    const auto [at, fresh] = result_->words.try_emplace(std::string(typed));
    Word& word = at->second;
    if (!fresh) return word;
    word.labels =
        machine_.words.labels(kind == TokenKind::word ? word_key(typed) : std::string(typed));
    const auto has = [&](Label l) {
      return std::find(word.labels.begin(), word.labels.end(), l) != word.labels.end();
    };
    word.filler = has(machine_.filler);
    word.joiner = has(machine_.joiner);
    word.closer = has(machine_.closer);
    word.number = kind == TokenKind::digits;
    if (word.number) {
      word.labels.push_back(label_number);
      const bool many = typed.size() > 1 || typed[0] >= '0' + static_cast<int>(many_from);
      if (many) word.labels.push_back(label_many);
    }
    for (const Label l : word.labels) {
      const std::uint32_t begins = machine_.seeds_from[l + 1] - machine_.seeds_from[l];
      if (begins > 0) word.seeding.push_back(l);
      word.seeds += begins;
    }
    word.number_in_text = static_cast<std::uint16_t>(result_->words.size() + 1);
    return word;
  }

  void push(std::string_view typed, TokenKind kind, std::size_t first, std::size_t last) {
    Symbol s;
    s.word = &look_up(typed, kind);
    s.first = static_cast<std::uint32_t>(first);
    s.last = static_cast<std::uint32_t>(last);
    s.sentence = sentence_;
    s.edge_before = std::exchange(edge_, false);
    out_.push_back(s);
  }

  void plain(std::size_t i) {
    const Token& t = text_.tokens[i];
    switch (t.kind) {
      case TokenKind::word:
        return push(view(i), t.kind, i, i);
      case TokenKind::digits:
        return digits(i);
      case TokenKind::fraction:
        edge_ = true;
        return;
      case TokenKind::newline:
        return boundary(i);
      case TokenKind::emoji:
        return emoji(i);
      case TokenKind::punct:
        return punct(i);
    }
  }

  void digits(std::size_t i) {
    push(view(i), TokenKind::digits, i, i);
    edge_ = true;
  }

  void emoji(std::size_t i) {
    edge_ = true;
    if (!machine_.words.knows(std::string(view(i)))) return;
    push(view(i), TokenKind::emoji, i, i);
    edge_ = true;
  }

  void punct(std::size_t i) {
    const std::string_view p = view(i);
    const bool dots = p == "." && ((i > 0 && view(i - 1) == ".") ||
                                   (i + 1 < text_.tokens.size() && view(i + 1) == "."));
    const bool ends = p == "." || p == "!" || p == "?" || p == ";" || p == "\u061F" ||
                      p == "\u06D4" || p == "\u0964" || p == "\u00BF" || p == "\u00A1";
    if (ends && !dots) return boundary(i);
    if (p != "'" && p != "\"" && p != "-" && p != "*" && p != "#") edge_ = true;
  }

  /// Tokens glued together with signs among the letters ("su1c1de"), or letters spelled out one
  /// by one ("k m s"), that stand for a word people disguise. Returns how many tokens it took.
  std::size_t disguised(std::size_t i) {
    if (text_.tokens[i].kind != TokenKind::word) return 0;
    std::size_t end = i + 1;
    while (end < text_.tokens.size() && !text_.tokens[end].space_before &&
           text_.tokens[end].kind != TokenKind::emoji &&
           text_.tokens[end].kind != TokenKind::newline && end - i < spelled_letters_max * 2) {
      ++end;
    }
    std::string typed;
    if (end - i > 1) {
      typed.assign(text_.text, text_.tokens[i].begin,
                   text_.tokens[end - 1].end - text_.tokens[i].begin);
    } else {
      end = spelled(i, typed);
      if (end - i < 3) return 0;
    }
    const std::string word = machine_.words.unmask(typed);
    if (word.empty() || word == view(i)) return 0;
    push(word, TokenKind::word, i, end - 1);
    return end - i;
  }

  std::size_t spelled(std::size_t i, std::string& typed) const {
    std::size_t end = i;
    while (end < text_.tokens.size() && text_.tokens[end].kind == TokenKind::word &&
           view(end).size() == 1 && end - i < spelled_letters_max) {
      typed += view(end++);
    }
    return end;
  }

  const Machine& machine_;
  const Normalised& text_;
  std::vector<bool> ours_;
  std::unique_ptr<Symbols> result_ = std::make_unique<Symbols>();
  std::vector<Symbol>& out_ = result_->list;
  std::uint32_t sentence_ = 0;
  bool edge_ = true;
};

}  // namespace

std::unique_ptr<const Symbols> symbols_of(const Machine& machine, const Normalised& text,
                                          const std::vector<Normalised>& sent) {
  return Stream(machine, text, sent).run();
}

}  // namespace moodline::replies::safety
