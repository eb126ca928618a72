// Rows of the desk as text and back.
#include "rules/engine/pack.hpp"
#include "rules/notify/desk.hpp"

namespace moodline::rules {
namespace {

constexpr std::int64_t desk_format = 1;

void put_line(Packer& p, const MessageLine& line) {
  p.put(line.alert);
  p.put(static_cast<std::int64_t>(line.kind));
  p.put(line.template_id);
  p.put(line.role);
}

MessageLine take_line(Unpacker& p) {
  MessageLine line;
  line.alert = p.text();
  line.kind = static_cast<LineKind>(p.number());
  line.template_id = p.text();
  line.role = p.text();
  return line;
}

template <class T>
Result<T> checked(const Unpacker& p, T row) {
  if (!p.complete()) return fault("bad_state", "a stored message row is damaged");
  return row;
}

Result<void> check_format(Unpacker& p) {
  if (p.number() == desk_format) return {};
  return fault("state_format", "a stored message row is of another version of the program");
}

}  // namespace

std::string to_text(const Chase& c) {
  Packer p;
  p.put(desk_format);
  p.put(c.facts.id);
  p.put(c.facts.person);
  p.put(c.facts.rule->key);
  p.put(static_cast<std::int64_t>(c.facts.roles.size()));
  for (const auto& [role, to] : c.facts.roles) {
    p.put(role);
    p.put(to);
  }
  p.put(c.fired);
  p.put(static_cast<std::int64_t>(c.alert));
  p.put(c.first_sent);
  p.put(c.first_to);
  p.put(c.last_sent);
  p.list(c.told, [&](const std::string& to) { p.put(to); });
  p.put(std::int64_t{c.next_step});
  p.put(c.step_due);
  p.put(c.acked);
  p.put(c.ack_ends);
  p.put(std::int64_t{(c.duty_only ? 1 : 0) + (c.unsettled ? 2 : 0) + (c.muted ? 4 : 0) +
                     (c.exhausted ? 8 : 0)});
  return p.take();
}

Result<Chase> chase_from_text(std::string_view text,
                              const std::function<RulePtr(std::string_view)>& source) {
  Unpacker p(text);
  if (auto ok = check_format(p); !ok) return tl::unexpected(ok.error());
  Chase c;
  c.facts.id = p.text();
  c.facts.person = p.text();
  const std::string key = p.text();
  p.list([&] {
    const std::string role = p.text();
    c.facts.roles[role] = p.text();
  });
  c.fired = p.instant();
  c.alert = static_cast<Chase::Alert>(p.number());
  c.first_sent = p.maybe();
  c.first_to = p.text();
  c.last_sent = p.maybe();
  p.list([&] { c.told.push_back(p.text()); });
  c.next_step = p.small();
  c.step_due = p.maybe();
  c.acked = p.maybe();
  c.ack_ends = p.maybe();
  const int bits = p.small();
  c.duty_only = (bits & 1) != 0;
  c.unsettled = (bits & 2) != 0;
  c.muted = (bits & 4) != 0;
  c.exhausted = (bits & 8) != 0;
  if (!p.complete()) return fault("bad_state", "a stored chase is damaged");
  c.facts.rule = source(key);
  if (!c.facts.rule) {
    return fault("unknown_rule",
                 "a stored chase names rule " + key + ", which is not among the agreed versions");
  }
  return c;
}

std::string to_text(const Queue& q) {
  Packer p;
  p.put(desk_format);
  p.put(q.recipient);
  p.list(q.waiting, [&](const Waiting& w) {
    put_line(p, w.line);
    p.put(w.arose);
    p.put(w.ready);
    p.put(std::int64_t{(w.silence ? 1 : 0) + (w.released ? 2 : 0)});
  });
  p.put(q.last_routine);
  p.put(std::int64_t{q.day});
  p.put(std::int64_t{q.texts_today});
  p.put(q.digest_at);
  return p.take();
}

Result<Queue> queue_from_text(std::string_view text) {
  Unpacker p(text);
  if (auto ok = check_format(p); !ok) return tl::unexpected(ok.error());
  Queue q;
  q.recipient = p.text();
  p.list([&] {
    Waiting w;
    w.line = take_line(p);
    w.arose = p.instant();
    w.ready = p.instant();
    const int bits = p.small();
    w.silence = (bits & 1) != 0;
    w.released = (bits & 2) != 0;
    q.waiting.push_back(std::move(w));
  });
  q.last_routine = p.maybe();
  q.day = p.small();
  q.texts_today = p.small();
  q.digest_at = p.maybe();
  return checked(p, std::move(q));
}

std::string to_text(const Talk& t) {
  Packer p;
  p.put(desk_format);
  p.put(t.key);
  p.put(t.last_message);
  p.put(t.last_to);
  p.list(t.fires, [&](Instant at) { p.put(at); });
  p.put(t.muted_until);
  return p.take();
}

Result<Talk> talk_from_text(std::string_view text) {
  Unpacker p(text);
  if (auto ok = check_format(p); !ok) return tl::unexpected(ok.error());
  Talk t;
  t.key = p.text();
  t.last_message = p.maybe();
  t.last_to = p.text();
  p.list([&] { t.fires.push_back(p.instant()); });
  t.muted_until = p.maybe();
  return checked(p, std::move(t));
}

std::string to_text(const MassSilence& m) {
  Packer p;
  p.put(desk_format);
  p.put(std::int64_t{(m.held ? 1 : 0) + (m.told ? 2 : 0)});
  return p.take();
}

Result<MassSilence> mass_from_text(std::string_view text) {
  Unpacker p(text);
  if (auto ok = check_format(p); !ok) return tl::unexpected(ok.error());
  const int bits = p.small();
  return checked(p, MassSilence{(bits & 1) != 0, (bits & 2) != 0});
}

}  // namespace moodline::rules
