#include "daemon/replies/safety_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/replies/safety_words.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies::safety {
namespace {

using Kind = PatternNode::Kind;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<PatternTree> run() {
    PatternTree tree;
    skip_spaces();
    tree.at_start = take('^');
    auto body = sequence(0);
    if (!body) return tl::unexpected(body.error());
    tree.root = std::move(*body);
    tree.at_end = take('$');
    skip_spaces();
    if (at_ < text_.size()) return bad("only '$' may end a pattern");
    if (tree.root.items.empty()) return bad("write at least one word");
    tree.or_end = tree.root.items.back().or_end;
    if (or_ends_ > (tree.or_end ? 1 : 0) || (tree.or_end && tree.root.items.size() == 1)) {
      return bad("'$' stands only in the last bracket of a pattern, after other words");
    }
    return tree;
  }

 private:
  static tl::unexpected<Fault> bad(std::string message) {
    return fault("bad_pattern", std::move(message));
  }
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  Result<PatternNode> sequence(int depth) {
    if (depth > pattern_depth_max) return bad("brackets are nested too deep; use a class");
    PatternNode out;
    for (skip_spaces(); at_ < text_.size(); skip_spaces()) {
      const char c = text_[at_];
      if (c == ')' || c == '|' || c == '$') break;
      if (c == '~') {
        if (auto gap = read_gap(out); !gap) return tl::unexpected(gap.error());
        continue;
      }
      auto one = atom(depth);
      if (!one) return one;
      one->optional = one->optional || take('?');
      out.items.push_back(std::move(*one));
    }
    return out;
  }

  Result<bool> read_gap(PatternNode& out) {
    ++at_;
    const int n = at_ < text_.size() ? text_[at_] - '0' : 0;
    if (n < 1 || n > pattern_gap_max) {
      return bad(fmt::format("after '~' write how many words may stand between, 1 to {}",
                             pattern_gap_max));
    }
    ++at_;
    for (int i = 0; i < n; ++i) {
      PatternNode any;
      any.kind = Kind::any;
      any.optional = true;
      out.items.push_back(any);
    }
    return true;
  }

  Result<PatternNode> atom(int depth) {
    if (take('(')) return choice(depth);
    PatternNode node;
    if (take('/')) {
      node.kind = Kind::boundary;
      node.optional = true;
      return node;
    }
    if (text_.substr(at_).starts_with("not:")) {
      at_ += 4;
      node.negated = true;
    }
    if (take('<')) {
      const std::size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return bad("a class is written <name>");
      node.kind = Kind::in_class;
      node.text = std::string(text_.substr(at_, end - at_));
      at_ = end + 1;
      return node;
    }
    return word(std::move(node));
  }

  Result<PatternNode> choice(int depth) {
    PatternNode node;
    node.kind = Kind::choice;
    do {
      skip_spaces();
      if (take('$')) {
        node.or_end = true;
        ++or_ends_;
        skip_spaces();
        continue;
      }
      auto one = sequence(depth + 1);
      if (!one) return one;
      if (one->items.empty())
        return bad("a choice is empty; write ( ... )? for what may be absent");
      node.items.push_back(std::move(*one));
    } while (take('|'));
    if (!take(')')) return bad("a '(' has no ')'");
    return node;
  }

  Result<PatternNode> word(PatternNode node) {
    std::size_t end = at_;
    while (end < text_.size() &&
           std::string_view(" \n()|<>?*$^~/").find(text_[end]) == std::string_view::npos) {
      ++end;
    }
    const std::string_view raw = text_.substr(at_, end - at_);
    at_ = end;
    if (raw == "_") {
      node.kind = Kind::any;
      return node;
    }
    node.text = word_key(rules::normalise_phrase(raw));
    if (node.text.empty()) {
      return bad(fmt::format("\"{}\" is no word; leave marks out", raw));
    }
    if (node.text.find(' ') != std::string::npos) return several(node.text);
    node.kind = take('*') ? Kind::stem : Kind::word;
    return node;
  }

  /// "2nite" reaches the scan as a number and a word.
  static PatternNode several(const std::string& words) {
    PatternNode node;
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t space = std::min(words.find(' ', at), words.size());
      PatternNode one;
      one.kind = Kind::word;
      one.text = words.substr(at, space - at);
      node.items.push_back(std::move(one));
      at = space + 1;
    }
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int or_ends_ = 0;
};

}  // namespace

Result<PatternTree> parse_pattern(std::string_view text) {
  return Parser(text).run();
}

}  // namespace moodline::replies::safety
