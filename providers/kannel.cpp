// Kannel (1.4.5): sendsms by GET, texts and receipts by the URLs we template. Also the road to
// SMPP. Facts: captures of the real bearerbox and smsbox, and Kannel's user guide.
#include "providers/kannel.hpp"

#include <algorithm>
#include <array>

#include "providers/kit/adapter.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

constexpr std::string_view send_default = "http://127.0.0.1:13013/cgi-bin/sendsms";
constexpr std::string_view mask_default =
    "31";  // 1 delivered, 2 not, 4 queued, 8 and 16 at the SMSC

// ---- Settings ----

FieldTable fields() {
  FieldTable f{{.name = "send_url",
                .type = FieldType::url,
                .fallback = send_default,
                .help = "smsbox's sendsms address"},
               {.name = "username", .required = true, .help = "of the sendsms-user group"},
               {.name = "password",
                .type = FieldType::secret,
                .required = true,
                .help = "of the sendsms-user group"},
               {.name = "from", .help = "sender; empty: Kannel's global-sender"},
               {.name = "smsc", .help = "smsc-id to send through; empty: Kannel chooses"},
               {.name = "dlr_mask",
                .type = FieldType::integer,
                .fallback = mask_default,
                .help = "receipts wanted, a sum of 1 2 4 8 16",
                .min = Decimal::of(0),
                .max = Decimal::of(63)}};
  kit::add_webhook_fields(f);
  for (Field& field : f)  // nothing is signed
    if (field.name == "path_secret") field.required = true;
  return f;
}

class Kannel final : public Provider {
 public:
  explicit Kannel(config::Block settings)
      : s_(std::move(settings)), path_(kit::Secrets::of(s_, "path_secret")) {}
  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1530,  // ten parts, Kannel's usual max-messages
            .segments_per_s = 10.0,
            .body_is_signed = false};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  // The default answer has an empty body: Kannel would text any other back.

 private:
  config::Block s_;
  kit::Secrets path_;
};

// ---- Call ----

// Kannel fills in %d status, %i link, %F the SMSC's id, %A its words, %T time, %p and %P numbers.
std::string receipt_url(std::string callback, const std::string& reference) {
  for (auto at = callback.find('%'); at != std::string::npos; at = callback.find('%', at + 2))
    callback.insert(at, "%");
  return kit::with_query(callback, "uuid", reference) +
         "&status=%d&smsc=%i&fid=%F&answer=%A&ts=%T&from=%p&to=%P";
}

Result<HttpCall> Kannel::send_call(const Sms& sms, Instant /*wire_now*/) const {
  if (sms.to.empty() || sms.text.empty())
    return fault("cannot_send", "Kannel needs a number and a text.");
  kit::Fields query{{"username", s_.text("username")}, {"password", s_.text("password")}};
  const std::string from = kit::sender(sms, s_);
  if (!from.empty()) query.emplace_back("from", from);
  query.emplace_back("to", sms.to);
  query.emplace_back("text", sms.text);
  if (sms.unicode) query.emplace_back("coding", "2");  // else emoji silently become "????"
  if (!kit::is_ascii(sms.text)) query.emplace_back("charset", "UTF-8");
  if (const std::string& smsc = s_.text("smsc"); !smsc.empty()) query.emplace_back("smsc", smsc);
  if (sms.validity_s > 0)  // minutes
    query.emplace_back("validity", std::to_string((sms.validity_s + 59) / 60));
  const std::string callback = kit::callback_url(s_);
  const std::string mask = kit::setting_or(s_, "dlr_mask", mask_default);
  if (!callback.empty() && !sms.reference.empty() && mask != "0") {
    query.emplace_back("dlr-mask", mask);
    query.emplace_back("dlr-url", receipt_url(callback, sms.reference));
  }
  return HttpCall{
      .method = "GET",
      .url = kit::setting_or(s_, "send_url", send_default) + "?" + kit::write_form(query)};
}

// ---- Answer ----

