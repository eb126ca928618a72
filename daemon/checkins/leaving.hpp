// Leaving: a record is closed, or handed to another practitioner. The person is told once, with who
// holds their data now; nobody is told about them under an agreement that named somebody else.
// Thread: the store's.
#pragma once
#include <string>

#include "daemon/checkins/desk.hpp"

namespace moodline::checkins {

/// Closes a record. `holder`: who holds their data now, as the person reads it; empty: the
/// service's contact. Faults: "already_left".
Result<store::Person> discharge(store::Tx& tx, const Setting& s, store::Person person,
                                const std::string& holder, const std::string& actor);

/// Hands a record to another practitioner. Sentences that named the old one end, their open alerts
/// close, and each is offered anew. Faults: "unknown_practitioner", "same_practitioner",
/// "already_left".
Result<store::Person> transfer(store::Tx& tx, const Setting& s, store::Person person,
                               const std::string& to, const std::string& actor);

/// Everybody of one practitioner to another, who is told how many. Returns how many.
Result<int> hand_over(store::Tx& tx, const Setting& s, const std::string& from,
                      const std::string& to, const std::string& actor);

}  // namespace moodline::checkins
