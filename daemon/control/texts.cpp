// Actions about texts: outbox, unread replies, cost.
#include <map>

#include "daemon/checkins/consequences.hpp"
#include "daemon/control/actions.hpp"
#include "daemon/replies/mask.hpp"

namespace moodline::control {
namespace {

using store::Message;
using store::MessageStatus;

constexpr int list_max = 1000;
constexpr Millis day{86'400'000};
constexpr const char* names[] = {"queued", "sending", "accepted",  "delivered", "undelivered",
                                 "failed", "unknown", "cancelled", "expired"};

json::object form(const Message& m) {
  json::object o{{"id", m.id},
                 {"template", m.template_name},
                 {"status", names[static_cast<int>(m.status)]},
                 {"route", m.route},
                 {"attempts", m.attempts},
                 {"segments", m.segments},
                 {"due", to_iso(m.due_at)},
                 {"outcome", m.outcome_code},
                 {"to", m.practitioner.empty() ? "person" : m.practitioner}};
  o["accepted"] = or_null(m.accepted_at);
  return o;
}

Result<json::value> outbox(ActionContext& c, const json::object&) {
  json::array out;
  for (const auto status : {MessageStatus::queued, MessageStatus::sending, MessageStatus::unknown,
                            MessageStatus::failed}) {
    for (const Message& m : c.tx.messages_in(status, list_max)) out.push_back(form(m));
  }
  return json::value(std::move(out));
}

Result<json::value> retry(ActionContext& c, const json::object& args) {
  const std::int64_t id = number_arg(args, "id", 0);
  auto m = c.tx.message(id);
  if (!m) return fault("no_such_text", "no text has that id; see `moodline outbox list`");
  if (m->status != MessageStatus::failed && m->status != MessageStatus::unknown) {
    return fault("not_retryable", "only a text that failed or whose fate is unknown is retried");
  }
  m->status = MessageStatus::queued;
  m->due_at = c.s.now;
  if (auto put = c.tx.put(*m); !put) return tl::unexpected(put.error());
  checkins::audit(c.tx, c.s, c.actor, "outbox.retry", std::to_string(id), m->person);
  return json::value(form(*m));
}

Result<json::value> unread(ActionContext& c, const json::object&) {
  json::array out;
  for (const store::Inbound& in : c.tx.inbound_unseen(list_max)) {
    const auto p = in.person == 0 ? std::nullopt : c.tx.person(in.person);
    if (p) looked(c, *p, "replies.unread");
    out.push_back({{"id", in.id},
                   {"person", p ? p->key : std::string{}},
                   {"received", to_iso(in.received_at)},
                   {"kind", in.kind},
                   {"safety", in.safety_tier},
                   {"text", replies::mask_note(in.text).text}});
  }
  return json::value(std::move(out));
}

Result<json::value> seen(ActionContext& c, const json::object& args) {
  auto in = c.tx.inbound(number_arg(args, "id", 0));
  if (!in) return fault("no_such_reply", "no reply has that id; see `moodline replies unread`");
  in->seen_at = c.s.now;
  in->seen_by = c.actor;
  in->needs_human = false;
  if (auto put = c.tx.put(*in); !put) return tl::unexpected(put.error());
  checkins::audit(c.tx, c.s, c.actor, "reply.seen", std::to_string(in->id), in->person);
  return json::value{{"seen", in->id}};
}

// Segments by programme and language over the last `days`.
Result<json::value> cost(ActionContext& c, const json::object& args) {
  const Instant since = c.s.now - number_arg(args, "days", 30) * day;
  std::map<std::string, std::pair<int, int>> totals;
  for (const store::RowId id : c.tx.person_ids(0, 100'000)) {
    const auto p = c.tx.person(id);
    if (!p) continue;
    for (const Message& m : c.tx.messages_of(id, since)) {
      if (m.segments == 0 || !m.accepted_at) continue;
      auto& [texts, segments] = totals[p->programme + " " + m.language];
      texts += 1;
      segments += m.segments;
    }
  }
  json::array out;
  for (const auto& [key, t] : totals) {
    const auto gap = key.rfind(' ');
    out.push_back({{"programme", key.substr(0, gap)},
                   {"language", key.substr(gap + 1)},
                   {"texts", t.first},
                   {"segments", t.second}});
  }
  return json::value(std::move(out));
}

}  // namespace

std::vector<Action> text_actions() {
  return {{"outbox.list", "texts that wait, are under way or failed", false, outbox},
          {"outbox.retry", "queue a failed or unknown text again", true, retry},
          {"replies.unread", "replies that a person has to read", false, unread},
          {"replies.seen", "mark a reply as read", true, seen},
          {"cost", "segments by programme and language", false, cost}};
}

}  // namespace moodline::control
