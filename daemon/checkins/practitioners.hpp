// Practitioners: nobody is sent an alert before they accepted the role by text.
#pragma once
#include <string>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Asks a practitioner by text to take the role on; again each morning until they answer, and the
/// admin is told that they have not. A friend is asked on the first morning after somebody agreed
/// that they be told. Thread: the store's.
void invite_practitioner(store::Tx& tx, const Setting& s, const config::Practitioner& who,
                         const std::string& actor);

/// The two digits that stand behind ACCEPT; the same for one practitioner every time.
std::string role_code(const config::Practitioner& who);

}  // namespace moodline::checkins
