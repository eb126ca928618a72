// Actions about records out and in: exports, import, what an outage cost.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/control/actions.hpp"
#include "daemon/records/csv.hpp"
#include "daemon/records/person_data.hpp"

namespace moodline::control {
namespace {

constexpr int people_max = 1'000'000;
constexpr int audit_rows_max = 10'000;
constexpr int import_problems_max = 1'000;

json::object file(std::string name, std::string type, std::string text) {
  return {{"file", std::move(name)}, {"type", std::move(type)}, {"text", std::move(text)}};
}

Result<json::value> export_person(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  std::string format = text_arg(args, "format");
  if (format.empty()) format = "json";
  checkins::audit(c.tx, c.s, c.actor, "person.export", p->key, p->id, format);
  if (format == "json") {
    return json::value(
        file(p->key + ".json", "application/json", records::person_json(c.tx, c.s, *p)));
  }
  if (format == "csv") {
    return json::value(file(p->key + ".csv", "text/csv", records::person_csv(c.tx, c.s, *p)));
  }
  if (format == "fhir") {
    return json::value(file(p->key + ".fhir.json", "application/fhir+json",
                            json::serialize(records::fhir_bundle(c.tx, c.s, *p)) + "\n"));
  }
  return fault("bad_argument", fmt::format("format \"{}\" is unknown; json, csv or fhir", format));
}

Result<json::value> evaluation(ActionContext& c, const json::object&) {
  checkins::audit(c.tx, c.s, c.actor, "export.evaluation", "service", 0);
  return json::value(file("evaluation.csv", "text/csv", records::evaluation_csv(c.tx, c.s.dice)));
}

// ---- Import ------------------------------------------------------------------------------------

constexpr const char* columns[] = {"number",   "as",          "programme", "practitioner",
                                   "track",    "agreed_with", "agreed_on", "language",
                                   "timezone", "times",       "rules",     "plan",
                                   "needs",    "safe",        "friend",    "discreet"};

std::string trimmed(std::string_view s) {
  const auto from = s.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return std::string(s.substr(from, s.find_last_not_of(" \t\r\n") - from + 1));
}

std::vector<std::string> split(std::string_view s, char by) {
  std::vector<std::string> out;
  while (!s.empty()) {
    const auto at = s.find(by);
    if (std::string part = trimmed(s.substr(0, at)); !part.empty()) out.push_back(std::move(part));
    s = at == std::string_view::npos ? std::string_view{} : s.substr(at + 1);
  }
  return out;
}

// "mood = sleep better; sleep = rest" in one cell.
json::object tracked(std::string_view cell) {
  json::object out;
  for (const std::string& part : split(cell, ';')) {
    const auto eq = part.find('=');
    const std::string goal = eq == std::string::npos ? std::string{} : part.substr(eq + 1);
    out[trimmed(part.substr(0, eq))] = trimmed(goal);
  }
  return out;
}

json::object args_of(const std::vector<std::string>& names, const records::CsvRow& row) {
  json::object o;
  for (std::size_t i = 0; i < names.size() && i < row.cells.size(); ++i) {
    std::string cell = trimmed(row.cells[i]);
    // What our own export put in front of a cell that looked like a formula.
    if (cell.size() > 1 && cell[0] == '\'' && std::string_view("=+-@").find(cell[1]) < 4) {
      cell.erase(0, 1);
    }
    if (cell.empty()) continue;
    if (names[i] == "track") {
      o["track"] = tracked(cell);
    } else if (names[i] == "times" || names[i] == "rules") {
      o[names[i]] = json::value_from(split(cell, ';'));
    } else {
      o[names[i]] = cell;
    }
  }
  return o;
}

Result<std::vector<std::string>> header(const records::CsvRow& row) {
  std::vector<std::string> names;
  for (const std::string& cell : row.cells) {
    std::string name = trimmed(cell);
    std::replace(name.begin(), name.end(), ' ', '_');
    for (char& ch : name) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
    const bool known = std::find(std::begin(columns), std::end(columns), name) != std::end(columns);
    if (!known || std::find(names.begin(), names.end(), name) != names.end()) {
      return fault("bad_csv",
                   fmt::format("line {}: column \"{}\" is {}; the columns are number, "
                               "as, programme, practitioner, track, agreed_with, "
                               "agreed_on, language, timezone, times, rules, plan, needs, safe, "
                               "friend, discreet",
                               row.line, trimmed(cell), known ? "there twice" : "unknown"));
    }
    names.push_back(std::move(name));
  }
  return names;
}

json::object problem(int line, const Fault& f) {
  return {{"line", line}, {"code", f.code}, {"problem", f.message}};
}

// Every bad row, not only the first. `numbers`: those of the rows before.
std::optional<Fault> bad_row(ActionContext& c, const std::vector<std::string>& names,
                             const records::CsvRow& row, std::set<std::string>& numbers) {
  if (row.cells.size() > names.size()) {
    return Fault{"bad_csv", fmt::format("has {} cells where the header has {}; a comma inside a "
                                        "cell needs quotes around the cell",
                                        row.cells.size(), names.size())};
  }
  const json::object args = args_of(names, row);
  const auto n = new_person_from(args);
  if (!n) return n.error();
  const auto companion = checkins::check_friend(c.s.service, text_arg(args, "friend"));
  if (!companion) return companion.error();
  const auto number = checkins::check_new_person(c.tx, c.s, *n);
  if (!number) return number.error();
  if (!numbers.insert(*number).second) {
    return Fault{"number_in_use", "this number stands in an earlier row of the file too"};
  }
  return std::nullopt;
}

Result<json::value> import(ActionContext& c, const json::object& args) {
  const auto rows = records::read_csv(text_arg(args, "csv"));
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return fault("bad_csv", "the file is empty; its first row names the columns");
  const auto names = header(rows->front());
  if (!names) return tl::unexpected(names.error());
  json::array bad;
  std::set<std::string> numbers;
  for (std::size_t i = 1; i < rows->size() && bad.size() < import_problems_max; ++i) {
    const auto f = bad_row(c, *names, (*rows)[i], numbers);
    if (f) bad.push_back(problem((*rows)[i].line, *f));
  }
  const bool dry = flag_arg(args, "dry_run");
  json::object out{{"rows", static_cast<std::int64_t>(rows->size()) - 1},
                   {"bad", static_cast<std::int64_t>(bad.size())},
                   {"dry_run", dry},
                   {"enrolled", 0}};
  const bool all_good = bad.empty();
  out["problems"] = std::move(bad);
  // All of the file or none of it: half a list is worse than none.
  if (dry || !all_good) return json::value(std::move(out));
  std::int64_t enrolled = 0;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const json::object row = args_of(*names, (*rows)[i]);
    const auto n = new_person_from(row);
    auto p = n ? checkins::add_person(c.tx, c.s, *n, c.actor) : tl::unexpected(n.error());
    if (!p) return tl::unexpected(p.error());
    ++enrolled;
    const std::string companion = text_arg(row, "friend");
    if (companion.empty()) continue;
    checkins::Desk d(c.tx, c.s, std::move(*p));
    if (auto ok = checkins::set_friend(d, companion); !ok) return tl::unexpected(ok.error());
  }
  out["enrolled"] = enrolled;
  checkins::audit(c.tx, c.s, c.actor, "person.import", "service", 0, std::to_string(enrolled));
  return json::value(std::move(out));
}

// ---- Outage ------------------------------------------------------------------------------------

Result<Instant> instant_arg(const json::object& args, std::string_view name) {
  const auto t = from_iso(text_arg(args, name));
  if (!t)
    return fault("bad_argument", fmt::format("{}: write an instant such as "
                                             "2026-03-02T18:00:00Z",
                                             name));
  return *t;
}

bool reached(store::MessageStatus s) {
  return s == store::MessageStatus::accepted || s == store::MessageStatus::delivered;
}

// Who was to be asked or told between two instants and was not, or only late.
Result<json::value> outage(ActionContext& c, const json::object& args) {
  const auto from = instant_arg(args, "from");
  if (!from) return tl::unexpected(from.error());
  const auto to = instant_arg(args, "to");
  if (!to) return tl::unexpected(to.error());
  json::array out;
  for (const store::RowId id : c.tx.person_ids(0, people_max)) {
    const auto p = c.tx.person(id);
    if (!p) continue;
    const auto add = [&](std::string_view what, std::string_view whom, Instant due,
                         std::string_view fate) {
      out.push_back(
          {{"person", p->key}, {"what", what}, {"to", whom}, {"due", to_iso(due)}, {"fate", fate}});
    };
    for (const store::Prompt& q : c.tx.prompts_of(id, *from)) {
      if (q.due_at > *to) continue;
      if (q.status == store::PromptStatus::not_sent)
        add("question", "person", q.due_at, "not asked");
      if (q.status == store::PromptStatus::undelivered) {
        add("question", "person", q.due_at, "not delivered");
      }
      if (q.status == store::PromptStatus::unknown)
        add("question", "person", q.due_at, "not known");
    }
    for (const store::Message& m : c.tx.messages_of(id, *from - Millis{86'400'000})) {
      // A text that is tried again is due again: what counts is when it was first wanted.
      const Instant due = m.attempts > 1 ? m.created_at : m.due_at;
      if (due < *from || due > *to || m.prompt != 0) continue;
      const std::string whom = m.practitioner.empty() ? "person" : m.practitioner;
      const bool late = m.accepted_at && *m.accepted_at - due > Millis{15 * 60'000};
      if (reached(m.status) && !late) continue;
      if (m.status == store::MessageStatus::cancelled) continue;
      add(m.template_name, whom, due, late ? "late" : "not told");
    }
  }
  return json::value(std::move(out));
}

// Every row from `after` on, with its sealed words; for a court, an auditor, a person's question.
Result<json::value> audit_export(ActionContext& c, const json::object& args) {
  json::array out;
  for (const store::AuditRow& r : c.tx.audit(number_arg(args, "after", 0), audit_rows_max)) {
    const auto p = r.person == 0 ? std::nullopt : c.tx.person(r.person);
    out.push_back({{"seq", r.seq},
                   {"at", to_iso(r.at)},
                   {"actor", r.actor},
                   {"action", r.action},
                   {"subject", r.subject},
                   {"person", p ? p->key : std::string{}},
                   {"detail", r.detail}});
  }
  checkins::audit(c.tx, c.s, c.actor, "audit.export", "service", 0);
  return json::value(std::move(out));
}

}  // namespace

std::vector<Action> record_actions() {
  return {
      {"person.export", "everything held about one person: json, csv or fhir", true, export_person},
      {"person.import", "enrol a CSV file of people, or say what is wrong in it (dry_run)", true,
       import},
      {"export.evaluation", "a pseudonymous table for an evaluation", true, evaluation},
      {"outage", "who was not asked or told between two instants", false, outage},
      {"audit.export", "the audit trail with its details", true, audit_export}};
}

}  // namespace moodline::control
