// What HTTP adapters share: headers, the simple proofs of a sender, and the default reading of
// an answer. Every check fails closed and compares in constant time.
#pragma once
#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "providers/kit/bytes.hpp"
#include "providers/provider.hpp"

namespace moodline::providers::kit {

constexpr std::chrono::seconds timestamp_window{300};

std::string lower_case(std::string_view text);  // ASCII letters only

/// `name` in lower case. Empty where missing.
std::string_view header(const Headers& headers, std::string_view name);
/// For proofs: nullptr where missing or given twice.
const std::string* sole_header(const Headers& headers, std::string_view name);
/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(const Headers& headers);
/// "utf-8" of the same (lower case, without quotes); empty where not said.
std::string charset_of(const Headers& headers);

/// "Basic dXNlcjpwYXNz".
std::string basic_auth(std::string_view user, std::string_view password);

/// Codes of refusals, all through refuse(): "unsigned", "bad_signature", "stale", "not_configured".
tl::unexpected<Fault> refuse(std::string_view code, std::string_view what);

Result<Authentic> check_basic(const Webhook& hook, std::string_view user, const Secrets& passwords);
/// The whole header "Authorization: Bearer TOKEN".
Result<Authentic> check_bearer(const Webhook& hook, const Secrets& tokens);
/// A header whose whole value is the secret.
Result<Authentic> check_header(const Webhook& hook, std::string_view name, const Secrets& secrets);
/// One whole segment of the URL's path is the secret (a provider that signs nothing).
Result<Authentic> check_path(const Webhook& hook, const Secrets& secrets);

/// Whole seconds, digits only, within `window` of now on either side. Fails with "stale".
Result<Instant> check_timestamp(std::string_view seconds, Instant wire_now,
                                std::chrono::seconds window = timestamp_window);

/// Fields that every HTTP provider has: webhook_url, path_secret, path_secret_next.
void add_webhook_fields(FieldTable& fields);
/// Sms::from, else the setting "from".
std::string sender(const Sms& sms, const config::Block& settings);
/// Where the provider should send its events: webhook_url, then /path_secret where there is one.
/// Empty where webhook_url is.
std::string callback_url(const config::Block& settings);

/// Before the provider's own codes are looked at:
///   2xx accepted (without an id: the caller decides) · 429 retry_later, with Retry-After
///   401 402 403 407 rejected, and halt the route · 408 and other 4xx rejected
///   504 and 1xx, 3xx unknown · other 5xx retry_later
SendReply classify(const HttpReply& reply);
/// Whole seconds, or an HTTP date counted from the reply's own Date. At most a day.
std::optional<int> retry_after_s(const HttpReply& reply);

/// One word of a provider's status table.
struct StatusRow {
  std::string_view word;
  DeliveryStatus status = DeliveryStatus::unknown;
  std::optional<bool> permanent = std::nullopt;
};
const StatusRow* find_status(std::span<const StatusRow> table, std::string_view word);

}  // namespace moodline::providers::kit
