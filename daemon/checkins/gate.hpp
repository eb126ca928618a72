// Gate: may this text leave now? Asked at the moment of sending, over committed state, whatever
// was decided when the text was queued. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "config/catalogue.hpp"
#include "daemon/store/records.hpp"

namespace moodline::checkins {

enum class Gate { send, wait, cancel, expire };

struct GateVerdict {
  Gate gate = Gate::send;
  Instant until;            // wait: not before
  std::string_view reason;  // short and stable, for metrics and the audit trail
};

/// What the gate looks at besides the text itself. `person` is whom the text is to or about.
struct GateView {
  std::optional<store::Person> person;
  bool opted_out = false;            // our list, for the person's number
  bool opt_out_by_provider = false;  // the provider's own block is what put it there
  bool held_by_admin = false;        // `moodline hold`: only urgent texts leave
  bool urgent = false;               // belongs to an urgent alert
  bool may_be_told = true;           // about a person: an agreement in force names the recipient
  std::optional<Instant> bulk_waits_until = {};  // the spend ceiling is reached
};

/// To the person themselves, rather than to a practitioner about them.
bool to_person(const store::Message& m);
/// The person's window of sending, in their zone: the service's, narrowed by their safe window.
/// Returns `now` when it is open, else its next opening.
Instant window_opens(const config::Settings& settings, const store::Person& p, Instant now,
                     bool safe_window_only);

GateVerdict gate(const config::Settings& settings, const store::Message& m, const GateView& view,
                 Instant now);

/// What happens to a text whose fate is unknown, and how often a refused one is tried.
struct Repeat {
  bool after_unknown = false;   // texted again when no receipt settles it
  bool until_accepted = false;  // retried without a limit of time
};
Repeat policy(store::Purpose purpose);

}  // namespace moodline::checkins
