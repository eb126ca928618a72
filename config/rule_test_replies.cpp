// Compact replies: one token a prompt, in the order the prompts are due.
#include <fmt/format.h>

#include <algorithm>

#include "config/rule_test_case.hpp"

namespace moodline::config {
namespace {
constexpr Millis first_reply_after = std::chrono::minutes{5};

struct Token {
  std::string text;
  bool quoted = false;  // "words"
  bool safety = false;  // "words"!
};

/// Splits at spaces outside double quotes.
std::vector<Token> tokens_of(std::string_view s) {
  std::vector<Token> out;
  std::size_t i = 0;
  while (i < s.size()) {
    if (s[i] == ' ' || s[i] == '\n') {
      ++i;
      continue;
    }
    Token t;
    if (s[i] == '"') {
      const auto end = s.find('"', i + 1);
      t.quoted = true;
      t.text = s.substr(i + 1, end == std::string_view::npos ? s.npos : end - i - 1);
      i = end == std::string_view::npos ? s.size() : end + 1;
      if (i < s.size() && s[i] == '!') {
        t.safety = true;
        ++i;
      }
    } else {
      const auto end = std::min(s.find_first_of(" \n", i), s.size());
      t.text = s.substr(i, end - i);
      i = end;
    }
    out.push_back(std::move(t));
  }
  return out;
}

class Replies {
 public:
  Replies(TestCase& test, const Node& node, Problems& problems)
      : test_(test), node_(node), problems_(problems) {}

  void run() {
    const std::vector<Token> tokens = tokens_of(node_.text);
    if (tokens.size() > test_.slots.size()) {
      problem(fmt::format("has {} replies for {} prompts before until", tokens.size(),
                          test_.slots.size()),
              "shorten it, or write a later until");
      return;
    }
    const bool ends_open =
        tokens.empty() || tokens.back().quoted || tokens.back().text.size() != 1 ||
        std::string_view("_xup").find(tokens.back().text) == std::string_view::npos;
    if (ends_open && tokens.size() < test_.slots.size()) {
      problem(fmt::format("stops at {} replies, but {} prompts are due before until", tokens.size(),
                          test_.slots.size()),
              "write the rest, or end in _, x, u or p, which then holds to the end");
      return;
    }
    for (std::size_t i = 0; i < test_.slots.size(); ++i) {
      one(tokens[std::min(i, tokens.size() - 1)], test_.slots[i], i);
    }
  }

 private:
  void problem(std::string what, std::string cure) {
    problems_.add(node_.place, node_.path, std::move(what), std::move(cure));
  }

  void prompt(std::size_t i, Instant at, rules::PromptStatus status) {
    test_.log.push_back({at, rules::PromptEvent{fmt::format("p{}", i), at, status}});
  }

  void inbound(rules::Inbound in) {
    in.id = fmt::format("r{}", ++replies_);
    const Instant at = in.at;
    test_.log.push_back({at, std::move(in)});
  }

  void one(const Token& t, Instant at, std::size_t i) {
    using rules::PromptStatus;
    if (!t.quoted && t.text.size() == 1) {
      switch (t.text[0]) {
        case '_':
          test_.has_missed = true;
          return prompt(i, at, PromptStatus::sent);
        case 'x':
          return prompt(i, at, PromptStatus::not_sent);
        case 'u':
          return prompt(i, at, PromptStatus::undelivered);
        case 'p':
          return prompt(i, at, PromptStatus::paused);
        default:
          break;
      }
    }
    prompt(i, at, PromptStatus::sent);
    if (t.quoted) {
      rules::Inbound in;
      in.at = at + first_reply_after;
      if (t.safety) in.lists = {"safety"};
      return inbound(std::move(in));
    }
    several(t.text, at);
  }

  /// "3", "3,6", "3>6", "3+15h", "low": each later reply of a token comes 5 minutes after the one
  /// before it unless it says when.
  void several(std::string_view s, Instant slot) {
    Instant at = slot;
    bool corrects = false;
    while (!s.empty()) {
      const auto end = std::min(s.find_first_of(",>"), s.size());
      at = at + first_reply_after;
      if (!reply(s.substr(0, end), slot, at, corrects)) return;
      corrects = end < s.size() && s[end] == '>';
      s.remove_prefix(std::min(end + 1, s.size()));
    }
  }

  bool reply(std::string_view part, Instant slot, Instant& at, bool corrects) {
    const auto plus = part.find('+');
    const std::string_view value = part.substr(0, plus);
    rules::Inbound in;
    in.corrects = corrects;
    in.low = value == "low";
    if (!in.low) in.value = decimal_from(value);
    const auto delay =
        plus == std::string_view::npos ? std::nullopt : duration_from(part.substr(plus + 1));
    if ((!in.low && !in.value) || (plus != std::string_view::npos && !delay)) {
      problem(fmt::format("{} is not a reply", quote(part)),
              "write a number, _ x u p, 3,6 or 3>6, 3+15h, low, or \"words\"");
      return false;
    }
    if (delay) at = slot + std::chrono::duration_cast<Millis>(*delay);
    in.at = at;
    if (in.value && *in.value == test_.rule->when.line.value) test_.has_line_value = true;
    inbound(std::move(in));
    return true;
  }

  TestCase& test_;
  const Node& node_;
  Problems& problems_;
  int replies_ = 0;
};
}  // namespace

void add_replies(TestCase& test, const Node& node, Problems& problems) {
  Replies(test, node, problems).run();
}

}  // namespace moodline::config
