// A State as one line of text and back. Field order is the format; state_format names it.
#include "rules/engine/engine.hpp"
#include "rules/engine/pack.hpp"

namespace moodline::rules {
namespace {

constexpr std::string_view key_none = "-";

class Writer {
 public:
  std::string write(const State& s) {
    p_.put(std::int64_t{state_format});
    p_.put(s.zone.name());
    rule(s.file);
    snapshot(s.agreed);
    snapshot(s.next);
    flag(s.retired);
    flag(s.deadlines_hold);
    p_.put(s.history_from);
    p_.put(std::int64_t{s.alerts});
    log(s);
    episode(s.episode);
    p_.put(s.true_since);
    p_.put(s.used_order);
    p_.put(std::int64_t{s.used_day});
    p_.list(s.left_out, [&](DaySpan d) {
      p_.put(std::int64_t{d.from});
      p_.put(std::int64_t{d.to});
    });
    flag(s.armed);
    p_.put(s.judged_to);
    p_.put(s.close_due);
    p_.put(s.window_due);
    p_.put(s.scheduled_to);
    return p_.take();
  }

 private:
  void flag(bool on) { p_.put(std::int64_t{on ? 1 : 0}); }
  void rule(const RulePtr& r) { p_.put(r ? std::string_view(r->key) : key_none); }
  void snapshot(const std::optional<Snapshot>& snap) {
    flag(snap.has_value());
    if (!snap) return;
    rule(snap->rule);
    p_.put(snap->counts_from);
    p_.put(snap->silent_to);
  }
  void slot(const Slot& s) {
    p_.put(s.id);
    p_.put(s.at);
    p_.put(s.value.micro);
    p_.put(std::int64_t{(s.low ? 1 : 0) + (s.named_day ? 2 : 0) + (s.fixed ? 4 : 0)});
    p_.put(std::int64_t{s.day});
    p_.put(s.order);
  }
  void correction(const Correction& c) {
    p_.put(c.id);
    p_.put(c.at);
    p_.put(c.value.micro);
    flag(c.low);
    p_.put(std::int64_t{c.day});
  }
  void cell(const Cell& c) {
    p_.put(c.order);
    p_.put(std::int64_t{c.day});
    p_.put(static_cast<std::int64_t>(c.state));
    p_.put(c.value.num);
    p_.put(c.value.den);
  }
  void log(const State& s) {
    p_.list(s.prompts, [&](const KnownPrompt& p) {
      p_.put(p.id);
      p_.put(p.at);
      p_.put(static_cast<std::int64_t>(p.status));
      p_.put(std::int64_t{p.day});
    });
    p_.list(s.slots, [&](const Slot& x) { slot(x); });
    p_.list(s.corrections, [&](const Correction& x) { correction(x); });
    p_.list(s.gaps, [&](const FrozenGap& g) {
      cell(g.cell);
      p_.put(g.at);
    });
    p_.list(s.words_seen, [&](const std::string& id) { p_.put(id); });
    p_.put(s.last_contact);
    p_.put(s.last_reading);
    p_.put(s.last_reply);
  }
  void episode(const std::optional<Episode>& e) {
    flag(e.has_value());
    if (!e) return;
    p_.put(std::int64_t{e->alert});
    rule(e->rule);
    p_.put(e->fired_at);
    p_.put(e->fired_order);
    p_.put(std::int64_t{e->fired_day});
    p_.put(e->baseline.num);
    p_.put(e->baseline.den);
    flag(e->done);
    flag(e->stale);
    p_.list(e->grounds, [&](const Ground& g) {
      slot(g.slot);
      p_.put(g.next_at);
      p_.list(g.corrections, [&](const Correction& x) { correction(x); });
    });
    p_.list(e->cells, [&](const Cell& x) { cell(x); });
  }

  Packer p_;
};

class Reader {
 public:
  Reader(std::string_view text, const RuleSource& source) : p_(text), source_(source) {}

