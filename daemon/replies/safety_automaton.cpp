// Patterns into positions (Glushkov's construction): no empty moves, so a scan is a simple walk.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/replies/safety_machine.hpp"
#include "daemon/replies/safety_pattern.hpp"

namespace moodline::replies::safety {
namespace {

using Kind = PatternNode::Kind;
using Positions = std::vector<std::uint32_t>;

struct Piece {
  bool may_be_empty = true;
  Positions first;
  Positions last;
};

class Builder {
 public:
  Builder(Machine& machine, const Classes& classes) : machine_(machine), classes_(classes) {}

  Piece build(const PatternNode& node) {
    Piece out = build_one(node);
    if (node.optional) out.may_be_empty = true;
    return out;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  Piece leaf(Label label, bool negated = false) {
    const auto at = static_cast<std::uint32_t>(machine_.positions.size());
    machine_.positions.push_back({label, negated, accepts_nothing, {}});
    return {false, {at}, {at}};
  }

  Piece then(Piece a, const Piece& b) {
    for (const std::uint32_t l : a.last) {
      auto& follow = machine_.positions[l].follow;
      follow.insert(follow.end(), b.first.begin(), b.first.end());
    }
    if (a.may_be_empty) a.first.insert(a.first.end(), b.first.begin(), b.first.end());
    if (b.may_be_empty) {
      a.last.insert(a.last.end(), b.last.begin(), b.last.end());
    } else {
      a.last = b.last;
    }
    a.may_be_empty = a.may_be_empty && b.may_be_empty;
    return a;
  }

  static void either(Piece& a, const Piece& b) {
    a.first.insert(a.first.end(), b.first.begin(), b.first.end());
    a.last.insert(a.last.end(), b.last.begin(), b.last.end());
    a.may_be_empty = a.may_be_empty || b.may_be_empty;
  }

  Piece in_class(const PatternNode& node) {
    if (node.text == "number") return leaf(label_number, node.negated);
    if (node.text == "many") return leaf(label_many, node.negated);
    const auto found = classes_.find(node.text);
    if (found == classes_.end()) {
      problem_ = fmt::format("class <{}> is not in this pack's classes", node.text);
      return leaf(label_any);
    }
    Piece out = leaf(found->second.label, node.negated);
    if (node.negated) return out;
    for (const auto& phrase : found->second.phrases) {
      Piece words;
      for (const std::string& w : phrase) words = then(words, leaf(machine_.words.word(w)));
      either(out, words);
    }
    return out;
  }

  Piece build_one(const PatternNode& node) {
    switch (node.kind) {
      case Kind::word:
        return leaf(machine_.words.word(node.text), node.negated);
      case Kind::stem:
        return leaf(machine_.words.stem(node.text), node.negated);
      case Kind::in_class:
        return in_class(node);
      case Kind::any:
        return leaf(label_any);
      case Kind::boundary:
        return leaf(label_boundary);
      case Kind::sequence: {
        Piece out;
        for (const PatternNode& item : node.items) out = then(out, build(item));
        return out;
      }
      case Kind::choice:
        break;
    }
    return choice(node);
  }

  /// The word that a branch of a choice is, where it is one word and nothing else.
  static const PatternNode* lone_word(const PatternNode& item) {
    const PatternNode* at = &item;
    while (at->kind == Kind::sequence && at->items.size() == 1 && !at->optional) {
      at = &at->items.front();
    }
    return at->kind == Kind::word && !at->negated && !at->optional ? at : nullptr;
  }

  /// Single words of a choice share one position: a walk's cost is the positions it stands on.
  Piece choice(const PatternNode& node) {
    Piece out;
    out.may_be_empty = false;
    std::set<std::string> words;
    for (const PatternNode& item : node.items) {
      if (const PatternNode* word = lone_word(item)) {
        words.insert(word->text);
      } else {
        either(out, build(item));
      }
    }
    if (words.size() == 1) {
      either(out, leaf(machine_.words.word(*words.begin())));
    } else if (!words.empty()) {
      either(out, leaf(machine_.words.group(words)));
    }
    return out;
  }

  Machine& machine_;
  const Classes& classes_;
  std::string problem_;
};

void unique(Positions& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

namespace {

std::string add_one(Machine& machine, const Classes& classes, const PatternTree& tree,
                    std::uint32_t rule) {
  const std::size_t before = machine.positions.size();
  Builder builder(machine, classes);
  Piece whole = builder.build(tree.root);
  std::string problem = builder.problem();
  if (whole.may_be_empty) problem = "every word may be absent; one must stand";
  unique(whole.first);
  unique(whole.last);
  for (const std::uint32_t p : whole.first) {
    const Position& at = machine.positions[p];
    if (problem.empty() && (at.negated || at.label == label_any || at.label == label_boundary)) {
      problem = "a pattern starts with a word or class, not with a gap";
    }
  }
  if (!problem.empty()) {
    machine.positions.resize(before);
    return problem;
  }
  const auto id = static_cast<std::uint32_t>(machine.patterns.size());
  machine.patterns.push_back({rule, tree.at_start, tree.at_end});
  for (std::size_t p = before; p < machine.positions.size(); ++p) {
    unique(machine.positions[p].follow);
  }
  for (const std::uint32_t p : whole.last) machine.positions[p].accepts = id;
  for (const std::uint32_t p : whole.first) {
    machine.seeds[machine.positions[p].label].push_back({p, tree.at_start});
  }
  return {};
}

}  // namespace

std::string add_pattern(Machine& machine, const Classes& classes, std::uint32_t rule,
                        std::string_view text) {
  auto tree = parse_pattern(text);
  if (!tree) return tree.error().message;
  std::string problem = add_one(machine, classes, *tree, rule);
  if (!problem.empty() || !tree->or_end) return problem;
  tree->root.items.pop_back();
  tree->at_end = true;
  return add_one(machine, classes, *tree, rule);
}

}  // namespace moodline::replies::safety
