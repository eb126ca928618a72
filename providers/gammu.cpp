// Gammu smsd with its files backend: the name says who and when, the content is the text alone.
// Rows of its SQL backend are read too. Facts: files of the real smsd 1.42, and its manual.
#include "providers/gammu.hpp"

#include <array>
#include <vector>

#include "providers/kit/adapter.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

// ---- Settings ----

FieldTable fields() {
  return {
      {.name = "spool", .required = true, .help = "directory with outbox, inbox, sent and error"},
      {.name = "inbox", .fallback = "inbox", .help = "folder of smsd's inboxpath"},
      {.name = "outbox", .fallback = "outbox", .help = "folder of smsd's outboxpath"},
      {.name = "sent", .fallback = "sent", .help = "folder of smsd's sentsmspath"},
      {.name = "error", .fallback = "error", .help = "folder of smsd's errorsmspath"},
      {.name = "priority", .fallback = "A", .help = "one letter; A goes first in smsd's queue"},
      {.name = "report",
       .type = FieldType::boolean,
       .fallback = "true",
       .help = "ask the network for a delivery report"}};
}

class Gammu final : public Spool {
 public:
  explicit Gammu(const config::Block& s)
      : inbox_(kit::setting_or(s, "inbox", "inbox")),
        outbox_(kit::setting_or(s, "outbox", "outbox")),
        sent_(kit::setting_or(s, "sent", "sent")),
        error_(kit::setting_or(s, "error", "error")),
        priority_(kit::setting_or(s, "priority", "A")),
        ending_(s.text("report") == "false" ? ".txt" : ".txtd") {}
  [[nodiscard]] Capabilities capabilities() const override {
    // The files backend tells of receipts in its log alone.
    return {.receipts = false, .text_characters_max = 1530, .segments_per_s = 0.15};
  }
  [[nodiscard]] std::vector<SpoolFolder> folders() const override {
    return {{outbox_, SpoolUse::outgoing},
            {inbox_, SpoolUse::incoming},
            {sent_, SpoolUse::sent},
            {error_, SpoolUse::failed}};
  }
  [[nodiscard]] Result<SpoolFile> send_file(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] std::string group_key(std::string_view name) const override;
  [[nodiscard]] Result<std::vector<Event>> read_files(
      std::span<const SpoolFile> group) const override;

 private:
  std::string inbox_;
  std::string outbox_;
  std::string sent_;
  std::string error_;
  std::string priority_;
  std::string ending_;
};

// ---- Call ----

// "2026-11-21T19:40:00Z" as names have it: "20261121_194000". UTC; smsd only sorts by it.
std::string compact(Instant t) {
  std::string out;
  for (const char c : to_iso(Instant{t.ms - t.ms % 1000})) {
    if (c == 'T') out += '_';
    if (c >= '0' && c <= '9') out += c;
  }
  return out;
}

Result<SpoolFile> Gammu::send_file(const Sms& sms, Instant wire_now) const {
  const bool plain = sms.reference.find_first_of("/_.\n\r") == std::string::npos;
  const bool digits = sms.to.find_first_not_of("+0123456789") == std::string::npos;
  if (sms.to.empty() || !digits || sms.reference.empty() || !plain)
    return fault("cannot_send", "Gammu needs a number and a reference that a file name can hold.");
  const std::string name = outbox_ + "/OUT" + priority_ + compact(wire_now) + "_00_" + sms.to +
                           '_' + sms.reference + ending_;
  // smsd reads other bytes by the machine's locale, so anything but ASCII is marked UTF-16.
  return SpoolFile{name,
                   kit::is_ascii(sms.text) ? sms.text : "\xFE\xFF" + kit::to_utf16be(sms.text)};
}

// ---- Events ----

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const auto at = text.find(by);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// A file's name cut up: IN<date>_<time>_<nn>_<from>_<part>.txt,
// OUT<p><date>_<time>_<nn>_<to>_<note>.txt
struct Name {
  std::string folder;
  std::string stem;  // without the part and the ending
  std::string number;
  std::string last;  // the part, or our note
  std::optional<Instant> at;
};

std::optional<Name> cut(std::string_view path) {
  constexpr std::size_t pieces = 5;
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view file = path.substr(slash + 1);
  file = file.substr(0, file.find('.'));
  const auto p = split(file, '_');
  const auto digits = p[0].find_first_of("0123456789");
  if (p.size() != pieces || digits == std::string::npos) return std::nullopt;
  const std::string day = p[0].substr(digits);
  Name n{std::string(path.substr(0, slash)), std::string(file.substr(0, file.rfind('_'))), p[3],
         p[4], std::nullopt};
  if (day.size() == 8 && p[1].size() == 6)
    n.at = from_iso(day.substr(0, 4) + '-' + day.substr(4, 2) + '-' + day.substr(6, 2) + 'T' +
                    p[1].substr(0, 2) + ':' + p[1].substr(2, 2) + ':' + p[1].substr(4, 2) + 'Z');
  return n;
}