  Result<State> read() {
    if (p_.number() != state_format) {
      return fault("state_format", "the stored rule state is of another version of the program");
    }
    State s;
    const auto zone = Zone::find(p_.text());
    if (!zone) return tl::unexpected(zone.error());
    s.zone = *zone;
    s.file = rule();
    s.agreed = snapshot();
    s.next = snapshot();
    s.retired = p_.flag();
    s.deadlines_hold = p_.flag();
    s.history_from = p_.instant();
    s.alerts = static_cast<std::uint32_t>(p_.number());
    log(s);
    s.episode = episode();
    s.true_since = p_.maybe();
    s.used_order = p_.number();
    s.used_day = day();
    p_.list([&] {
      const std::int32_t from = day();
      s.left_out.push_back({from, day()});
    });
    s.armed = p_.flag();
    s.judged_to = p_.instant();
    s.close_due = p_.maybe();
    s.window_due = p_.maybe();
    s.scheduled_to = p_.maybe();
    if (!missing_.empty()) {
      return fault("unknown_rule", "the stored rule state names rule " + missing_ +
                                       ", which is not among the agreed versions");
    }
    if (!p_.complete()) return fault("bad_state", "the stored rule state is damaged");
    return s;
  }

 private:
  std::int32_t day() { return static_cast<std::int32_t>(p_.number()); }
  RulePtr rule() {
    const std::string key = p_.text();
    if (p_.bad() || key == key_none) return nullptr;
    RulePtr found = source_(key);
    if (!found && missing_.empty()) missing_ = key;
    return found;
  }
  std::optional<Snapshot> snapshot() {
    if (!p_.flag()) return std::nullopt;
    Snapshot snap;
    snap.rule = rule();
    snap.counts_from = p_.instant();
    snap.silent_to = p_.instant();
    return snap;
  }
  Slot slot() {
    Slot s;
    s.id = p_.text();
    s.at = p_.instant();
    s.value.micro = p_.number();
    const std::int64_t bits = p_.number();
    s.low = (bits & 1) != 0;
    s.named_day = (bits & 2) != 0;
    s.fixed = (bits & 4) != 0;
    s.day = day();
    s.order = p_.number();
    return s;
  }
  Correction correction() {
    Correction c;
    c.id = p_.text();
    c.at = p_.instant();
    c.value.micro = p_.number();
    c.low = p_.flag();
    c.day = day();
    return c;
  }
  Cell cell() {
    Cell c;
    c.order = p_.number();
    c.day = day();
    c.state = static_cast<CellState>(p_.number());
    c.value.num = p_.wide();
    c.value.den = p_.wide();
    return c;
  }
  void log(State& s) {
    p_.list([&] {
      KnownPrompt p;
      p.id = p_.text();
      p.at = p_.instant();
      p.status = static_cast<PromptStatus>(p_.number());
      p.day = day();
      s.prompts.push_back(std::move(p));
    });
    p_.list([&] { s.slots.push_back(slot()); });
    p_.list([&] { s.corrections.push_back(correction()); });
    p_.list([&] {
      const Cell c = cell();
      s.gaps.push_back({c, p_.instant()});
    });
    p_.list([&] { s.words_seen.push_back(p_.text()); });
    s.last_contact = p_.instant();
    s.last_reading = p_.instant();
    s.last_reply = p_.instant();
  }
  std::optional<Episode> episode() {
    if (!p_.flag()) return std::nullopt;
    Episode e;
    e.alert = static_cast<std::uint32_t>(p_.number());
    e.rule = rule();
    e.fired_at = p_.instant();
    e.fired_order = p_.number();
    e.fired_day = day();
    e.baseline.num = p_.wide();
    e.baseline.den = p_.wide();
    e.done = p_.flag();
    e.stale = p_.flag();
    p_.list([&] {
      Ground g;
      g.slot = slot();
      g.next_at = p_.instant();
      p_.list([&] { g.corrections.push_back(correction()); });
      e.grounds.push_back(std::move(g));
    });
    p_.list([&] { e.cells.push_back(cell()); });
    return e;
  }

  Unpacker p_;
  const RuleSource& source_;
  std::string missing_;
};

}  // namespace

std::string to_text(const State& state) {
  return Writer().write(state);
}

Result<State> state_from_text(std::string_view text, const RuleSource& source) {
  return Reader(text, source).read();
}

}  // namespace moodline::rules
