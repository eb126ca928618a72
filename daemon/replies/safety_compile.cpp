// From the packs' safety.yaml to the machine. docs/safety.md shows the format.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/replies/safety_machine.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies::safety {
namespace {

using config::PackNode;

/// "a, b c, d" or a list of such: each entry as the keys of its words.
std::vector<std::vector<std::string>> entries(const PackNode& node) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& text : node.texts()) {
    std::size_t from = 0;
    while (from <= text.size()) {
      const std::size_t to = std::min(text.find(',', from), text.size());
      const std::string phrase = rules::normalise_phrase(text.substr(from, to - from));
      std::vector<std::string> keys;
      std::size_t at = 0;
      while (at < phrase.size()) {
        const std::size_t space = std::min(phrase.find(' ', at), phrase.size());
        std::string key = word_key(phrase.substr(at, space - at));
        if (!key.empty()) keys.push_back(std::move(key));
        at = space + 1;
      }
      if (!keys.empty()) out.push_back(std::move(keys));
      from = to + 1;
    }
  }
  return out;
}

struct Group {
  std::string_view name;
  Effect effect;
  Tier tier;
};

constexpr Group groups[] = {
    {"danger", Effect::flag, Tier::danger},     {"direct", Effect::flag, Tier::direct},
    {"indirect", Effect::flag, Tier::indirect}, {"quiet", Effect::quiet, Tier::none},
    {"hold", Effect::hold, Tier::none},         {"deceased", Effect::deceased, Tier::none},
    {"queue", Effect::queue, Tier::none},
};

class PackCompiler {
 public:
  PackCompiler(Machine& machine, const config::LanguagePack& pack,
               std::vector<config::PackProblem>& problems)
      : machine_(machine), pack_(pack), problems_(problems) {}

  void run() {
    const PackNode& top = pack_.safety;
    if (top.kind == PackNode::Kind::none) return;
    check_keys(top,
               {"checked", "slips", "not_slips", "hidden", "filler", "joiner", "closer", "classes",
                "vetoes", "danger", "direct", "indirect", "quiet", "hold", "deceased", "queue"});
    read_words(top);
    if (const PackNode* classes = top.find("classes")) read_classes(*classes);
    if (const PackNode* vetoes = top.find("vetoes")) {
      for (const auto& [name, node] : vetoes->entries) read_veto(name, node);
    }
    for (const Group& group : groups) {
      const PackNode* list = top.find(group.name);
      if (list == nullptr) continue;
      for (const auto& [name, node] : list->entries) read_rule(group, name, node);
    }
  }

 private:
  void problem(const PackNode& at, std::string message) {
    problems_.push_back({at.place, std::move(message)});
  }

  void check_keys(const PackNode& map, const std::set<std::string_view>& known) {
    for (const auto& [key, node] : map.entries) {
      if (known.contains(key)) continue;
      std::string all;
      for (const std::string_view k : known) all += (all.empty() ? "" : ", ") + std::string(k);
      problem(node, fmt::format("\"{}\" is unknown here; write one of {}", key, all));
    }
  }

  void read_words(const PackNode& top) {
    const auto each = [&](std::string_view key, const auto& use) {
      const PackNode* node = top.find(key);
      if (node == nullptr) return;
      for (const auto& keys : entries(*node)) {
        if (keys.size() == 1) {
          use(keys[0]);
        } else {
          problem(*node, fmt::format("{} takes single words only", key));
        }
      }
    };
    each("filler", [&](const std::string& k) { machine_.words.join(k, machine_.filler); });
    each("joiner", [&](const std::string& k) { machine_.words.join(k, machine_.joiner); });
    each("closer", [&](const std::string& k) { machine_.words.join(k, machine_.closer); });
    each("slips", [&](const std::string& k) {
      machine_.words.word(k);
      machine_.words.forgive_slips(k);
    });
    each("not_slips", [&](const std::string& k) { machine_.words.not_a_slip(k); });
    each("hidden", [&](const std::string& k) {
      machine_.words.word(k);
      machine_.words.hidden(k);
    });
  }

  void read_classes(const PackNode& node) {
    for (const auto& [name, words] : node.entries) {
      ClassEntry entry;
      entry.label = machine_.words.fresh();
      for (auto& keys : entries(words)) {
        if (keys.size() > 1) {
          entry.phrases.push_back(std::move(keys));
        } else {
          machine_.words.join(keys[0], entry.label);
        }
      }
      classes_[name] = std::move(entry);
    }
  }

  std::uint32_t add_rule(Rule rule, const PackNode& say) {
    const auto id = static_cast<std::uint32_t>(machine_.rules.size());
    machine_.rules.push_back(std::move(rule));
    const auto add = [&](const PackNode& one) {
      const std::string wrong = add_pattern(machine_, classes_, id, one.text);
      if (!wrong.empty()) problem(one, fmt::format("pattern \"{}\": {}", one.text, wrong));
    };
    if (say.kind == PackNode::Kind::scalar) add(say);
    for (const PackNode& one : say.items) add(one);
    return id;
  }

