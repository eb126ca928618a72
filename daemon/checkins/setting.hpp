// Setting: what a decision may look at besides stored rows. Handed in, never asked for.
#pragma once
#include <map>
#include <string>

#include "config/catalogue.hpp"
#include "config/language_pack.hpp"
#include "daemon/store/store.hpp"
#include "rules/base/dice.hpp"
#include "rules/base/instant.hpp"

namespace moodline::replies {
class Reader;
}

namespace moodline::checkins {

/// Lives for one transaction. Thread: the store's.
struct Setting {
  const config::Service& service;
  const replies::Reader* reader = nullptr;  // compiled language packs; null where no text is read
  Instant now;
  Dice& dice;
  /// Where given, what replies turned out to be is counted here by name, for the metrics.
  std::map<std::string, int>* tally = nullptr;
};

}  // namespace moodline::checkins
