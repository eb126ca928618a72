// Reads the neutral form. Keys it does not know are an error: a case must not pass unread.
#include "config/cases_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "rules/engine/edits.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::config {

using namespace rules;  // NOLINT: the whole file speaks of them

namespace {

[[noreturn]] void bad(const YAML::Node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("line {}: {}", node.Mark().line + 1, what));
}

bool given(const YAML::Node& node, const char* key) {
  return node[key] && !node[key].IsNull();
}

int number(const YAML::Node& node, const char* key, int fallback) {
  return given(node, key) ? node[key].as<int>() : fallback;
}

Decimal decimal(const YAML::Node& node, const char* key) {
  if (!given(node, key)) return {};
  const auto d = decimal_from(node[key].Scalar());
  if (!d) bad(node[key], fmt::format("{} is no number", key));
  return *d;
}

bool yes(const YAML::Node& node, const char* key) {
  return given(node, key) && node[key].Scalar() == "true";
}

// A number of days, hours or minutes, by the end of the key that is there. Fractions are allowed.
TimeSpan span(const YAML::Node& node, const std::string& name, TimeSpan fallback) {
  constexpr std::int64_t hour_s = 3600;
  const auto seconds = [&](const std::string& key, std::int64_t unit_s) {
    return TimeSpan{0, decimal(node, key.c_str()).micro * unit_s / Decimal::one};
  };
  if (given(node, (name + "_days").c_str())) {
    return TimeSpan::of_days(number(node, (name + "_days").c_str(), 0));
  }
  if (given(node, (name + "_h").c_str())) return seconds(name + "_h", hour_s);
  if (given(node, (name + "_min").c_str())) return seconds(name + "_min", 60);
  return fallback;
}

Kind kind_of(const YAML::Node& rule) {
  const std::string name = scalar(rule, "kind");
  if (name == "safety_phrase") return Kind::phrase;
  const KindInfo* found = kind_named(name);
  if (found == nullptr) bad(rule, "no rule kind is named " + name);
  return found->kind;
}

const std::set<std::string, std::less<>>& rule_keys() {
  static const std::set<std::string, std::less<>> keys{"kind",
                                                       "test",
                                                       "threshold",
                                                       "n",
                                                       "m",
                                                       "unit",
                                                       "missing",
                                                       "max_gap",
                                                       "max_excluded",
                                                       "per_day",
                                                       "decide",
                                                       "settle_min",
                                                       "settle_days",
                                                       "settle_h",
                                                       "reply_window_h",
                                                       "day_start",
                                                       "clear_at_least",
                                                       "clear_at_most",
                                                       "clear_n",
                                                       "stale_days",
                                                       "stale_h",
                                                       "window_days",
                                                       "min_days",
                                                       "clear_average_at_least",
                                                       "clear_average_at_most",
                                                       "baseline_days",
                                                       "gap_days",
                                                       "min_baseline_days",
                                                       "recent_days",
                                                       "min_recent_days",
                                                       "drop",
                                                       "clear_within",
                                                       "rise",
                                                       "prompts",
                                                       "hours",
                                                       "reply_repeat_min",
                                                       "cooldown_days",
                                                       "cooldown_h",
                                                       "cooldown_min",
                                                       "late_limit_days",
                                                       "late_limit_h",
                                                       "use_history",
                                                       "low_mark",
                                                       "urgent",
                                                       "list",
                                                       "every",
                                                       "at",
                                                       "ack_expires_h"};
  return keys;
}