SendReply Kannel::read_reply(const HttpReply& reply) const {
  SendReply r = kit::classify(reply);
  const std::string_view body = reply.body;
  const auto says = [body](std::string_view words) {
    return body.find(words) != std::string_view::npos;
  };
  if (r.outcome == SendOutcome::accepted) {
    // "0: Accepted for delivery", "3: Queued for later delivery". There is no id: receipts carry
    // our reference.
    if (!body.starts_with("0:") && !body.starts_with("3:"))
      return {.outcome = SendOutcome::unknown, .code = "unreadable"};
  } else if (reply.status == 403 && says("Not routable")) {
    r = kit::later(reply, "not_routable");  // a stopped link says so too: it passes
  } else if (reply.status == 403 && says("denied")) {
    r = kit::rejected("number_denied");
  } else if (reply.status == 400 && says("Sender missing")) {
    r = kit::halted("no_sender");
  }
  return r;
}

// ---- Authenticity ----

Result<Authentic> Kannel::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  return kit::check_path(hook, path_);
}

// ---- Events ----

void set_report(Event& e, const std::string& answer);

bool has_controls(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

// The exact text. Kannel's %a squeezes blanks, so %b is asked for: raw in `text`, or hex in `bin`.
std::string decoded(std::string_view bytes, std::string_view coding, std::string_view charset) {
  const bool ucs2 = coding == "2";
  // With mo-recode a UCS-2 text arrives as UTF-8; without, as it went over the air. Cyrillic, say,
  // is valid UTF-8 then, but full of control characters.
  if (ucs2 && kit::lower_case(charset) == "utf-16le") return kit::from_utf16le(bytes);
  if (ucs2 && (has_controls(bytes) || !kit::is_utf8(bytes) || charset.empty()))
    return kit::from_utf16be(bytes);
  if (const auto text = kit::from_charset(bytes, charset)) return *text;
  return kit::is_utf8(bytes) ? std::string(bytes) : kit::from_windows1252(bytes);
}

Event read_mo(const Webhook& hook, const kit::Fields& q) {
  const bool post = hook.method == "POST";
  const auto get = [&q](std::string_view name, std::string_view other = {}) {
    const std::string value = kit::text_of(q, name);
    return value.empty() && !other.empty() ? kit::text_of(q, other) : value;
  };
  const auto head = [&hook](std::string_view name) {
    return std::string(kit::header(hook.headers, name));
  };
  const std::string coding = post ? head("x-kannel-coding") : get("coding");
  const std::string charset = post ? kit::charset_of(hook.headers) : get("charset");
  std::string bytes = post ? hook.body : get("text");
  if (const auto exact = kit::from_hex(get("bin")); !post && exact && !exact->empty())
    bytes = *exact;
  const std::string udh = post ? kit::from_hex(head("x-kannel-udh")).value_or("") : get("udh");
  Event e{.type = EventType::mo,
          .event_id = get("id"),
          .provider_message_id = get("id"),
          .from = post ? head("x-kannel-from") : get("from", "sender"),
          .to = post ? head("x-kannel-to") : get("to", "receiver"),
          .text = decoded(bytes, coding, charset),
          .at = kit::read_time(post ? head("x-kannel-time") : get("ts"))};
  if (const auto part = kit::concat_of(udh)) {
    e.concat_ref = part->reference;
    e.concat_total = part->total;
    e.concat_part = part->part;
  }
  if (e.event_id.empty()) {  // a repeat is the same in every byte
    const std::string all =
        e.from + '\n' + e.to + '\n' + (e.at ? to_iso(*e.at) : "") + '\n' + udh + '\n' + bytes;
    e.event_id = kit::to_hex(kit::digest(kit::Digest::sha256, all));
  }
  e.detail = {{"coding", coding.empty() ? "0" : coding}, {"udh_hex", kit::to_hex(udh)}};
  return e;
}

Event read_dlr(const kit::Fields& q) {
  Event e{.type = EventType::dlr,
          .provider_message_id = kit::text_of(q, "fid"),
          .reference = kit::text_of(q, "uuid"),
          .from = kit::text_of(q, "to"),  // in a receipt %p is the phone we texted
          .to = kit::text_of(q, "from"),
          .at = kit::read_time(kit::text_of(q, "ts")),
          .raw_status = kit::text_of(q, "status")};
  const std::string answer = kit::text_of(q, "answer");
  e.event_id = e.reference + ':' + e.raw_status + ':' + e.provider_message_id;
  e.detail.emplace_back("smsc_answer", answer);
  set_report(e, answer);
  return e;
}

Result<std::vector<Event>> Kannel::read_events(const Webhook& hook) const {
  const auto query = kit::query_of(hook.url);
  if (!query) return tl::unexpected(query.error());
  if (kit::find(*query, "status") != nullptr) return std::vector{read_dlr(*query)};
  Event e = read_mo(hook, *query);
  if (e.from.empty()) e = Event{};  // nobody sent it: a probe, ignored
  return std::vector{std::move(e)};
}

// ---- Status table ----

struct CodeRow {
  std::string_view code;
  bool permanent;
};

// SMPP errors as Kannel writes them after NACK/0x, without leading zeros (SMPP 3.4, 5.1.3).
constexpr std::array<CodeRow, 11> nacks{{{"1", true},
                                         {"a", true},
                                         {"b", true},
                                         {"104", true},
                                         {"65", true},
                                         {"66", true},
                                         {"8", false},
                                         {"14", false},
                                         {"45", false},
                                         {"58", false},
                                         {"64", false}}};
// Final words of an SMPP receipt. UNDELIV and UNKNOWN do not say.
constexpr std::array<CodeRow, 3> stats{{{"REJECTD", true}, {"DELETED", true}, {"EXPIRED", false}}};

std::optional<bool> permanent_of(std::span<const CodeRow> table, std::string_view code) {
  for (const auto& row : table)
    if (row.code == code) return row.permanent;
  return std::nullopt;
}

std::string word_after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find_first_of(" /")));
}

