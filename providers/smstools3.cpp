// smstools3: one file a text, headers and a body, in folders that its smsd watches. Facts: files
// that the real smsd 3.1.21 wrote, and its documentation.
#include "providers/smstools3.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "providers/kit/adapter.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

// ---- Settings ----

FieldTable fields() {
  return {{.name = "spool",
           .required = true,
           .help = "directory with outgoing, incoming, report, sent and failed"},
          {.name = "modem", .help = "send through this modem or provider group only"}};
}

class Smstools3 final : public Spool {
 public:
  explicit Smstools3(config::Block settings) : s_(std::move(settings)) {}
  [[nodiscard]] Capabilities capabilities() const override {
    // A GSM modem sends six to ten texts a minute. smsd splits by itself (autosplit = 3).
    return {.text_characters_max = 1530, .segments_per_s = 0.15};
  }
  [[nodiscard]] std::vector<SpoolFolder> folders() const override {
    return {{"outgoing", SpoolUse::outgoing},
            {"incoming", SpoolUse::incoming},
            {"report", SpoolUse::report},
            {"sent", SpoolUse::sent},
            {"failed", SpoolUse::failed}};
  }
  [[nodiscard]] Result<SpoolFile> send_file(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_files(
      std::span<const SpoolFile> group) const override;

 private:
  config::Block s_;
};

// ---- Call ----

Result<SpoolFile> Smstools3::send_file(const Sms& sms, Instant /*wire_now*/) const {
  const std::string to = kit::without_plus(sms.to);
  const bool digits = to.find_first_not_of("0123456789") == std::string::npos;
  const bool name_ok = sms.reference.find_first_of("/\n\r") == std::string::npos;
  if (to.empty() || !digits || sms.reference.empty() || !name_ok)
    return fault("cannot_send", "smstools3 needs a number of digits and a reference for the file.");
  // smsd chooses GSM-7 or UCS-2 for a UTF-8 body by itself, but drops what takes four bytes (most
  // emoji; seen with 3.1.21). UTF-16 goes through as it is.
  const bool four_bytes = std::any_of(sms.text.begin(), sms.text.end(),
                                      [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
  std::string bytes =
      "To: " + to + "\nAlphabet: " + (four_bytes ? "UCS2" : "UTF-8") + "\nReport: yes\n";
  if (const std::string& modem = s_.text("modem"); !modem.empty())
    bytes += "Provider: " + modem + "\n";
  bytes += "\n" + (four_bytes ? kit::to_utf16be(sms.text) : sms.text);
  return SpoolFile{"outgoing/" + sms.reference, std::move(bytes)};
}

// ---- Events ----

struct Parsed {
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // raw bytes
};

std::string trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\r')) s.remove_suffix(1);
  return std::string(s);
}

// "Name: value" lines up to an empty line; what follows is the body, of any bytes.
Result<Parsed> parse(std::string_view bytes) {
  constexpr std::size_t headers_max = 64;
  if (bytes.size() > spool_file_bytes_max) return fault("bad_file", "The spool file is too long.");
  Parsed p;
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (line.empty() || line == "\r") {
      p.body = bytes;
      break;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || p.headers.size() == headers_max)
      return fault("bad_file", "The spool file's head is not lines of \"Name: value\".");
    std::string name(line.substr(0, colon));
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    p.headers.emplace(std::move(name), trimmed(line.substr(colon + 1)));
  }
  return p;
}

std::string get(const std::map<std::string, std::string>& fields, const std::string& name) {
  const auto it = fields.find(name);
  return it == fields.end() ? std::string{} : it->second;
}

// "26-11-11 19:40:00" (a two-digit year; the modem's local time, taken as UTC).
std::optional<Instant> stamp(const std::string& text) {
  return text.empty() ? std::nullopt : kit::read_time("20" + text);
}

std::string body_text(const Parsed& p) {
  const std::string alphabet = get(p.headers, "alphabet");
  if (alphabet == "UCS2" || alphabet == "UCS-2") return kit::from_utf16be(p.body);
  if (alphabet == "binary") return {};
  if (alphabet != "UTF-8" && alphabet != "GSM" && !kit::is_ascii(p.body) && !kit::is_utf8(p.body))
    return kit::from_latin9(p.body);
  return kit::is_utf8(p.body) ? p.body : kit::from_latin1(p.body);
}

// "05 00 03 A7 02 01" with or without the length byte and blanks.
std::optional<kit::Concat> part_of(std::string text) {
  std::erase(text, ' ');
  const auto bytes = kit::from_hex(text);
  if (!bytes || bytes->empty()) return std::nullopt;
  const bool with_length = static_cast<unsigned char>((*bytes)[0]) + 1U == bytes->size();
  return kit::concat_of(with_length ? *bytes
                                    : std::string(1, static_cast<char>(bytes->size())) + *bytes);
}

void set_report(Event& e, int status);

Event read_report(const Parsed& p) {
  std::map<std::string, std::string> lines;
  for (std::string_view rest = p.body; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (const auto colon = line.find(':'); colon != std::string_view::npos)
      lines.emplace(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  const std::string status = get(lines, "Status");
  Event e{.type = EventType::dlr,
          // The 8-bit TP-MR: it wraps, so it is matched together with the number and the time.
          .provider_message_id = get(lines, "Message_id"),
          .to = get(p.headers, "from"),
          .at = stamp(get(lines, "Discharge_timestamp")),
          .raw_status = status.substr(0, status.find(','))};
  int code = -1;
  const char* end = e.raw_status.data() + e.raw_status.size();
  const auto [stop, ec] = std::from_chars(e.raw_status.data(), end, code);
  if (ec == std::errc{} && stop == end && code >= 0) set_report(e, code);
  return e;
}

Event read_submitted(const Parsed& p, const std::string& name, bool sent) {
  Event e{.type = EventType::submit_result,
          .provider_message_id = get(p.headers, "message_id"),
          .reference = name,
          .to = get(p.headers, "to"),
          .at = stamp(get(p.headers, sent ? "sent" : "failed")),
          .status = sent ? DeliveryStatus::sent : DeliveryStatus::failed};
  if (!sent) e.error_code = get(p.headers, "fail_reason");
  return e;
}

Result<std::vector<Event>> Smstools3::read_files(std::span<const SpoolFile> group) const {
  std::vector<Event> events;
  for (const auto& file : group.first(std::min(group.size(), spool_group_files_max))) {
    const auto p = parse(file.bytes);
    if (!p) return tl::unexpected(p.error());
    const auto slash = file.name.find('/');
    const std::string folder = file.name.substr(0, slash);
    const std::string name = file.name.substr(slash == std::string::npos ? 0 : slash + 1);
    Event e;
    if (folder == "sent" || folder == "failed") {
      e = read_submitted(*p, name, folder == "sent");
    } else if (folder == "report" || p->body.starts_with("SMS STATUS REPORT")) {
      e = read_report(*p);
    } else if (folder == "incoming" && p->headers.contains("from")) {
      e = Event{.type = EventType::mo,
                .from = get(p->headers, "from"),
                .text = body_text(*p),
                .at = stamp(get(p->headers, "sent"))};
      // "91 international, ISDN/telephone": the type of address of 3GPP 23.040, 9.1.2.5
      if (get(p->headers, "from_toa").starts_with("91"))
        e.detail.emplace_back(kit::bare_numbers_detail, "true");
      if (const auto part = part_of(get(p->headers, "udh-data"))) {
        e.concat_ref = part->reference;
        e.concat_total = part->total;
        e.concat_part = part->part;
      }
    }
    e.event_id = file.name;
    events.push_back(std::move(e));
  }
  return events;
}

// ---- Status table: TP-Status, 3GPP 23.040, 9.2.3.15 ----

void set_report(Event& e, int status) {
  constexpr int validity_expired = 70;
  if (status <= 31) {
    e.status = DeliveryStatus::delivered;
  } else if (status <= 63) {  // still trying
    e.status = DeliveryStatus::sent;
  } else if (status <= 127) {
    e.status = DeliveryStatus::failed;
    e.permanent = status <= 95 && status != validity_expired;
  }
}

// ---- Captured files ----

config::Block replay_settings(const json::object&) {
  return config::Block::of({{"spool", "/var/spool/sms"}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const auto bytes = kit::from_base64(kit::captured(vector, "/body_b64"));
  const auto p = parse(bytes ? *bytes : kit::captured(vector, "/body"));
  if (!p) return std::nullopt;
  const std::string url = kit::captured(vector, "/url");
  return Sms{.reference = url.substr(url.rfind('/') + 1),
             .to = get(p->headers, "to"),
             .text = body_text(*p)};
}

Result<std::unique_ptr<Spool>> make(const config::Block& settings) {
  return std::make_unique<Smstools3>(settings);
}

}  // namespace

SpoolType smstools3_type() {
  return {.name = "smstools3",
          .help = "SMS Server Tools 3: modems through spool folders",
          .fields = fields(),
          .make = make,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