void read_condition(const YAML::Node& node, Rule& rule) {
  Condition& c = rule.when;
  c.kind = kind_of(node);
  c.line = {test_from(scalar(node, "test", "below")).value_or(Test::below),
            decimal(node, "threshold")};
  c.n = number(node, "n", 1);
  c.m = number(node, "m", 0);
  c.days = number(node, "window_days", 0);
  c.min_days = number(node, "min_days", 1);
  c.amount = decimal(node, c.kind == Kind::rise ? "rise" : "drop");
  c.baseline = number(node, "baseline_days", 0);
  c.gap = number(node, "gap_days", 0);
  c.recent = number(node, "recent_days", 0);
  c.min_baseline = number(node, "min_baseline_days", 1);
  c.min_recent = number(node, "min_recent_days", 1);
  c.prompts = number(node, "prompts", 0);
  c.hours = {0, decimal(node, "hours").micro * 3600 / Decimal::one};
  c.list = scalar(node, "list", "safety");
  if (c.kind == Kind::schedule) {
    c.every = weekday_from_name(scalar(node, "every"));
    c.at = time_from_hm(scalar(node, "at", "09:00")).value_or(TimeOfDay{});
  }
  const bool average = c.kind == Kind::average;
  const char* up = average ? "clear_average_at_least" : "clear_at_least";
  const char* down = average ? "clear_average_at_most" : "clear_at_most";
  if (given(node, up)) rule.clear.line = Line{Test::at_least, decimal(node, up)};
  if (given(node, down)) rule.clear.line = Line{Test::at_most, decimal(node, down)};
  rule.clear.n = number(node, "clear_n", 1);
  rule.clear.within = decimal(node, "clear_within");
}

Rule read_rule(const YAML::Node& node) {
  for (const auto& entry : node) {
    const auto key = entry.first.Scalar();
    if (!rule_keys().contains(key)) bad(entry.first, "rule key " + key + " is unknown");
  }
  Rule rule;
  rule.id = "case";
  rule.measure = "mood";
  read_condition(node, rule);
  rule.per_day = per_day_from(scalar(node, "per_day", "last")).value_or(PerDay::last);
  rule.decide = scalar(node, "decide") == "day_end" ? Decide::day_end : Decide::reply;
  rule.unit = unit_from(scalar(node, "unit", "day")).value_or(Unit::day);
  rule.missing = scalar(node, "missing") == "break" ? Missing::brk : Missing::skip;
  rule.max_gap = number(node, "max_gap", 1);
  rule.max_excluded = number(node, "max_excluded", 3);
  rule.settle = span(node, "settle", {});
  rule.reply_window = span(node, "reply_window", TimeSpan::of_hours(18));
  rule.stale = span(node, "stale", TimeSpan::of_days(14));
  rule.late_limit = span(node, "late_limit", TimeSpan::of_days(14));
  rule.cooldown = span(node, "cooldown", {});
  rule.reply_repeat = span(node, "reply_repeat", TimeSpan::of_minutes(15));
  const auto start = time_from_hm(scalar(node, "day_start", "04:00"));
  if (!start) bad(node, "day_start is no time");
  rule.day_start = *start;
  rule.use_history = yes(node, "use_history");
  rule.low_mark = yes(node, "low_mark");
  rule.urgent = yes(node, "urgent") || scalar(node, "kind") == "safety_phrase";
  return rule;
}

