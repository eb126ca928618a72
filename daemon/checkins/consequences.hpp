// Consequences: what else must be written when something about a text or a person changes.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// A prompt's status changed: the rules learn of it.
void prompt_changed(store::Tx& tx, const Setting& s, const store::Prompt& prompt);

/// A text of an alert was handed over, delivered or failed: the chase learns of it.
enum class Handed { accepted, delivered, failed };
void alert_text_settled(store::Tx& tx, const Setting& s, const store::Message& m, Handed what);

/// Queues a text to the admin; `key` makes a repeat of the same news within a day harmless. A text
/// that names a person is that `person`'s, and goes with their erasure.
void tell_admin(store::Tx& tx, const Setting& s, std::string_view template_name,
                const std::map<std::string, std::string>& values, std::string_view key,
                store::RowId person = 0);

/// The number opted out, by their text or at the provider: stops prompts, closes alerts, cancels
/// what is queued, writes our list. Returns without effect where that is done already.
void opt_out(store::Tx& tx, const Setting& s, store::Person& person, std::string_view source);

/// Cancels every text about the person that waits to leave for somebody else.
void cancel_about(store::Tx& tx, const Setting& s, const store::Person& person);

/// PAUSE: cancels the questions, reminders and notices to the person that wait to leave.
void cancel_routine(store::Tx& tx, const Setting& s, const store::Person& person);

/// So many questions in a row that did not arrive are a number to look at.
constexpr int undelivered_in_a_row_max = 3;
/// A text to a person came back: a landline, a wrong or a dead number is noticed and the admin
/// told. `for_good`: the network says that trying again is no use.
void text_undelivered(store::Tx& tx, const Setting& s, const store::Message& m, bool for_good,
                      std::string_view code);

/// The provider says that this number cannot be texted.
void number_is_bad(store::Tx& tx, const Setting& s, store::RowId person, std::string_view code);

/// A row of the audit trail; what happened also goes out to the webhooks that asked for it.
void audit(store::Tx& tx, const Setting& s, std::string_view actor, std::string_view action,
           std::string_view subject, store::RowId person, std::string detail = {});

}  // namespace moodline::checkins
