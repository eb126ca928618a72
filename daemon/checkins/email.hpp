// Email and outgoing webhooks: what a practitioner is texted goes to their email too, with a link
// to the page; what happens to an alert is told to the systems in service.yaml. Both are rows of
// the same outbox, over routes of their own. Thread: the store's.
#pragma once
#include <string>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Where a row goes, by its address.
enum class Way { text, email, webhook };
Way way_of(const store::Message& m);
/// Whether this route carries this row at all.
bool carries_way(const config::Route& route, const store::Message& m);

/// Queues the text for its practitioner, and an email of the same where they have an address and
/// the service sends email; the email alone where they have no number. False: nobody to send to.
bool queue_for_staff(store::Tx& tx, const Setting& s, store::Message m);

/// An email as claimed: its values hold subject and html; the text is returned. A link to the page
/// is made where the row is about one alert.
std::string render_email(store::Tx& tx, const Setting& s, store::Message& m, std::string words);

/// The trail gained a row: tells the outgoing webhooks that ask for it.
void queue_webhooks(store::Tx& tx, const Setting& s, std::string_view action,
                    std::string_view subject, store::RowId person);

}  // namespace moodline::checkins
