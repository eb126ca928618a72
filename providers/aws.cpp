// AWS: texts through End User Messaging SMS (or SNS Publish, which has no receipts and no
// replies); events as SNS notifications, proven by the certificate that SNS signs with.
// Facts: the provider's SDKs and documentation; what is unconfirmed is marked in its page.
#include "providers/aws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "providers/aws_sns.hpp"
#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

// SNS repeats a notification for up to an hour under its first Timestamp.
constexpr std::chrono::seconds envelope_age_max{3600};

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "region", .required = true, .help = "region, such as eu-west-2"},
      {.name = "access_key_id", .required = true, .help = "access key of an IAM user"},
      {.name = "secret_access_key",
       .type = FieldType::secret,
       .required = true,
       .help = "secret of that access key"},
      {.name = "api",
       .type = FieldType::word,
       .fallback = "end_user_messaging",
       .help = "sns has neither receipts nor replies",
       .choices = {"end_user_messaging", "sns"}},
      {.name = "from",
       .help = "origination identity: number, sender name, pool or ARN; empty: the account's own"},
      {.name = "configuration_set", .help = "configuration set that publishes the events"},
      {.name = "opt_out_list",
       .fallback = "Default",
       .help = "opt-out list of the number or pool; after START the number is taken off it"},
      {.name = "message_type",
       .type = FieldType::word,
       .fallback = "TRANSACTIONAL",
       .help = "class of the texts",
       .choices = {"TRANSACTIONAL", "PROMOTIONAL"}},
      {.name = "topic_arns",
       .type = FieldType::texts,
       .help = "SNS topics whose notifications are ours; others are refused"},
      {.name = "signature_v1",
       .type = FieldType::boolean,
       .fallback = "true",
       .help = "take SHA-1 signatures, a topic's default; false once SignatureVersion is 2"},
      {.name = "certificates",
       .type = FieldType::mapping,
       .help = "SNS certificates by URL, as PEM; the daemon fetches what is missing"},
      {.name = "api_url", .type = FieldType::url, .help = "base address; empty: the region's own"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class Aws final : public Provider {
 public:
  explicit Aws(const config::Block& s)
      : region_(s.text("region")),
        key_id_(s.text("access_key_id")),
        secret_(s.text("secret_access_key")),
        sns_(s.text("api") == "sns"),
        from_(s.text("from")),
        configuration_set_(s.text("configuration_set")),
        opt_out_list_(kit::setting_or(s, "opt_out_list", "Default")),
        message_type_(s.text("message_type")),
        topics_(s.texts("topic_arns")),
        v1_taken_(kit::setting_or(s, "signature_v1", "true") == "true"),
        certificates_(s.mapping("certificates")),
        api_url_(kit::base_url(
            s, "api_url",
            fmt::format("https://{}.{}.amazonaws.com", sns_ ? "sns" : "sms-voice", region_))) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.two_way = !sns_,
            .receipts = !sns_,
            .text_characters_max = 1600,
            .segments_per_s = 1.0,
            .lookup = sns_ ? Lookup::none : Lookup::by_receipt};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  [[nodiscard]] std::optional<HttpCall> certificate_call(const Webhook& hook) const override;
  [[nodiscard]] Result<std::shared_ptr<const Provider>> with_certificate(
      const HttpCall& call, const HttpReply& reply) const override;
  [[nodiscard]] std::optional<HttpCall> lift_call(std::string_view to) const override;
  [[nodiscard]] bool read_lift(const HttpReply& reply) const override {
    return reply.status / 100 == 2;
  }

 private:
  [[nodiscard]] HttpCall sign(HttpCall call) const;
  [[nodiscard]] HttpCall json_call(std::string_view action, const json::object& body) const;
  std::string region_;
  std::string key_id_;
  std::string secret_;
  bool sns_;
  std::string from_;
  std::string configuration_set_;
  std::string opt_out_list_;
  std::string message_type_;
  std::vector<std::string> topics_;
  bool v1_taken_;
  std::map<std::string, std::string> certificates_;
  std::string api_url_;
};

// ---- Call ----

HttpCall Aws::sign(HttpCall call) const {
  call.sign = Signing::aws_sigv4;
  call.aws_region = region_;
  call.aws_service = sns_ ? "sns" : "sms-voice";
  call.aws_key_id = key_id_;
  call.aws_secret = secret_;
  return call;
}

