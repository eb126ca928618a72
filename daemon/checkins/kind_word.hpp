// A kind word: SEEN from somebody who may be told about a person, passed on to that person in
// their words. The practitioner's next to the replies they answer. Thread: the store's.
#pragma once
#include <string>
#include <string_view>

#include "daemon/checkins/desk.hpp"

namespace moodline::checkins {

/// The person that `who` (the code or initials as agreed; empty: the only one) means among those
/// this practitioner may be told about. Nothing: nobody, or several.
std::optional<store::Person> person_meant(store::ReadTx& tx, const config::Service& service,
                                          const std::string& practitioner, std::string_view who);
/// Texts the person that their answers were read, with the reader's words, and marks what waited to
/// be read as seen. Returns how many replies that were.
int relay_seen(store::Tx& tx, const Setting& s, store::Person person,
               const config::Practitioner& by, std::string words, const std::string& actor);

}  // namespace moodline::checkins
