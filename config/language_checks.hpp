// What a language pack may not do. Each check names the place and the cure.
#pragma once
#include <vector>

#include "config/language_pack.hpp"

namespace moodline::config {

/// Unknown list names; a word with two values; a number word that is also a command or an opt-out
/// word; a command phrase under two commands; brackets that do not close; an unknown {class}.
void check_pack(const LanguagePack& pack, std::vector<PackProblem>& problems);

}  // namespace moodline::config