HttpCall Aws::json_call(std::string_view action, const json::object& body) const {
  HttpCall call;
  call.url = api_url_ + "/";
  call.headers = {{"content-type", "application/x-amz-json-1.0"},
                  {"x-amz-target", fmt::format("PinpointSMSVoiceV2.{}", action)}};
  call.body = json::serialize(body);
  return sign(std::move(call));
}

Result<HttpCall> Aws::send_call(const Sms& sms, Instant /*wire_now*/) const {
  if (sns_) {
    return sign(kit::form_call(api_url_ + "/", "",
                               aws::publish_form(sms, kit::sender_or(sms, from_), message_type_)));
  }
  json::object body{{"DestinationPhoneNumber", sms.to},
                    {"MessageBody", sms.text},
                    {"MessageType", message_type_.empty() ? "TRANSACTIONAL" : message_type_}};
  if (!sms.reference.empty()) body["Context"] = {{"job", sms.reference}};
  if (const std::string from = kit::sender_or(sms, from_); !from.empty())
    body["OriginationIdentity"] = from;
  if (!configuration_set_.empty()) body["ConfigurationSetName"] = configuration_set_;
  if (sms.validity_s > 0) body["TimeToLive"] = sms.validity_s;
  return json_call("SendTextMessage", body);
}

// Each may be done once in 30 days a number.
std::optional<HttpCall> Aws::lift_call(std::string_view to) const {
  if (!sns_) {
    return json_call("DeleteOptedOutNumber",
                     {{"OptOutListName", opt_out_list_}, {"OptedOutNumber", to}});
  }
  const kit::Fields form{
      {"Action", "OptInPhoneNumber"}, {"Version", "2010-03-31"}, {"phoneNumber", std::string(to)}};
  return sign(kit::form_call(api_url_ + "/", "", form));
}

// ---- Answer ----

// SNS answers in XML, of which one element is read; End User Messaging in JSON.
std::string element(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const auto from = xml.find(open);
  if (from == std::string_view::npos) return {};
  xml.remove_prefix(from + open.size());
  return std::string(xml.substr(0, std::min(xml.find('<'), xml.size())));
}

// "com.amazonaws.smsvoice#ThrottlingException" and "ThrottlingException:http://..." alike.
std::string short_code(std::string code) {
  if (const auto hash = code.rfind('#'); hash != std::string::npos) code.erase(0, hash + 1);
  code.erase(std::min(code.find(':'), code.size()));
  return code;
}

SendReply read_refusal(const HttpReply& reply, const std::string& code, const std::string& reason) {
  if (kit::one_of(code, {"ThrottlingException", "Throttling", "ThrottledException",
                         "InternalServerException", "InternalError", "InternalFailure",
                         "ServiceUnavailable"}))
    return kit::later(reply, code);
  if (kit::one_of(code, {"AccessDeniedException", "AccessDenied", "AuthorizationError",
                         "ServiceQuotaExceededException", "UnrecognizedClientException",
                         "InvalidClientTokenId", "InvalidSignatureException",
                         "SignatureDoesNotMatch", "IncompleteSignature", "ExpiredTokenException",
                         "MissingAuthenticationToken", "OptInRequired"}))
    return kit::halted(code);
  if (code == "ConflictException" || code.starts_with("OptedOut")) {
    SendReply out = kit::rejected(reason.empty() ? code : reason);
    out.opted_out = reason == "DESTINATION_PHONE_NUMBER_OPTED_OUT" || code.starts_with("OptedOut");
    return out;
  }
  SendReply out = kit::classify(reply);
  if (!code.empty()) out.code = code;
  return out;
}

SendReply Aws::read_reply(const HttpReply& reply) const {
  if (sns_) {
    if (reply.status / 100 == 2) return kit::accepted(element(reply.body, "MessageId"));
    return read_refusal(reply, element(reply.body, "Code"), "");
  }
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2) return kit::accepted(body ? kit::text_at(*body, "/MessageId") : "");
  std::string code = body ? kit::text_at(*body, "/__type") : "";
  if (code.empty()) code = std::string(kit::header(reply.headers, "x-amzn-errortype"));
  SendReply out =
      read_refusal(reply, short_code(std::move(code)), body ? kit::text_at(*body, "/Reason") : "");
  out.bad_number = body && out.code == "ValidationException" &&
                   kit::text_at(*body, "/Fields/0/Name") == "DestinationPhoneNumber";
  return out;
}