// A bit mask, not an enumeration: 34 is "not delivered" and "expired".
void set_report(Event& e, const std::string& answer) {
  constexpr std::int64_t delivered = 1;
  constexpr std::int64_t undelivered = 2;
  constexpr std::int64_t queued = 4;
  constexpr std::int64_t at_smsc = 8;
  constexpr std::int64_t refused = 16;
  constexpr std::int64_t expired = 32;
  const std::int64_t mask = kit::integer_at(json::value(e.raw_status), "").value_or(0);
  if ((mask & delivered) != 0) {
    e.status = DeliveryStatus::delivered;
  } else if ((mask & (undelivered | refused)) != 0) {
    e.status = DeliveryStatus::failed;
  } else if ((mask & (queued | at_smsc)) != 0) {
    e.status = DeliveryStatus::sent;
  }
  if (e.status != DeliveryStatus::failed) return;
  std::string nack = word_after(answer, "NACK/0x");
  nack.erase(0, std::min(nack.find_first_not_of('0'), nack.size()));
  for (char& c : nack)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  e.error_code = nack.empty() ? word_after(answer, "stat:") : "0x" + nack;
  e.permanent = nack.empty() ? permanent_of(stats, e.error_code) : permanent_of(nacks, nack);
  if (!e.permanent && (mask & expired) != 0) e.permanent = false;
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const std::string raw = kit::captured(vector, "/url");
  const auto url = kit::split_url(raw);
  const auto query = kit::query_of(raw).value_or(kit::Fields{});
  const auto field = [&query](std::string_view name) { return kit::text_of(query, name); };
  const std::string path = url ? url->path : "";
  const std::string receipts = field("dlr-url");
  config::Block b = config::Block::of({{"send_url", raw.substr(0, raw.find('?'))},
                                       {"username", field("username")},
                                       {"password", field("password")},
                                       {"from", field("from")},
                                       {"smsc", field("smsc")},
                                       {"dlr_mask", field("dlr-mask")},
                                       {"webhook_url", receipts.substr(0, receipts.find('?'))}});
  if (receipts.empty())  // a webhook: its last segment stands for the secret
    b.set("path_secret", {path.substr(path.rfind('/') + 1), {}, {}, {}});
  return b;
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const auto query = kit::query_of(kit::captured(vector, "/url")).value_or(kit::Fields{});
  const auto field = [&query](std::string_view name) { return kit::text_of(query, name); };
  if (field("to").empty()) return std::nullopt;
  // Not a form yet: Kannel's %d and the like still stand in it.
  const std::string receipts = field("dlr-url");
  const std::string uuid = receipts.substr(std::min(receipts.find("uuid="), receipts.size()));
  return Sms{.reference = word_after(uuid.substr(0, uuid.find('&')), "uuid="),
             .to = field("to"),
             .text = field("text"),
             .unicode = field("coding") == "2"};
}

}  // namespace

ProviderType kannel_type() {
  return {.name = "kannel",
          .help = "Kannel's sendsms, and through it any SMPP link or modem",
          .fields = fields(),
          .make = kit::make_provider<Kannel>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
