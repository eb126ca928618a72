// The provider seam. A provider is a translator: our text to its HTTP call, its answer and its
// webhooks to our words. No socket, no clock, no state: four functions and a table of fields.
// Thread: any (const after construction). Facts of each provider stand in its own file.
#pragma once
#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/block.hpp"
#include "rules/base/field.hpp"
#include "rules/base/instant.hpp"
#include "rules/base/result.hpp"

namespace moodline::providers {

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case

/// One outgoing text (MT), already rendered. Numbers are E.164 with "+"; `text` is UTF-8.
struct Sms {
  std::string from = {};       // sender for this text; empty: the one in the settings
  std::string reference = {};  // ours, [A-Za-z0-9-], at most 36 characters, unique per attempt
  std::string to = {};
  std::string text = {};
  int validity_s = 0;    // 0: the provider's own; after it the provider should not deliver
  int segments = 1;      // counted by rules/text
  bool unicode = false;  // true: UCS-2 is needed
  std::string template_name = {};  // for template-only senders
  std::vector<std::pair<std::string, std::string>> personalisation = {};  // the template's values
};

enum class Signing { none, aws_sigv4 };

/// A call for the HTTP client to make. Secrets may stand in it: never log one.
struct HttpCall {
  std::string method = "POST";
  std::string url = {};
  Headers headers = {};
  std::string body = {};
  Signing sign = Signing::none;
  std::string aws_region = {};
  std::string aws_service = {};
  std::string aws_key_id = {};
  std::string aws_secret = {};
};

struct HttpReply {
  int status = 0;
  Headers headers = {};
  std::string body = {};
};

/// `unknown`: it may have been sent. Never repeated blindly.
enum class SendOutcome { accepted, retry_later, rejected, unknown };

struct SendReply {
  SendOutcome outcome = SendOutcome::unknown;
  std::vector<std::string> provider_message_ids = {};  // one a part where the provider says so
  std::string code = {};  // the provider's own error code, else short words
  std::optional<int> retry_after_s = {};
  bool halt_route = false;    // authentication, credit, configuration: stop and tell the admin
  bool opted_out = false;     // the provider blocks this number
  bool block_lifted = false;  // not an adapter's: its block was lifted just before (lift_call)
  bool bad_number = false;    // the number itself is wrong or not a mobile
};

/// A request that reached one of our webhook paths, untouched.
struct Webhook {
  std::string method = {};
  std::string url = {};  // configured public URL + raw request target, as the provider signed it
  Headers headers = {};
  std::string body = {};  // raw bytes
};

/// `submit_result` comes from spool folders only: our file was handed to the network, or failed.
enum class EventType { mo, dlr, opt_out, opt_in, confirm_subscription, submit_result, ignored };
enum class DeliveryStatus { unknown, queued, sent, delivered, failed };

/// Something a provider told us. Fields that do not apply stay empty.
struct Event {
  EventType type = EventType::ignored;
  std::string event_id = {};  // for deduplication: the provider's own id of this event
  std::string provider_message_id = {};
  std::string reference = {};  // ours, where the provider gives it back
  std::string from = {};       // as the provider wrote it; the inbox makes it E.164
  std::string to = {};
  std::string text = {};           // UTF-8 where the provider's bytes allow it
  std::optional<Instant> at = {};  // the provider's timestamp
  DeliveryStatus status = DeliveryStatus::unknown;
  std::optional<bool> permanent = {};  // of a failure
  std::string raw_status = {};
  std::string error_code = {};
  /// Of a failure: because the number has opted out at the provider. Of an mo: the provider has
  /// taken this text as an opt-out and blocks the number from now on.
  bool opted_out = false;
  int concat_ref = 0;  // a part of a long text: 0 when whole
  int concat_total = 0;
  int concat_part = 0;
  std::string url = {};  // confirm_subscription: the call that confirms
  /// What only this provider says ("coding", "smsc_answer"), for people and replay. Not stored.
  std::vector<std::pair<std::string, std::string>> detail = {};
};

/// A "text" from nobody, without words or id, as damaged or half-empty webhooks make them: it could
/// not be told from another such, so the inbox counts it and stores nothing.
[[nodiscard]] inline bool says_nothing(const Event& e) {
  return e.type == EventType::mo && e.from.empty() && e.text.empty() && e.event_id.empty() &&
         e.provider_message_id.empty();
}

/// A webhook whose sender is proven. `replay_key` (nonce, jti, event id) is remembered until
/// `replay_until`; a second one with the same key is refused. Empty: nothing to remember.
struct Authentic {
  std::string replay_key = {};
  std::optional<Instant> replay_until = {};
};

/// What the provider wants to hear after our commit.
struct WebhookAnswer {
  int status = 200;
  std::string content_type = "text/plain";
  std::string body = {};
};

/// How a route learns what became of an `unknown` send.
enum class Lookup { none, by_reference, by_receipt };

struct Capabilities {
  bool two_way = true;
  bool unicode = true;
  bool receipts = true;
  bool splits_long_texts = true;  // false: we split (spool files)
  bool template_only = false;
  int text_characters_max = 1600;
  double segments_per_s = 1.0;  // default throttle; configurable
  Lookup lookup = Lookup::by_receipt;
  bool body_is_signed = true;  // false: a secret path segment is required
};

class Provider {
 public:
  virtual ~Provider() = default;
  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  /// Builds the call. Fails with "cannot_send" where this provider cannot carry the text.
  /// `wire_now` is real time, for tokens and signatures.
  [[nodiscard]] virtual Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const = 0;
  [[nodiscard]] virtual SendReply read_reply(const HttpReply& reply) const = 0;
  /// Proves the sender over raw bytes, in constant time; fails closed on anything missing.
  [[nodiscard]] virtual Result<Authentic> authenticate(const Webhook& hook,
                                                       Instant wire_now) const = 0;
  /// Only after authenticate. Unknown kinds of event are EventType::ignored and an unknown status
  /// word is a dlr with status unknown (no change), never a failure.
  [[nodiscard]] virtual Result<std::vector<Event>> read_events(const Webhook& hook) const = 0;
  [[nodiscard]] virtual WebhookAnswer answer() const { return {}; }
  /// Where authenticate fails with "certificate_needed": the GET that fetches the certificate, to
  /// an address already checked. Only over verified TLS.
  [[nodiscard]] virtual std::optional<HttpCall> certificate_call(const Webhook& hook) const {
    (void)hook;
    return std::nullopt;
  }
  /// This translator with that certificate known. Fails with "bad_certificate".
  [[nodiscard]] virtual Result<std::shared_ptr<const Provider>> with_certificate(
      const HttpCall& call, const HttpReply& reply) const {
    (void)call;
    (void)reply;
    return fault("bad_certificate", "This provider needs no certificate.");
  }
  /// The call that asks what became of `reference`; nothing where the provider has none.
  [[nodiscard]] virtual std::optional<HttpCall> lookup_call(std::string_view reference,
                                                            Instant wire_now) const {
    (void)reference;
    (void)wire_now;
    return std::nullopt;
  }
  /// Reads the answer to lookup_call: a dlr, or nothing where the provider never got the text.
  [[nodiscard]] virtual Result<std::vector<Event>> read_lookup(const HttpReply& reply) const {
    (void)reply;
    return std::vector<Event>{};
  }
  /// The call that takes `to` off the provider's own opt-out list. Made only for somebody who has
  /// texted START and is refused all the same. Nothing where there is none, or where only they can.
  [[nodiscard]] virtual std::optional<HttpCall> lift_call(std::string_view to) const {
    (void)to;
    return std::nullopt;
  }
  /// Whether the answer to lift_call says that the number is off the list.
  [[nodiscard]] virtual bool read_lift(const HttpReply& reply) const {
    (void)reply;
    return false;
  }
};

/// How captured requests (tests/vectors, `moodline provider replay`) become our words again.
struct Replay {
  /// The settings under which a captured request would have been judged or made: its secret,
  /// keys, sender, path. Never fails: what is missing stays empty, and fails closed later.
  std::function<config::Block(const boost::json::object& vector)> settings = nullptr;
  /// The text that a captured send carried. Nothing: it carries none (a bad request on purpose),
  /// or the provider's captures hold no sends.
  std::function<std::optional<Sms>(const boost::json::object& vector)> sms = nullptr;
  /// The time a capture was made, where it says so elsewhere than in `now`.
  std::function<std::optional<Instant>(const boost::json::object& vector)> now = nullptr;
  /// Names of body fields (form) or JSON pointers that a vendor's SDK adds and we leave out.
  std::vector<std::string_view> not_ours = {};
};

/// One row of the registry: everything the rest of the system needs to know of a provider.
struct ProviderType {
  std::string_view name;  // as in service.yaml and in tests/vectors
  std::string_view help;  // one line for `moodline provider list`
  FieldTable fields;
  /// `settings` hold fallbacks filled in, and secrets as their values (the daemon reads the
  /// credentials). Fails with "bad_setting", the message naming the field and the cure.
  std::function<Result<std::unique_ptr<Provider>>(const config::Block& settings)> make;
  Replay replay = {};
  bool two_way = true;         // false: its texts cannot be answered
  bool template_only = false;  // texts must be templates that the provider approved
  bool simulated = false;      // allowed in mode demo or test only
};

/// Every provider there is, sorted by name. The one place that lists them.
const std::vector<ProviderType>& provider_types();
const ProviderType* find_provider_type(std::string_view name);

}  // namespace moodline::providers
