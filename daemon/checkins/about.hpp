// About: whether somebody may still be told about a person, by the agreements in force now; and
// the words of texts about several people, made anew as each leaves. Thread: the store's.
#pragma once
#include <string>

#include "daemon/checkins/desk.hpp"

namespace moodline::checkins {

/// This recipient is named, or stands in for one who is named, in the agreement of the alert's
/// rule, which is in force; and the person has not gone, or the alert is urgent and goes to duty.
bool may_be_told(store::ReadTx& tx, const config::Service& service, const store::Alert& alert,
                 const std::string& recipient);

/// Somebody who works here is told of it: not where its sentence says that nobody else is, nor
/// where it names a friend alone. Only such an alert goes into digests and to webhooks.
bool told_to_staff(store::ReadTx& tx, const store::Alert& alert);

/// A text that names several alerts: drops those that may not be told any more and writes its list
/// anew. False: nothing is left to tell.
bool refresh_list(store::Tx& tx, const Setting& s, store::Message& m);

/// "K7 L3 Mon" in a list of alerts.
std::string alert_item(const config::Service& service, const store::Alert& alert,
                       const std::string& language);
/// A short weekday in the language.
std::string short_day(const config::Service& service, const std::string& language, LocalDate d);

}  // namespace moodline::checkins
