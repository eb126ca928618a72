// Simulated handsets: the demo's and the tests' far end, on loopback only. Its JSON is the
// simplest that says everything; add a provider by reading this file first.
#include "providers/simulated.hpp"

#include <array>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

// ---- Settings ----

FieldTable fields() {
  FieldTable f{{.name = "send_url",
                .type = FieldType::url,
                .help = "where the handsets take texts, on this machine; the demo fills it in"},
               {.name = "secret",
                .type = FieldType::secret,
                .help = "word both sides say as a bearer token; the demo fills it in"},
               {.name = "from", .help = "sender that the handsets show"}};
  kit::add_webhook_fields(f);
  return f;
}

class Simulated final : public Provider {
 public:
  explicit Simulated(config::Block settings) : s_(std::move(settings)) {}
  [[nodiscard]] Capabilities capabilities() const override { return {.segments_per_s = 200.0}; }

  // ---- Call ----

  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant /*wire_now*/) const override {
    if (s_.text("send_url").empty())
      return fault("cannot_send", "There are no simulated handsets; set send_url or run the demo.");
    return kit::json_call(s_.text("send_url"), "Bearer " + s_.text("secret"),
                          {{"reference", sms.reference},
                           {"from", kit::sender(sms, s_)},
                           {"to", sms.to},
                           {"text", sms.text},
                           {"callback", kit::callback_url(s_)}});
  }

  // ---- Answer ----

  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override {
    SendReply r = kit::classify(reply);
    const auto body = kit::read_json(reply.body);
    if (r.outcome == SendOutcome::accepted)
      return kit::accepted(body ? kit::text_at(*body, "/id") : "");
    if (body && !kit::text_at(*body, "/code").empty()) r.code = kit::text_at(*body, "/code");
    return r;
  }

  // ---- Authenticity ----

  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant /*wire_now*/) const override {
    return kit::check_bearer(hook, kit::Secrets({s_.text("secret")}));
  }

  // ---- Events ----

  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  config::Block s_;
};

// ---- Status table ----

constexpr std::array<kit::StatusRow, 5> statuses{{{"queued", DeliveryStatus::queued},
                                                  {"sent", DeliveryStatus::sent},
                                                  {"delivered", DeliveryStatus::delivered},
                                                  {"failed", DeliveryStatus::failed, true},
                                                  {"unreachable", DeliveryStatus::failed, false}}};

Result<std::vector<Event>> Simulated::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&body](std::string_view pointer) { return kit::text_at(*body, pointer); };
  Event e{.event_id = text("/event_id"),
          .provider_message_id = text("/id"),
          .reference = text("/reference"),
          .from = text("/from"),
          .to = text("/to"),
          .at = kit::read_time(text("/at"))};
  if (text("/type") == "mo") {
    e.type = EventType::mo;
    e.text = text("/text");
  } else if (text("/type") == "dlr") {
    e.type = EventType::dlr;
    e.raw_status = text("/status");
    e.error_code = text("/code");
    kit::set_status(e, statuses);
  } else if (text("/type") == "opt_out" || text("/type") == "opt_in") {
    e.type = text("/type") == "opt_out" ? EventType::opt_out : EventType::opt_in;
  }
  return std::vector{std::move(e)};
}

Result<std::unique_ptr<Provider>> make(const config::Block& settings) {
  const auto url = kit::split_url(settings.text("send_url"));
  if (settings.text("send_url").empty()) return std::make_unique<Simulated>(settings);
  if (!url || !kit::one_of(url->host, {"127.0.0.1", "localhost", "[::1]"}))
    return fault(
        "bad_setting",
        "send_url: simulated handsets live on this machine; write http://127.0.0.1:PORT/.");
  return std::make_unique<Simulated>(settings);
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  return config::Block::of(
      {{"send_url", "http://127.0.0.1:1/"}, {"secret", kit::captured(vector, "/secret")}});
}

}  // namespace

ProviderType simulated_type() {
  return {.name = "simulated",
          .help = "simulated handsets on this machine (demo and tests only)",
          .fields = fields(),
          .make = make,
          .replay = {.settings = replay_settings},
          .simulated = true};
}

}  // namespace moodline::providers
