#include "daemon/checkins/inbound.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/slots.hpp"
#include "providers/kit/parts.hpp"
#include "rules/base/e164.hpp"

namespace moodline::checkins {
namespace {

using store::Inbound;
using store::Person;
using store::PersonStatus;

constexpr std::string_view part_kind = "part";

std::optional<std::string> number_from(const config::Service& service, const providers::Event& e) {
  const auto plan = number_plan(service.settings.country);
  if (!plan) return std::nullopt;
  const bool bare = !e.from.empty() && e.from[0] >= '1' && e.from[0] <= '9' &&
                    std::any_of(e.detail.begin(), e.detail.end(), [](const auto& d) {
                      return d.first == providers::kit::bare_numbers_detail;
                    });
  auto number = E164::parse(bare ? "+" + e.from : e.from, *plan);
  if (!number) return std::nullopt;
  return number->str();
}

// A text without an id of its own is known by its sender, time and words.
std::string event_id(const providers::Event& e, Instant received) {
  if (!e.event_id.empty()) return e.event_id;
  if (!e.provider_message_id.empty()) return e.provider_message_id;
  std::uint64_t h = 0xcbf29ce484222325ULL;
  const std::string key = fmt::format("{}\n{}\n{}\n{}/{}/{}", e.from, e.at.value_or(received).ms,
                                      e.text, e.concat_ref, e.concat_part, e.concat_total);
  for (const char c : key) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  return fmt::format("h{:016x}", h);
}

const config::Practitioner* practitioner_with(const config::Service& service,
                                              const std::string& number) {
  const auto it = std::find_if(
      service.practitioners.begin(), service.practitioners.end(),
      [&](const config::Practitioner& p) { return p.number && p.number->str() == number; });
  return it == service.practitioners.end() ? nullptr : &*it;
}

struct PartKey {
  int ref = 0;
  int total = 0;
  int part = 0;
};

std::optional<PartKey> part_of(const Inbound& in) {
  PartKey k;
  if (in.kind != part_kind ||
      std::sscanf(in.verdict.c_str(), "%d/%d/%d", &k.ref, &k.total, &k.part) != 3) {
    return std::nullopt;
  }
  return k;
}

// Joins the parts that have come, in order, and takes them as one text.
void read_joined(Desk& d, std::vector<Inbound> parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Inbound& a, const Inbound& b) { return part_of(a)->part < part_of(b)->part; });
  Inbound whole = parts.front();
  whole.text.clear();
  for (Inbound& p : parts) {
    whole.text += p.text;
    whole.at = std::min(whole.at, p.at);
    if (p.id == whole.id) continue;
    p.kind = "part_joined";
    if (auto put = d.tx.put(p); !put) throw store::StoreError("inbound_update", "part clash");
  }
  take_from_person(d, whole);
  d.save();
}

std::vector<Inbound> parts_with(Desk& d, int ref, int total) {
  std::vector<Inbound> parts;
  for (Inbound& in : d.tx.inbound_of(d.person.id, d.s.now - Millis{24LL * 3'600'000})) {
    const auto k = part_of(in);
    if (!k || k->ref != ref || k->total != total) continue;
    const bool twice = std::any_of(parts.begin(), parts.end(),
                                   [&](const Inbound& o) { return part_of(o)->part == k->part; });
    if (!twice) parts.push_back(std::move(in));
  }
  return parts;
}

Taken take_part(Desk& d, const Inbound& in) {
  const PartKey k = *part_of(in);
  auto parts = parts_with(d, k.ref, k.total);
  const std::string key = fmt::format("{}/{}/{}", d.person.key, k.ref, k.total);
  if (static_cast<int>(parts.size()) >= k.total) {
    d.tx.drop_timer("parts", key);
    read_joined(d, std::move(parts));
    return Taken::stored;
  }
  d.tx.put(store::Timer{0, "parts", key, d.person.id, d.s.now + parts_wait});
  return Taken::part;
}

Inbound row_of(const Setting& s, const std::string& provider, const providers::Event& e) {
  Inbound in;
  in.provider = provider;
  in.event_id = event_id(e, s.now);
  in.from = e.from;
  in.to = e.to;
  in.text = e.text;
  in.received_at = s.now;
  in.at = e.at.value_or(s.now);
  if (in.at > s.now + ahead_max) in.at = s.now;
  if (in.at < s.now - late_flag) in.needs_human = true;
  if (e.concat_total > 1) {
    in.kind = part_kind;
    in.verdict = fmt::format("{}/{}/{}", e.concat_ref, e.concat_total, e.concat_part);
  }
  return in;
}

