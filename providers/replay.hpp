// Replay: captured requests as JSON, judged by the provider they name with the clock frozen at
// their `now`, and compared with what they expect. Format: docs/providers/replay.md. No I/O.
#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/provider.hpp"
#include "providers/spool.hpp"

namespace moodline::providers {

constexpr std::size_t replay_file_bytes_max = 8UL * 1024 * 1024;
constexpr std::size_t replay_vectors_max = 10'000;

struct ReplayTally {
  int passed = 0;
  int failed = 0;
};

/// Called once a line, without the line break.
using PrintLine = std::function<void(std::string_view line)>;

/// Judges every vector of one file's text (an array, or one object), a line or more each. A file
/// that cannot be read counts as one failure; a vector without `expect` is shown and not counted.
ReplayTally replay_file(std::string_view file_name, std::string_view json_text,
                        const PrintLine& print);

/// "12 passed, 0 failed".
std::string to_text(const ReplayTally& tally);

// --- its pieces, for tests that put the same vectors through the daemon --------------------------

std::string vector_text(const boost::json::object& vector, std::string_view key);
/// `body`, or `body_b64` decoded, or `hex` decoded.
Result<std::string> vector_body(const boost::json::object& vector);
Headers vector_headers(const boost::json::object& vector);  // names in lower case
Instant vector_now(const boost::json::object& vector);      // 0 where it is not said
Result<Webhook> vector_webhook(const boost::json::object& vector);
Result<std::unique_ptr<Provider>> vector_provider(const boost::json::object& vector);
/// "mo", "dlr", "opt-out", ... as vectors write it.
std::string_view event_word(EventType type);
std::string_view status_word(DeliveryStatus status);
std::string_view outcome_word(SendOutcome outcome);

/// What differs from `expect.event`, `expect.events`, `expect.action`; empty where nothing does.
/// Ignored events are left out; only fields that are named are compared.
std::vector<std::string> event_differences(const boost::json::object& expect,
                                           const std::vector<Event>& events);
/// What differs in meaning between the captured request and ours: method, URL, authentication,
/// content type and every field of query and body. SDK-only headers are not looked at.
std::vector<std::string> call_differences(const boost::json::object& vector, const HttpCall& ours,
                                          const std::vector<std::string_view>& not_ours);
/// The same of a spool file.
std::vector<std::string> file_differences(const boost::json::object& vector, const SpoolFile& ours);
std::vector<std::string> reply_differences(const boost::json::object& vector,
                                           const SendReply& reply);

}  // namespace moodline::providers
