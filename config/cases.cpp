#include "config/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "config/cases_desk.hpp"

namespace moodline::config {

using namespace rules;  // NOLINT: the whole file speaks of them

namespace {

State restarted(const State& state, const CaseInput& in) {
  return reread(state_from_text(to_text(state), [&](std::string_view key) -> RulePtr {
    const auto it = in.versions.find(key);
    return it == in.versions.end() ? nullptr : it->second;
  }));
}

void append(std::vector<Emitted>& all, Outcome outcome) {
  for (Emitted& e : outcome.emitted) all.push_back(std::move(e));
}

std::vector<Emitted> run_engine(const CaseInput& in, CaseEngine engine) {
  if (engine == CaseEngine::scratch) {
    return evaluate_from_scratch(in.rule, in.agreed_at, in.zone, in.log, in.until);
  }
  std::vector<Emitted> all;
  State state = begin(in.rule, in.agreed_at, in.zone);
  const auto between = [&] {
    if (engine == CaseEngine::restart) state = restarted(state, in);
  };
  const auto deadlines_to = [&](Instant end) {
    // One by one, so that a restart may fall between any two.
    for (auto due = next_deadline(state); due && *due < end; due = next_deadline(state)) {
      append(all, advance(state, *due));
      between();
    }
  };
  for (std::size_t i = 0; i < in.log.size() && in.log[i].learned <= in.until;) {
    std::size_t end = i;
    while (end < in.log.size() && in.log[end].learned == in.log[i].learned) ++end;
    deadlines_to(in.log[i].learned);
    append(all, step(state, std::span(in.log).subspan(i, end - i), in.log[i].learned));
    between();
    i = end;
  }
  deadlines_to(in.until);
  append(all, advance(state, in.until));
  return all;
}

std::optional<DeskEvent> desk_event(const Emitted& e) {
  const std::string id = fmt::format("K{}", e.alert);
  switch (e.type) {
    case EmitType::fire:
      return AlertFired{{id, "person", e.rule, case_roles()}, e.at};
    case EmitType::clear:
      return AlertCleared{id, e.at};
    case EmitType::withdraw:
      return AlertWithdrawn{id, e.at};
    case EmitType::match:
      return AlertMatched{id};
    case EmitType::close:
      if (e.reason == "stop" || e.reason == "unshare" || e.reason == "erase") return std::nullopt;
      return AlertClosed{id, e.reason == "done"};
    default:
      return std::nullopt;
  }
}

std::optional<DeskEvent> desk_event(const DeskCaseEvent& e, std::uint32_t newest) {
  const std::string id = fmt::format("K{}", newest);
  if (e.type == "ack") return AckedAlert{id};
  if (e.type == "pass") return PassedAlert{id};
  if (e.type == "failed") return MessageFailed{id, ""};
  if (e.type == "stop" || e.type == "unshare" || e.type == "erase") return PersonGone{"person"};
  if (e.type == "pause") return PersonPaused{"person", true};
  if (e.type == "resume") return PersonPaused{"person", false};
  return std::nullopt;
}

// The form has no recipients: a notice to several people is one event, at its first text.
void add_messages(std::vector<CaseLine>& lines, const std::vector<Message>& messages) {
  std::set<std::pair<std::string, LineKind>> noticed;
  for (const Message& m : messages) {
    for (const MessageLine& line : m.lines) {
      if (line.kind == LineKind::exhausted || line.kind == LineKind::mass_silence) continue;
      const bool notice =
          line.kind == LineKind::resolve_notice || line.kind == LineKind::corrected_notice;
      if (notice && !noticed.emplace(line.alert, line.kind).second) continue;
      lines.push_back({m.at, std::string(name_of(line.kind))});
    }
  }
}

std::vector<Message> run_desk(const CaseInput& in, const std::vector<Emitted>& emitted,
                              bool restart) {
  DeskRun run(everybody(*in.practitioner), {}, restart);
  run.down = in.down;
  std::map<Instant, std::pair<std::vector<DeskEvent>, bool>> timeline;
  std::map<Instant, std::uint32_t> newest;
  for (const Emitted& e : emitted) {
    const Instant at = run.up_after(e.at);
    if (e.type == EmitType::fire) newest[at] = e.alert;
    auto& slot = timeline[at];
    if (auto event = desk_event(e)) slot.first.push_back(std::move(*event));
    slot.second |= at != e.at;
  }
  for (const DeskCaseEvent& e : in.desk) {
    const auto it = newest.upper_bound(e.at);
    const std::uint32_t alert = it == newest.begin() ? 0 : std::prev(it)->second;
    if (auto event = desk_event(e, alert)) timeline[e.at].first.push_back(std::move(*event));
  }
  for (auto& [at, slot] : timeline) {
    if (at <= in.until) run.at(at, std::move(slot.first), slot.second);
  }
  run.until(in.until, true);
  return run.messages;
}

constexpr std::string_view expected_events =
    "fire clear withdraw stale close reply_person notify unsettled note escalate resolve_notice "
    "corrected_notice";

std::vector<CaseLine> expected_lines(const YAML::Node& list) {
  std::vector<CaseLine> lines;
  for (const auto& e : list) {
    only_keys(e, "expect", "at event");
    lines.push_back({instant_at(e, "at"), one_of(e, "event", expected_events)});
  }
  sort_lines(lines);
  return lines;
}

// The form's own list of events has one word for what a practitioner is sent at a fire; a case that
// does not tell "unsettled" from it means either.
void plain_words(std::vector<CaseLine>& actual, const std::vector<CaseLine>& expected) {
  const auto named = [](const CaseLine& line) { return line.what == "unsettled"; };
  if (std::any_of(expected.begin(), expected.end(), named)) return;
  for (CaseLine& line : actual) {
    if (named(line)) line.what = name_of(LineKind::alert);
  }
}

std::string run_case(const YAML::Node& node, CaseEngine engine) {
  const CaseInput in = read_case(node);
  const auto emitted = run_engine(in, engine);
  std::vector<CaseLine> actual;
  for (const Emitted& e : emitted) {
    if (e.at > in.until || e.type == EmitType::unstale || e.type == EmitType::match) continue;
    actual.push_back({e.at, std::string(name_of(e.type))});
  }
  if (in.practitioner) {
    add_messages(actual, run_desk(in, emitted, engine == CaseEngine::restart));
  }
  const auto expected = expected_lines(node["expect"]);
  plain_words(actual, expected);
  sort_lines(actual);
  if (same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", shown(expected), shown(actual));
}

std::string run_schedule_case(const YAML::Node& node) {
  only_keys(node, "schedule case", "timezone daily_at from_day to_day expect");
  const auto zone = Zone::find(scalar(node, "timezone"));
  const auto time = time_from_hm(scalar(node, "daily_at"));
  const auto from = date_from_iso(scalar(node, "from_day"));
  const auto to = date_from_iso(scalar(node, "to_day"));
  if (!zone || !time || !from || !to) return "the case needs timezone, daily_at, from_day, to_day";
  std::vector<CaseLine> actual;
  for (LocalDate day = *from; day <= *to; day = day + 1) {
    if (const auto at = zone->resolve(day, *time)) actual.push_back({*at, "prompt"});
  }
  std::vector<CaseLine> expected;
  for (const auto& at : node["expect"]) expected.push_back({read_instant(at), "prompt"});
  if (same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", shown(expected), shown(actual));
}

template <class Run>
void run_list(const YAML::Node& list, CaseReport& report, Run&& run) {
  int count = 0;
  for (const auto& node : list) {
    std::string name = fmt::format("case {}", ++count);
    std::string wrong;
    try {
      if (node.IsMap()) name = scalar(node, "name", name);
      wrong = run(node);
    } catch (const std::exception& e) {
      wrong = e.what();
    }
    if (wrong.empty()) {
      ++report.passed;
    } else {
      ++report.failed;
      report.lines.push_back(name + ": " + wrong);
    }
  }
}

}  // namespace

std::string CaseReport::text() const {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out + fmt::format("{} passed, {} failed\n", passed, failed);
}

Result<CaseReport> run_case_files(const std::vector<std::string>& paths, CaseEngine engine) {
  CaseReport report;
  for (const std::string& path : paths) {
    YAML::Node root;
    try {
      root = YAML::LoadFile(path);
    } catch (const YAML::BadFile&) {
      return fault("bad_case_file", path + " cannot be read; check its name and its permissions");
    } catch (const YAML::Exception& e) {
      return fault("bad_case_file", path + ": " + e.what());
    }
    if (!root.IsMap() || !(root["cases"] || root["schedule_cases"] || root["notify_cases"])) {
      return fault("bad_case_file", path +
                                        " holds no cases; it needs `cases`, `schedule_cases` "
                                        "or `notify_cases`");
    }
    run_list(root["cases"], report, [&](const YAML::Node& n) { return run_case(n, engine); });
    run_list(root["schedule_cases"], report, run_schedule_case);
    run_list(root["notify_cases"], report,
             [&](const YAML::Node& n) { return run_notify_case(n, engine); });
  }
  return report;
}

}  // namespace moodline::config