// ---- Authenticity ----

Result<Authentic> Aws::authenticate(const Webhook& hook, Instant wire_now) const {
  const auto envelope = kit::read_json(hook.body);
  if (!envelope || !envelope->is_object())
    return kit::refuse("unsigned", "the webhook is no SNS envelope");
  const auto text = [&](std::string_view pointer) { return kit::text_at(*envelope, pointer); };
  if (std::find(topics_.begin(), topics_.end(), text("/TopicArn")) == topics_.end())
    return kit::refuse("not_configured", "the SNS topic is not one of topic_arns");
  const std::string version = text("/SignatureVersion");
  if (version != "2" && (version != "1" || !v1_taken_))
    return kit::refuse("bad_signature", "the envelope's SignatureVersion is not taken");
  const std::string signature = text("/Signature");
  if (signature.empty()) return kit::refuse("unsigned", "the envelope bears no Signature");
  const std::string url = text("/SigningCertURL");
  if (!aws::certificate_url_is_allowed(url))
    return kit::refuse("bad_signature", "SigningCertURL is not an SNS certificate of AWS");
  const auto at = kit::read_time(text("/Timestamp"));
  if (!at || wire_now - *at > envelope_age_max || *at - wire_now > kit::timestamp_window)
    return kit::refuse("stale", "the envelope's Timestamp is too far from now");
  const auto signed_text = aws::text_to_sign(*envelope);
  if (!signed_text) return tl::unexpected(signed_text.error());
  const auto pem = certificates_.find(url);
  if (pem == certificates_.end())
    return fault("certificate_needed", "The certificate that signed this is not known yet.");
  if (!aws::signature_holds(version, pem->second, *signed_text, signature))
    return kit::refuse("bad_signature", "the SNS signature does not match its certificate");
  return Authentic{.replay_key = "aws:" + text("/MessageId"),
                   .replay_until = *at + envelope_age_max};
}

std::optional<HttpCall> Aws::certificate_call(const Webhook& hook) const {
  const auto envelope = kit::read_json(hook.body);
  std::string url = envelope ? kit::text_at(*envelope, "/SigningCertURL") : "";
  if (!aws::certificate_url_is_allowed(url)) return std::nullopt;
  return HttpCall{.method = "GET", .url = std::move(url)};
}

Result<std::shared_ptr<const Provider>> Aws::with_certificate(const HttpCall& call,
                                                              const HttpReply& reply) const {
  if (!aws::certificate_url_is_allowed(call.url) || reply.status != 200 ||
      reply.body.size() > aws_certificate_bytes_max || !aws::certificate_is_usable(reply.body))
    return fault("bad_certificate",
                 "The answer holds no SNS certificate; check what stands between.");
  auto copy = std::make_shared<Aws>(*this);
  while (copy->certificates_.size() >= aws_certificates_max)
    copy->certificates_.erase(copy->certificates_.begin());
  copy->certificates_[call.url] = reply.body;
  return copy;
}

// ---- Events ----

void set_report_status(Event& e);

Event read_notification(const json::value& message) {
  const auto text = [&](std::string_view pointer) { return kit::text_at(message, pointer); };
  Event e;
  if (kit::at(message, "/messageBody") != nullptr && !text("/originationNumber").empty()) {
    e = {.type = EventType::mo,
         .provider_message_id = text("/inboundMessageId"),
         .from = text("/originationNumber"),
         .to = text("/destinationNumber"),
         .text = text("/messageBody")};
  } else if (text("/eventType").starts_with("TEXT_")) {
    e = {.type = EventType::dlr,
         .provider_message_id = text("/messageId"),
         .reference = text("/context/job"),
         .from = text("/originationPhoneNumber"),
         .to = text("/destinationPhoneNumber"),
         .at = kit::read_time(text("/eventTimestamp")),
         .raw_status = text("/eventType")};
    set_report_status(e);
  }
  return e;
}