  void read_veto(const std::string& name, const PackNode& node) {
    Rule rule;
    rule.name = pack_.code + "/veto/" + name;
    rule.effect = Effect::nothing;
    const PackNode* say = &node;
    if (node.kind == PackNode::Kind::map) {
      check_keys(node, {"reach", "say"});
      const PackNode* reach = node.find("reach");
      if (reach != nullptr && reach->text == "sentence") {
        rule.reach = Reach::sentence;
      } else if (reach != nullptr && reach->text == "message") {
        rule.reach = Reach::message;
      } else if (reach != nullptr && reach->text != "overlap") {
        problem(*reach, "reach is overlap, sentence or message");
      }
      say = node.find("say");
      if (say == nullptr) return problem(node, "a veto needs \"say\": a list of patterns");
    }
    vetoes_[name] = add_rule(std::move(rule), *say);
  }

  void read_rule(const Group& group, const std::string& name, const PackNode& node) {
    check_keys(node, {"covers", "say", "unless", "lowered_by", "quiet", "unless_yes_no", "tier"});
    Rule rule;
    rule.name = fmt::format("{}/{}/{}", pack_.code, group.name, name);
    rule.effect = group.effect;
    rule.tier = group.tier;
    const PackNode* covers = node.find("covers");
    if (covers == nullptr || covers->text.empty()) {
      problem(node,
              fmt::format("rule \"{}\" needs \"covers\": the class of replies it is for", name));
    } else {
      rule.covers = covers->text;
    }
    const auto is_true = [&](std::string_view key) {
      const PackNode* flag = node.find(key);
      return flag != nullptr && flag->text == "true";
    };
    if (is_true("quiet")) rule.effect = Effect::quiet;
    rule.unless_yes_no = is_true("unless_yes_no");
    rule.vetoes = named(node, "unless");
    rule.lowered = named(node, "lowered_by");
    const PackNode* say = node.find("say");
    if (say == nullptr) return problem(node, fmt::format("rule \"{}\" needs \"say\"", name));
    add_rule(std::move(rule), *say);
  }

  std::vector<std::uint32_t> named(const PackNode& node, std::string_view key) {
    std::vector<std::uint32_t> out;
    const PackNode* list = node.find(key);
    if (list == nullptr) return out;
    for (const auto& keys : list->texts()) {
      std::size_t from = 0;
      while (from < keys.size()) {
        const std::size_t to = std::min(keys.find(',', from), keys.size());
        std::string name = keys.substr(from, to - from);
        name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
        const auto found = vetoes_.find(name);
        if (found == vetoes_.end()) {
          problem(*list, fmt::format("veto \"{}\" is not in this pack's vetoes", name));
        } else {
          out.push_back(found->second);
        }
        from = to + 1;
      }
    }
    return out;
  }

  Machine& machine_;
  const config::LanguagePack& pack_;
  std::vector<config::PackProblem>& problems_;
  Classes classes_;
  std::unordered_map<std::string, std::uint32_t> vetoes_;
};

}  // namespace

Machine compile(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems) {
  Machine machine;
  machine.filler = machine.words.fresh();
  machine.joiner = machine.words.fresh();
  machine.closer = machine.words.fresh();
  for (const config::LanguagePack& pack : packs.packs) {
    PackCompiler(machine, pack, problems).run();
  }
  machine.words.seal();
  for (Position& at : machine.positions) {
    machine.edges_from.push_back(static_cast<std::uint32_t>(machine.edges.size()));
    machine.accepts.push_back(at.accepts);
    for (const std::uint32_t f : at.follow) {
      const Position& next = machine.positions[f];
      machine.edges.push_back({f, next.label, next.negated ? 1U : 0U});
    }
  }
  machine.edges_from.push_back(static_cast<std::uint32_t>(machine.edges.size()));
  // A common word holds a hundred labels, and few of them begin a pattern: no hashing to learn so.
  for (Label l = 0; l < machine.words.labels_end(); ++l) {
    machine.seeds_from.push_back(static_cast<std::uint32_t>(machine.seeds_in_a_row.size()));
    const auto found = machine.seeds.find(l);
    if (found == machine.seeds.end()) continue;
    machine.seeds_in_a_row.insert(machine.seeds_in_a_row.end(), found->second.begin(),
                                  found->second.end());
  }
  machine.seeds_from.push_back(static_cast<std::uint32_t>(machine.seeds_in_a_row.size()));
  machine.seeds.clear();
  return machine;
}

}  // namespace moodline::replies::safety
