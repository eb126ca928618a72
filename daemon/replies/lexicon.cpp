#include "daemon/replies/lexicon.hpp"

#include <algorithm>

#include "daemon/replies/lexicon_builder.hpp"

namespace moodline::replies {

Lexicon::Lexicon(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems) {
  LexiconBuilder{*this, packs, problems}.build();
}

int Lexicon::id(std::string_view word) const {
  const auto it = ids_.find(word);
  return it == ids_.end() ? 0 : it->second;
}

const std::vector<int>* Lexicon::alias(int id) const {
  const auto it = aliases_.find(id);
  return it == aliases_.end() ? nullptr : &it->second;
}

const std::vector<const CommandList*>& Lexicon::commands_from(int word) const {
  static const std::vector<const CommandList*> none;
  const auto it = command_starts_.find(word);
  return it == command_starts_.end() ? none : it->second;
}

const Tongue* Lexicon::find(std::string_view code) const {
  for (const auto& t : tongues_) {
    if (t->code == code) return t.get();
  }
  return nullptr;
}

Tongues::Tongues(const Lexicon& lex, const std::vector<std::string>& languages) : lexicon(&lex) {
  for (const std::string& code : languages) {
    const Tongue* t = lex.find(code);
    if (t != nullptr && std::find(own.begin(), own.end(), t) == own.end()) own.push_back(t);
  }
  decimal_comma = !own.empty() && own.front()->decimal_comma;
  const Tongue* english = lex.find("en");
  if (english != nullptr && std::find(own.begin(), own.end(), english) == own.end()) {
    own.push_back(english);
  }
  for (const auto& t : lex.tongues()) all.push_back(t.get());
}

PatternMatch Tongues::longest(const std::vector<const Tongue*>& of, TongueBits may, L list,
                              const Items& items, std::size_t at, Sep widest) {
  PatternMatch best;
  for (const Tongue* t : of) {
    if ((may & t->bit) == 0) continue;
    const PatternMatch m = t->list(list).match(items, at, widest);
    if (m && m.end > best.end) best = m;
  }
  return best;
}

PatternMatch Tongues::match_before(L list, const Items& items, std::size_t end, std::size_t floor,
                                   std::size_t& begin, Sep widest) const {
  PatternMatch best;
  if (end == 0 || end > items.size()) return best;
  const TongueBits may = lexicon->ends(list, items[end - 1].word);
  std::size_t earliest = end;
  for (const Tongue* t : own) {
    if ((may & t->bit) == 0) continue;
    std::size_t from = end;
    const PatternMatch m = t->list(list).match_before(items, end, floor, from, widest);
    if (m && from < earliest) {
      best = m;
      earliest = from;
    }
  }
  if (best) begin = earliest;
  return best;
}

}  // namespace moodline::replies