// Steps follow from the one practitioner of the form.
void add_steps(const YAML::Node& practitioner, Rule& rule) {
  Step tell;
  tell.role = "practitioner";
  rule.then = {tell};
  constexpr int never_days = 4000;
  rule.ack_expires = span(practitioner, "ack_expires", TimeSpan::of_days(never_days));
  const TimeSpan after = span(practitioner, "escalate_after", {});
  if (after.zero()) return;
  Step step;
  step.role = rule.urgent ? "duty" : "deputy";
  const bool working = scalar(practitioner, "escalate_clock", "working") == "working";
  step.clock = working ? Clock::working_hours : Clock::elapsed;
  step.after_s = after.s + after.days * std::int64_t{86'400};
  if (working && after.days > 0) {
    step.clock = Clock::working_days;
    step.after_s = 0;
    step.after_days = after.days;
  }
  rule.escalate = {step};
}

PromptStatus status_of(const YAML::Node& prompt) {
  static const std::map<std::string, PromptStatus> names{{"sent", PromptStatus::sent},
                                                         {"not_sent", PromptStatus::not_sent},
                                                         {"undelivered", PromptStatus::undelivered},
                                                         {"paused", PromptStatus::paused},
                                                         {"held", PromptStatus::held},
                                                         {"unknown", PromptStatus::unknown},
                                                         {"accepted", PromptStatus::accepted},
                                                         {"delivered", PromptStatus::delivered},
                                                         {"due", PromptStatus::due}};
  const auto it = names.find(scalar(prompt, "status"));
  if (it == names.end()) bad(prompt, "prompt status is unknown");
  return it->second;
}

class CaseReader {
 public:
  explicit CaseReader(const YAML::Node& node) : node_(node) {}

  CaseInput read() {
    in_.name = scalar(node_, "name");
    const auto zone = Zone::find(scalar(node_, "timezone"));
    if (!zone) bad(node_, zone.error().message);
    in_.zone = *zone;
    in_.until = read_instant(node_["until"]);
    newest_ = YAML::Clone(node_["rule"]);
    in_.rule = version(newest_);
    in_.agreed_at = Instant::min();
    if (node_["agreed_at"]) {
      if (node_["agreed_at"].IsNull()) {
        in_.agreed_at.reset();
      } else {
        in_.agreed_at.reset();
        in_.log.push_back({read_instant(node_["agreed_at"]), Agree{}});
      }
    }
    if (given(node_, "practitioner")) {
      in_.practitioner = read_recipient(node_["practitioner"], "practitioner");
    }
    read_down();
    read_prompts();
    read_texts();
    read_events();
    std::stable_sort(in_.log.begin(), in_.log.end(),
                     [](const Event& a, const Event& b) { return a.learned < b.learned; });
    return std::move(in_);
  }

 private:
  RulePtr version(const YAML::Node& node) {
    Rule rule = read_rule(node);
    rule.version = static_cast<int>(in_.versions.size()) + 1;
    if (given(node_, "practitioner")) add_steps(node_["practitioner"], rule);
    rule.key = fmt::format("case@{}", rule.version);
    auto made = std::make_shared<const Rule>(std::move(rule));
    in_.versions[made->key] = made;
    return made;
  }

  void read_down() {
    std::optional<Instant> from;
    for (const auto& e : node_["events"]) {
      const std::string type = scalar(e, "type");
      if (type == "down") from = read_instant(e["at"]);
      if (type == "up" && from) {
        in_.down.emplace_back(*from, read_instant(e["at"]));
        from.reset();
      }
    }
    if (from) in_.down.emplace_back(*from, Instant::max());
  }

  // A daemon that is off learns when it is back.
  [[nodiscard]] Instant learned(Instant at) const {
    for (const auto& [from, to] : in_.down) {
      if (at >= from && at < to) return to;
    }
    return at;
  }

  void read_prompts() {
    int n = 0;
    for (const auto& p : node_["prompts"]) {
      const Instant at = read_instant(p["at"]);
      const std::string id = given(p, "id") ? scalar(p, "id") : fmt::format("p{:06}", ++n);
      const PromptStatus status = status_of(p);
      // A status that is learned later: until then the prompt was handed over.
      const char* late = "ingested";
      for (const char* key : {"learned", "learned_at", "failed_at", "receipt_at"}) {
        if (given(p, key)) late = key;
      }
      if (given(p, late) && read_instant(p[late]) > at) {
        in_.log.push_back({at, PromptEvent{id, at, PromptStatus::accepted}});
        in_.log.push_back({learned(read_instant(p[late])), PromptEvent{id, at, status}});
      } else {
        in_.log.push_back({at, PromptEvent{id, at, status}});
      }
    }
  }

  void read_texts() {
    int n = 0;
    for (const auto& r : node_["readings"]) {
      Inbound text;
      text.at = read_instant(r["at"]);
      text.text_key = given(r, "text") ? scalar(r, "text") : scalar(r, "value");
      // Without a provider's id, place in the file breaks ties; doubles go by time and text.
      text.id = given(r, "id") ? scalar(r, "id") : known_twin(text, ++n);
      if (given(r, "value")) text.value = decimal(r, "value");
      text.low = yes(r, "low") || yes(r, "low_mark");
      text.corrects = yes(r, "corrects");
      if (given(r, "for_day")) {
        text.for_day = date_from_iso(scalar(r, "for_day"));
        if (!text.for_day) bad(r["for_day"], "for_day is no date");
      }
      if (yes(r, "safety")) text.lists.emplace_back("safety");
      const Instant at = given(r, "ingested") ? read_instant(r["ingested"]) : text.at;
      in_.log.push_back({learned(at), text});
    }
  }

  std::string known_twin(const Inbound& text, int n) {
    auto& id = twins_[fmt::format("{}|{}", text.at.ms, text.text_key)];
    if (id.empty()) id = fmt::format("r{:06}", n);
    return id;
  }

  void read_edit(const YAML::Node& e, Instant at) {
    YAML::Node next = YAML::Clone(newest_);
    for (const auto& change : e["changes"]) next[change.first.Scalar()] = change.second;
    newest_ = next;
    in_.log.push_back({at, Edit{version(newest_), yes(e, "agreed")}});
  }

  // The reading with that id, or without one the newest before.
  void read_undo(const YAML::Node& e, Instant at) {
    const Inbound* found = nullptr;
    for (const Event& known : in_.log) {
      const auto* text = std::get_if<Inbound>(&known.what);
      if (text == nullptr || (!text->value && !text->low) || known.learned > at) continue;
      const bool meant =
          given(e, "id") ? text->id == scalar(e, "id") : found == nullptr || text->at >= found->at;
      if (meant) found = text;
    }
    if (found == nullptr) bad(e, "there is no reading to undo");
    in_.log.push_back({at, Undo{found->id, found->at}});
  }

  void read_events() {
    for (const auto& e : node_["events"]) {
      const Instant at = learned(read_instant(e["at"]));
      const std::string type = scalar(e, "type");
      if (type == "down" || type == "up") continue;
      if (type == "undo") {
        read_undo(e, at);
        continue;
      }
      if (type == "rule_edit" || type == "edit") {
        read_edit(e, at);
        continue;
      }
      static const std::map<std::string, What> known{
          {"agree", Agree{}},     {"disagree", Disagree{}}, {"stop", Stop{}},
          {"unshare", Unshare{}}, {"erase", Erase{}},       {"retire", Retire{}},
          {"pause", Pause{}},     {"resume", Resume{}},     {"ack", Ack{}},
          {"done", Done{}},       {"pass", Pass{}},         {"clock_jump", ClockJump{}},
          {"clock_ok", ClockOk{}}};
      const auto it = known.find(type);
      const bool desk_only = type == "failed" || type == "release" || type == "drop";
      if (it == known.end() && !desk_only) bad(e, "event type " + type + " is unknown");
      if (it != known.end()) in_.log.push_back({at, it->second});
      in_.desk.push_back({at, type});
    }
  }

  const YAML::Node& node_;
  YAML::Node newest_;
  CaseInput in_;
  std::map<std::string, std::string> twins_;
};

}  // namespace

std::string scalar(const YAML::Node& node, const char* key, const std::string& fallback) {
  return given(node, key) ? node[key].Scalar() : fallback;
}

Instant read_instant(const YAML::Node& node) {
  if (!node || !node.IsScalar()) throw std::runtime_error("an instant is missing");
  const auto at = from_iso(node.Scalar());
  if (!at) bad(node, node.Scalar() + " is no instant");
  return *at;
}

CaseInput read_case(const YAML::Node& node) {
  return CaseReader(node).read();
}

}  // namespace moodline::config