Result<std::vector<Event>> Aws::read_events(const Webhook& hook) const {
  const auto envelope = kit::read_json(hook.body);
  if (!envelope) return tl::unexpected(envelope.error());
  const auto text = [&](std::string_view pointer) { return kit::text_at(*envelope, pointer); };
  const std::string type = text("/Type");
  Event e{.raw_status = type};
  if (type == "SubscriptionConfirmation") {
    e.url = text("/SubscribeURL");
    // Signed, but a call we are to make all the same: only to AWS itself.
    if (!aws::host_is_allowed(e.url))
      return fault("bad_url",
                   "SubscribeURL does not lead to SNS; the subscription is not confirmed.");
    e.type = EventType::confirm_subscription;
  } else if (type == "Notification") {
    // A Message that is no JSON is somebody's test from the console.
    if (const auto message = kit::read_json(text("/Message"))) e = read_notification(*message);
  }
  e.event_id = text("/MessageId");
  if (!e.at) e.at = kit::read_time(text("/Timestamp"));
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"TEXT_PENDING", DeliveryStatus::queued},
    {"TEXT_QUEUED", DeliveryStatus::queued},
    {"TEXT_SENT", DeliveryStatus::sent},
    {"TEXT_SUCCESSFUL", DeliveryStatus::sent},  // accepted by the carrier
    {"TEXT_UNKNOWN", DeliveryStatus::sent},     // no receipt in 72 hours
    {"TEXT_DELIVERED", DeliveryStatus::delivered},
    {"TEXT_CARRIER_UNREACHABLE", DeliveryStatus::failed, false},
    {"TEXT_UNREACHABLE", DeliveryStatus::failed, false},
    {"TEXT_TTL_EXPIRED", DeliveryStatus::failed, false},
    {"TEXT_BLOCKED", DeliveryStatus::failed, true},
    {"TEXT_CARRIER_BLOCKED", DeliveryStatus::failed, true},
    {"TEXT_INVALID", DeliveryStatus::failed, true},
    {"TEXT_INVALID_MESSAGE", DeliveryStatus::failed, true},
    {"TEXT_SPAM", DeliveryStatus::failed, true},
    {"TEXT_PROTECT_BLOCKED", DeliveryStatus::failed, true},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto text = [&](std::string_view pointer) { return kit::captured(vector, pointer); };
  const auto either = [&](std::string_view pointer, std::string other) {
    std::string value = kit::text_at(body, pointer);
    return value.empty() ? std::move(other) : value;
  };
  config::Block out = config::Block::of(
      {{"region", text("/secret/region")},
       {"access_key_id", text("/secret/accessKeyId")},
       {"secret_access_key", text("/secret/secretAccessKey")},
       {"api", text("/url").starts_with("https://sns.") ? "sns" : "end_user_messaging"},
       {"from", either("/OriginationIdentity", aws::published_sender(body))},
       {"configuration_set", kit::text_at(body, "/ConfigurationSetName")},
       {"message_type", either("/MessageType", aws::published_type(body))}});
  config::Value topics;
  if (const auto* list = vector.if_contains("allowed_topic_arns"); list && list->is_array())
    for (const auto& topic : list->get_array()) topics.list.push_back(kit::text_of(topic));
  out.set("topic_arns", std::move(topics));
  config::Value certificates;
  if (std::string pem = text("/cert_pem"); !pem.empty())
    certificates.table[kit::text_at(body, "/SigningCertURL")] = std::move(pem);
  out.set("certificates", std::move(certificates));
  return out;
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  Sms sms{.reference = kit::text_at(body, "/Context/job"),
          .to = kit::text_at(body, "/DestinationPhoneNumber"),
          .text = kit::text_at(body, "/MessageBody"),
          .validity_s = static_cast<int>(kit::integer_at(body, "/TimeToLive").value_or(0))};
  if (sms.to.empty()) sms.to = kit::text_at(body, "/PhoneNumber");
  if (sms.text.empty()) sms.text = kit::text_at(body, "/Message");
  return sms;
}

}  // namespace

ProviderType aws_type() {
  return {.name = "aws",
          .help = "AWS End User Messaging SMS, or SNS Publish",
          .fields = fields(),
          .make = kit::make_provider<Aws>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
