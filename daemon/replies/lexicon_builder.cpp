#include "daemon/replies/lexicon_builder.hpp"

#include <algorithm>

#include "daemon/replies/number_words.hpp"

namespace moodline::replies {
namespace {

constexpr int class_depth_max = 4;               // a class may name another
constexpr std::size_t unaccented_bytes_min = 4;  // shorter words keep their accents

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  std::string part;
  int depth = 0;
  for (const char c : text) {
    depth += (c == '(' || c == '[' || c == '{') ? 1 : (c == ')' || c == ']' || c == '}') ? -1 : 0;
    if (c == by && depth == 0) {
      if (!part.empty()) out.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  if (!part.empty()) out.push_back(part);
  return out;
}

}  // namespace

std::string lookup_key(std::string_view word) {
  std::string out;
  out.reserve(word.size());
  for (const char c : word) {
    if (c != '\'') out += c;
  }
  return out;
}

int LexiconBuilder::intern(std::string_view word) {
  const std::string key = lookup_key(word);
  if (const int known = lexicon.id(key); known != 0) return known;
  const int id = static_cast<int>(lexicon.words_.size());
  lexicon.words_.push_back(key);
  lexicon.keys_.push_back(std::make_unique<std::string>(key));
  lexicon.ids_.emplace(*lexicon.keys_.back(), id);
  return id;
}

std::vector<int> LexiconBuilder::words_of(std::string_view normalised, bool aliased) {
  std::vector<int> out;
  for (const std::string& word : split(normalised, ' ')) {
    const int id = intern(word);
    const auto* stands_for = aliased ? lexicon.alias(id) : nullptr;
    if (stands_for != nullptr) {
      out.insert(out.end(), stands_for->begin(), stands_for->end());
    } else {
      out.push_back(id);
    }
  }
  return out;
}

void LexiconBuilder::read_aliases() {
  constexpr std::string_view prefix = "words.aliases.";
  for (const auto& pack : packs.packs) {
    for (const auto& [name, list] : pack.lists) {
      if (!name.starts_with(prefix)) continue;
      const std::string to = rules::normalise_phrase(std::string_view(name).substr(prefix.size()));
      const std::vector<int> meaning = words_of(to, false);
      for (const auto& p : list) lexicon.aliases_[intern(p.phrase)] = meaning;
    }
  }
}

void LexiconBuilder::read_numbers(const config::LanguagePack& pack, Tongue& tongue) {
  const auto add = [&](std::string_view phrase, const config::PackNumber& n) {
    NumberWord word{words_of(phrase, false), n.value, n.own_language};
    if (word.words.empty()) return;
    auto& same = tongue.numbers[word.words.front()];
    const bool known = std::any_of(same.begin(), same.end(),
                                   [&](const NumberWord& w) { return w.words == word.words; });
    if (known) return;
    if (word.words.size() == 1)
      tongue.spellings.push_back({std::string(phrase), letters_of(phrase), n.value});
    same.push_back(std::move(word));
    std::stable_sort(same.begin(), same.end(), [](const NumberWord& a, const NumberWord& b) {
      return a.words.size() > b.words.size();
    });
  };
  for (const auto& n : pack.numbers) add(n.phrase, n);
  for (const auto& n : pack.numbers) {
    const std::string bare = rules::without_accents(n.phrase);
    if (bare != n.phrase && bare.size() >= unaccented_bytes_min) add(bare, n);
  }
}

void LexiconBuilder::add_choices(const config::LanguagePack& pack, std::string_view choices,
                                 PatternElement& element, int depth) {
  for (const std::string& choice : split(choices, '|')) {
    if (choice.front() == '{' && choice.back() == '}' && depth < class_depth_max) {
      const std::string name = "classes." + choice.substr(1, choice.size() - 2);
      for (const auto& p : pack.list(name)) add_choices(pack, p.written, element, depth + 1);
      continue;
    }
    if (choice == "#") {
      element.number = true;
      continue;
    }
    const std::string phrase = rules::normalise_phrase(choice);
    const auto add = [&](const std::string& form) {
      std::vector<int> ids = words_of(form, true);
      if (ids.size() == 1) element.singles.push_back(ids.front());
      if (ids.size() > 1) element.phrases.push_back(std::move(ids));
    };
    add(phrase);
    const std::string bare = rules::without_accents(phrase);
    if (bare != phrase && bare.size() >= unaccented_bytes_min) add(bare);
  }
  std::sort(element.singles.begin(), element.singles.end());
}

void LexiconBuilder::compile(const config::LanguagePack& pack, const config::PackPhrase& phrase,
                             const std::string& name, PatternList& out) {
  Pattern pattern;
  pattern.name = pack.code + "/" + name + ":" + std::to_string(phrase.place.line);
  for (const std::string& part : split(phrase.written, ' ')) {
    PatternElement element;
    const char open = part.front();
    if (part == "_") {
      element.wild_min = element.wild_max = 1;
    } else if (part == "...") {
      element.wild_max = wild_words_max;
    } else if (open == '(' || open == '[') {
      element.optional = open == '[';
      add_choices(pack, std::string_view(part).substr(1, part.size() - 2), element, 0);
    } else if (open == '{') {
      add_choices(pack, part, element, 0);
    } else {
      // A plain word; contractions and hyphens may make several elements of it.
      PatternElement plain;
      add_choices(pack, part, plain, 0);
      if (plain.singles.empty() && plain.phrases.empty() && !plain.number) continue;
      element = std::move(plain);
    }
    if (element.singles.empty() && element.phrases.empty() && !element.number &&
        element.wild_max == 0) {
      problems.push_back({phrase.place, "\"" + phrase.written +
                                            "\" has a part with no word in it; "
                                            "write words, (a|b), [a|b], {class}, _, ... or #"});
      return;
    }
    pattern.elements.push_back(std::move(element));
  }
  if (!pattern.elements.empty()) out.add(std::move(pattern));
}

void LexiconBuilder::read_list(const config::LanguagePack& pack, std::string_view name,
                               PatternList& out) {
  for (const auto& p : pack.list(name)) compile(pack, p, std::string(name), out);
}

void LexiconBuilder::read_commands(const config::LanguagePack& pack, Tongue& tongue) {
  constexpr std::string_view prefix = "commands.";
  for (const auto& [name, list] : pack.lists) {
    if (!name.starts_with(prefix)) continue;
    const std::size_t dot = name.find('.', prefix.size());
    const std::string word = name.substr(prefix.size(), dot - prefix.size());
    const auto command = command_from(word);
    if (!command || dot == std::string::npos) {
      problems.push_back(
          {list.empty() ? config::Place{} : list.front().place,
           "\"" + name + "\" is no command with whole or frame; see docs/replies.md"});
      continue;
    }
    auto it = std::find_if(tongue.commands.begin(), tongue.commands.end(),
                           [&](const CommandList& c) { return c.command == *command; });
    if (it == tongue.commands.end()) {
      tongue.commands.push_back({*command, {}, {}});
      it = std::prev(tongue.commands.end());
    }
    read_list(pack, name, name.ends_with(".whole") ? it->whole : it->frame);
  }
}

void LexiconBuilder::build() {
  lexicon.words_.emplace_back();
  read_aliases();
  for (const auto& pack : packs.packs) {
    auto tongue = std::make_unique<Tongue>();
    tongue->code = pack.code;
    tongue->decimal_comma = pack.decimal_comma;
    for (std::size_t i = 0; i < list_count; ++i) read_list(pack, list_keys[i], tongue->lists[i]);
    read_commands(pack, *tongue);
    read_numbers(pack, *tongue);
    lexicon.tongues_.push_back(std::move(tongue));
  }
  const std::size_t vocabulary = lexicon.words_.size();
  for (auto& tongue : lexicon.tongues_) {
    for (PatternList& list : tongue->lists) list.seal(vocabulary);
    for (CommandList& c : tongue->commands) {
      c.whole.seal(vocabulary);
      c.frame.seal(vocabulary);
    }
  }
  index_edges(vocabulary);
}

void LexiconBuilder::index_edges(std::size_t vocabulary) {
  for (auto* edges : {&lexicon.starts_, &lexicon.ends_}) {
    edges->words.assign(vocabulary * list_count, 0);
  }
  for (std::size_t t = 0; t < lexicon.tongues_.size(); ++t) {
    Tongue& tongue = *lexicon.tongues_[t];
    tongue.bit = static_cast<TongueBits>(1U << std::min(t, tongue_bits - 1));
    for (std::size_t l = 0; l < list_count; ++l) {
      const PatternList& list = tongue.lists[l];
      if (list.empty()) continue;
      if (list.may_start(0)) lexicon.starts_.any[l] |= tongue.bit;
      if (list.may_end(0)) lexicon.ends_.any[l] |= tongue.bit;
      for (std::size_t w = 1; w < vocabulary; ++w) {
        const int word = static_cast<int>(w);
        if (list.may_start(word)) lexicon.starts_.words[w * list_count + l] |= tongue.bit;
        if (list.may_end(word)) lexicon.ends_.words[w * list_count + l] |= tongue.bit;
      }
    }
    for (const CommandList& c : tongue.commands) {
      for (std::size_t w = 1; w < vocabulary; ++w) {
        const int word = static_cast<int>(w);
        if (c.frame.may_start(word)) lexicon.command_starts_[word].push_back(&c);
      }
    }
  }
}

}  // namespace moodline::replies