// Somebody we do not know, or no longer. Their STOP is honoured, and their START takes it back, so
// that they may be enrolled; nothing is answered, nothing about health said.
void take_from_stranger(store::Tx& tx, const Setting& s, Inbound& in,
                        const std::optional<std::string>& number) {
  in.kind = "stranger";
  std::string upper;
  for (const char c : in.text) {
    if (c >= 'a' && c <= 'z') {
      upper += static_cast<char>(c - 'a' + 'A');
    } else if (c != ' ' && c != '.' && c != '!') {
      upper += c;
    }
  }
  const bool stop = upper == "STOP" || upper == "STOPALL" || upper == "UNSUBSCRIBE";
  if (number && stop && !tx.opt_out(*number)) tx.put_opt_out(*number, {"text", s.now});
  if (number && (upper == "START" || upper == "UNSTOP")) tx.drop_opt_out(*number);
}

// The provider took this text as a STOP, whatever we read in it, and lets nothing through now: our
// own confirmation would only be refused.
void honour_block(store::Tx& tx, const Setting& s, const std::string& number) {
  auto person = tx.person_by_number(number);
  if (person) {
    opt_out(tx, s, *person, "provider");
  } else {
    tx.put_opt_out(number, {"provider", s.now});
  }
}

// Some providers say of a text that they took it as START and let texts through again.
bool lifted(const providers::Event& e) {
  return std::any_of(e.detail.begin(), e.detail.end(), [](const auto& d) {
    return d.first == "opt_out_type" && d.second == "START";
  });
}

}  // namespace

Taken take_inbound(store::Tx& tx, const Setting& s, const std::string& provider,
                   const providers::Event& event) {
  Inbound in = row_of(s, provider, event);
  const auto number = number_from(s.service, event);
  if (number) in.from = *number;
  const config::Practitioner* staff = number ? practitioner_with(s.service, *number) : nullptr;
  std::optional<Person> person;
  if (number && staff == nullptr) person = tx.person_by_number(*number);
  if (person) in.person = person->id;
  if (staff != nullptr) in.practitioner = staff->id;
  if (!tx.put(in)) return Taken::duplicate;
  // Before the text is read: what we answer may leave again, if our own list lets it.
  if (lifted(event)) {
    take_opt_event(
        tx, s, {.type = providers::EventType::opt_in, .from = event.from, .detail = event.detail});
  }
  if (staff != nullptr) {
    take_from_practitioner(tx, s, *staff, in);
    return Taken::stored;
  }
  if (!person) {
    take_from_stranger(tx, s, in, number);
    if (!tx.put(in)) throw store::StoreError("inbound_update", "stranger clash");
    if (number && event.opted_out) honour_block(tx, s, *number);
    return Taken::stranger;
  }
  Taken taken = Taken::stored;
  Desk d(tx, s, std::move(*person));
  if (in.kind == part_kind) {
    taken = take_part(d, in);
  } else {
    take_from_person(d, in);
    d.save();
  }
  if (event.opted_out) honour_block(tx, s, *number);
  return taken;
}

void parts_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  tx.drop_timer(timer.kind, timer.key);
  auto person = tx.person(timer.person);
  PartKey k;
  const auto slash = timer.key.find('/');
  if (!person || slash == std::string::npos ||
      std::sscanf(timer.key.c_str() + slash, "/%d/%d", &k.ref, &k.total) != 2) {
    return;
  }
  Desk d(tx, s, std::move(*person));
  auto parts = parts_with(d, k.ref, k.total);
  if (!parts.empty()) read_joined(d, std::move(parts));
}

void take_opt_event(store::Tx& tx, const Setting& s, const providers::Event& event) {
  const auto number = number_from(s.service, event);
  if (!number) return;
  if (event.type == providers::EventType::opt_out) return honour_block(tx, s, *number);
  // The provider lifted its block. Ours stays until they text START: nothing resumes by itself.
  if (const auto ours = tx.opt_out(*number); ours && ours->source == "provider") {
    tx.put_opt_out(*number, {"text", ours->at});
  }
}

}  // namespace moodline::checkins