std::string text_of_file(const std::string& bytes) {
  const bool marked = bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE");
  if (marked || bytes.find('\0') != std::string::npos || !kit::is_utf8(bytes))
    return kit::from_utf16be(bytes);
  return bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes;
}

Result<std::vector<Event>> read_row(const std::string& text);

std::string Gammu::group_key(std::string_view name) const {
  const auto n = cut(name);
  return n && n->folder == inbox_ ? inbox_ + '/' + n->stem : std::string(name);
}

Result<std::vector<Event>> Gammu::read_files(std::span<const SpoolFile> group) const {
  if (group.empty()) return std::vector<Event>{};
  const SpoolFile& first = group.front();
  for (const auto& file : group)
    if (file.bytes.size() > spool_file_bytes_max)
      return fault("bad_file", "The spool file is too long.");
  if (first.name == "sentitems") return read_row(first.bytes);  // a row of the SQL backend
  const auto name = cut(first.name);
  if (!name) return fault("bad_file", "The spool file's name is not one Gammu gives.");
  Event e{.event_id = first.name, .at = name->at};
  if (name->folder == inbox_) {
    e.type = EventType::mo;
    e.from = name->number;
    // smsd writes every part of a long text at once, as files that differ in the last number.
    for (const auto& file : group.first(std::min(group.size(), spool_group_files_max)))
      e.text += text_of_file(file.bytes);
  } else if (name->folder == sent_ || name->folder == error_) {
    e.type = EventType::submit_result;
    e.to = name->number;
    e.reference = name->last;
    e.status = name->folder == sent_ ? DeliveryStatus::sent : DeliveryStatus::failed;
    if (e.status == DeliveryStatus::failed) e.permanent = false;
  }
  return std::vector{std::move(e)};
}

// ---- Status table: sentitems.Status of the SQL backend ----

constexpr std::array<kit::StatusRow, 9> statuses{{{"SendingOK", DeliveryStatus::sent},
                                                  {"SendingOKNoReport", DeliveryStatus::sent},
                                                  {"DeliveryPending", DeliveryStatus::sent},
                                                  {"DeliveryUnknown", DeliveryStatus::sent},
                                                  {"DeliveryOK", DeliveryStatus::delivered},
                                                  {"DeliveryFailed", DeliveryStatus::failed},
                                                  {"SendingError", DeliveryStatus::failed, false},
                                                  {"Error", DeliveryStatus::failed, false},
                                                  {"Reserved", DeliveryStatus::queued}}};

Result<std::vector<Event>> read_row(const std::string& text) {
  const auto row = kit::read_json(text);
  if (!row) return tl::unexpected(row.error());
  Event e{.type = EventType::dlr,
          .provider_message_id = kit::text_at(*row, "/ID"),
          .to = kit::text_at(*row, "/DestinationNumber"),
          .raw_status = kit::text_at(*row, "/Status")};
  if (e.provider_message_id.empty()) return fault("bad_file", "The row of sentitems has no ID.");
  if (const std::string code = kit::text_at(*row, "/StatusError"); code != "-1")
    e.error_code = code;
  e.event_id = e.provider_message_id + ':' + e.raw_status;
  kit::set_status(e, statuses);
  return std::vector{std::move(e)};
}

// ---- Captured files ----

config::Block replay_settings(const json::object& vector) {
  const std::string url = kit::captured(vector, "/url");
  const auto out = url.rfind("/OUT");
  const std::string priority = out == std::string::npos ? "" : url.substr(out + 4, 1);
  return config::Block::of({{"spool", "/var/spool/gammu"},
                            {"priority", priority >= "A" && priority <= "Z" ? priority : ""},
                            {"report", url.ends_with("d") ? "true" : "false"}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const auto name = cut(kit::captured(vector, "/url"));
  if (!name) return std::nullopt;
  const auto bytes = kit::from_base64(kit::captured(vector, "/body_b64"));
  return Sms{.reference = name->last,
             .to = name->number,
             .text = text_of_file(bytes ? *bytes : kit::captured(vector, "/body"))};
}

std::optional<Instant> replay_now(const json::object& vector) {
  const auto name = cut(kit::captured(vector, "/url"));
  return name ? name->at : std::nullopt;
}

Result<std::unique_ptr<Spool>> make(const config::Block& settings) {
  const std::string priority = kit::setting_or(settings, "priority", "A");
  if (priority.size() != 1 || priority[0] < 'A' || priority[0] > 'Z')
    return fault("bad_setting", "priority: write one letter, A to Z.");
  return std::make_unique<Gammu>(settings);
}

}  // namespace

SpoolType gammu_type() {
  return {.name = "gammu-smsd",
          .help = "Gammu smsd: modems and phones through spool folders",
          .fields = fields(),
          .make = make,
          .replay = {.settings = replay_settings, .sms = replay_sms, .now = replay_now}};
}

}  // namespace moodline::providers
