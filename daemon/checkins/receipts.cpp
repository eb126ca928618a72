// Receipts: what a provider says became of a text, whatever the order and however often. A status
// only climbs; one of an earlier attempt can bring good news but no bad; a long text is delivered
// when each of its parts is.
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/gate.hpp"
#include "daemon/checkins/sending_steps.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::checkins {
namespace {

using providers::DeliveryStatus;
using providers::Event;
using store::Message;
using store::MessageStatus;
using store::PromptStatus;
using store::Purpose;
using store::Tx;

constexpr std::size_t parts_max = 255;          // as many as a user data header can count
constexpr std::size_t digits_compared_max = 7;  // however the country is written before them

std::string digits_of(std::string_view number) {
  std::string out;
  for (const char c : number)
    if (c >= '0' && c <= '9') out += c;
  return out;
}

// Some ids are short and come round again (the modem's counter of smstools3), so the number must
// agree. One that is not there, or is a name, says nothing against it.
bool numbers_agree(std::string_view said, std::string_view ours) {
  const std::string a = digits_of(said);
  const std::string b = digits_of(ours);
  if (a.size() < digits_compared_max || b.size() < digits_compared_max) return true;
  return a.substr(a.size() - digits_compared_max) == b.substr(b.size() - digits_compared_max);
}

bool has(const std::vector<std::string>& list, const std::string& x) {
  return std::find(list.begin(), list.end(), x) != list.end();
}

struct Found {
  std::optional<Message> message;
  bool earlier = false;  // of an attempt before the last one
};

Found find(Tx& tx, std::string_view provider, const Event& e) {
  Found f;
  if (!e.reference.empty()) f.message = tx.message_by_reference(e.reference);
  if (f.message) {
    f.earlier = f.message->reference != e.reference;
    return f;
  }
  if (e.provider_message_id.empty()) return f;
  f.message = tx.message_by_provider_id(provider, e.provider_message_id);
  if (f.message && !numbers_agree(e.to, f.message->to)) f.message.reset();
  if (f.message) {
    f.earlier =
        !f.message->provider_ids.empty() && !has(f.message->provider_ids, e.provider_message_id);
  }
  return f;
}

// The part that a receipt speaks of; empty: the whole text.
std::string part_of(const Event& e) {
  for (const auto& [name, value] : e.detail)
    if (name == providers::kit::part_detail) return value;
  return {};
}

// Notes a delivered part. True when with it the whole text is there.
bool whole_is_there(Message& m, const Event& e) {
  std::string id = part_of(e);
  if (id.empty() && m.provider_ids.size() <= 1) return true;
  if (id.empty()) id = e.provider_message_id;
  auto done = parts_done(m);
  if (!has(done, id) && done.size() < parts_max) {
    done.push_back(id);
    m.values[parts_note] = fmt::format("{}", fmt::join(done, " "));
  }
  if (has(m.provider_ids, id)) return all_parts_there(m);
  // The answer that names the parts was lost, or names the whole: our own count of them holds.
  return done.size() >= static_cast<std::size_t>(std::max(1, m.segments));
}

MessageStatus next_status(Message& m, const Event& e, bool earlier) {
  switch (e.status) {
    case DeliveryStatus::delivered:
      if (earlier && part_of(e).empty()) return MessageStatus::delivered;
      if (earlier) return MessageStatus::accepted;
      return whole_is_there(m, e) ? MessageStatus::delivered : MessageStatus::accepted;
    case DeliveryStatus::failed:
      return earlier ? m.status : MessageStatus::undelivered;
    case DeliveryStatus::sent:
    case DeliveryStatus::queued:
      return MessageStatus::accepted;
    case DeliveryStatus::unknown:
      break;
  }
  return m.status;
}

void tell_of_alert(Tx& tx, const Setting& s, const Message& m, bool first_acceptance) {
  if (m.alert == 0) return;
  if (first_acceptance) alert_text_settled(tx, s, m, Handed::accepted);
  if (m.status == MessageStatus::delivered) alert_text_settled(tx, s, m, Handed::delivered);
  if (m.status == MessageStatus::undelivered) alert_text_settled(tx, s, m, Handed::failed);
}

PromptStatus prompt_status(MessageStatus status) {
  if (status == MessageStatus::delivered) return PromptStatus::delivered;
  return status == MessageStatus::undelivered ? PromptStatus::undelivered : PromptStatus::sent;
}

}  // namespace

std::vector<std::string> parts_done(const Message& m) {
  std::vector<std::string> out;
  const auto noted = m.values.find(parts_note);
  if (noted == m.values.end()) return out;
  std::istringstream in(noted->second);
  for (std::string id; in >> id && out.size() < parts_max;) out.push_back(id);
  return out;
}

bool all_parts_there(const Message& m) {
  const auto done = parts_done(m);
  return !m.provider_ids.empty() &&
         std::all_of(m.provider_ids.begin(), m.provider_ids.end(),
                     [&](const std::string& id) { return has(done, id); });
}

bool receipt(Tx& tx, const Setting& s, std::string_view provider, const Event& e) {
  Found found = find(tx, provider, e);
  if (!found.message) return false;
  Message& m = *found.message;
  const auto parts_before = parts_done(m).size();
  const auto ids_before = m.provider_ids.size();
  const MessageStatus next = next_status(m, e, found.earlier);
  // A spool program names the text when it hands it over: its reports know no other name.
  if (e.type == providers::EventType::submit_result && !e.provider_message_id.empty() &&
      !found.earlier && !has(m.provider_ids, e.provider_message_id) && ids_before < parts_max) {
    m.provider_ids.push_back(e.provider_message_id);
  }
  if (e.opted_out && to_person(m)) {
    if (auto p = tx.person(m.person)) opt_out(tx, s, *p, "provider");
  }
  if (rank(next) <= rank(m.status)) {
    if (parts_done(m).size() != parts_before || m.provider_ids.size() != ids_before) save(tx, m);
    return true;
  }
  const bool first_acceptance = !m.accepted_at && next != MessageStatus::undelivered;
  m.status = next;
  m.settled_at = s.now;
  if (first_acceptance) m.accepted_at = s.now;
  if (!e.error_code.empty()) m.outcome_code = e.error_code;
  save(tx, m);
  tx.drop_timer("unknown", std::to_string(m.id));
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, prompt_status(next));
  if (next == MessageStatus::undelivered) {
    text_undelivered(tx, s, m, e.permanent.value_or(false), e.error_code);
  }
  tell_of_alert(tx, s, m, first_acceptance);
  return true;
}

}  // namespace moodline::checkins
