// Compiles language packs into a Lexicon. Used once, at load.
#pragma once
#include "config/language_pack.hpp"
#include "daemon/replies/lexicon.hpp"

namespace moodline::replies {

struct LexiconBuilder {
  Lexicon& lexicon;
  const config::LanguagePacks& packs;
  std::vector<config::PackProblem>& problems;

  void build();

 private:
  int intern(std::string_view word);
  std::vector<int> words_of(std::string_view normalised, bool aliased);
  void index_edges(std::size_t vocabulary);
  void read_aliases();
  void read_numbers(const config::LanguagePack& pack, Tongue& tongue);
  void read_commands(const config::LanguagePack& pack, Tongue& tongue);
  void read_list(const config::LanguagePack& pack, std::string_view name, PatternList& out);
  void compile(const config::LanguagePack& pack, const config::PackPhrase& phrase,
               const std::string& name, PatternList& out);
  void add_choices(const config::LanguagePack& pack, std::string_view choices,
                   PatternElement& element, int depth);
};

/// A word as it is looked up: apostrophes dropped.
std::string lookup_key(std::string_view word);

}  // namespace moodline::replies
