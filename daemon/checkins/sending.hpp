// Sending: the steps of a text's life that are written down: claimed, settled, receipted.
// Each is one function over one transaction, so that a crash between two leaves a state that the
// next start understands. Thread: the store's.
#pragma once
#include <optional>
#include <string>

#include "daemon/checkins/setting.hpp"
#include "providers/provider.hpp"

namespace moodline::checkins {

/// A text claimed for sending: everything its carrier needs, rendered from today's templates.
struct Claimed {
  store::RowId message = 0;
  std::string provider;
  providers::Sms sms;
  bool asked_back = false;  // the invitation that answers a START: a provider's block may be lifted
};

/// Where a text may go next. Nothing: every route that fits is halted or resting until `until`.
struct RouteChoice {
  const config::Route* route = nullptr;
  std::optional<Instant> until;
};
RouteChoice choose_route(const config::Service& service, const store::Message& m,
                         const std::vector<store::RouteState>& states, Instant now);

/// Marks a queued, due text `sending` under a new reference, or lets the gate delay, cancel or
/// expire it. Nothing: there is nothing to send now. `route` is the caller's choice.
std::optional<Claimed> claim(store::Tx& tx, const Setting& s, store::RowId message,
                             const config::Route& route, std::string reference);

/// The gate, asked again about a text that is under way. False: it was settled meanwhile, or a
/// STOP, a hold or an expiry came.
bool may_go(store::ReadTx& tx, const Setting& s, store::RowId message);

/// Writes down what the provider said of an attempt.
void settle(store::Tx& tx, const Setting& s, store::RowId message,
            const providers::SendReply& reply);

/// A delivery receipt. Status only climbs, whatever the order. False: no text of ours.
bool receipt(store::Tx& tx, const Setting& s, std::string_view provider,
             const providers::Event& event);

/// The wait for a receipt of an `unknown` text is over: repeats it where its purpose says so.
void unknown_is_over(store::Tx& tx, const Setting& s, store::RowId message);

/// At start: whatever was `sending` when the process died may or may not have gone.
/// Returns how many there were.
int recover(store::Tx& tx, const Setting& s);

/// How long an `unknown` text waits for its receipt.
constexpr Millis unknown_wait{10 * 60'000};
/// First and longest pause between two attempts that were refused for now.
constexpr Millis retry_first{5'000};
constexpr Millis retry_longest{15 * 60'000};
constexpr int repeats_after_unknown_max = 5;

/// The words of a text, from today's templates, in the recipient's language.
std::string render_message(const Setting& s, const store::Message& m,
                           const std::optional<store::Person>& person);

/// Rank of a status; a receipt may only raise it.
int rank(store::MessageStatus status);

}  // namespace moodline::checkins
