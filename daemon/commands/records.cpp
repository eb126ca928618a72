// moodline person export, person import, evaluation, outage, audit export, link, token.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/commands/command.hpp"
#include "daemon/records/csv.hpp"

namespace moodline::commands {
namespace {

// What an export answers with goes to --out, readable by its owner only, or to standard output.
void deliver(Common& c, const Result<json::value>& result, const std::string& out) {
  if (!result || c.json) {
    show(c, result);
    return;
  }
  const json::object& o = result->as_object();
  const std::string text(o.at("text").as_string());
  if (out.empty()) {
    std::cout << text;
    return;
  }
  const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    show(c, fault("cannot_write", out + " cannot be made; it must not exist, its folder must"));
    return;
  }
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  if (done < text.size()) {
    show(c, fault("cannot_write", out + " could not be written whole; is the disk full?"));
    return;
  }
  std::cerr << "moodline: " << std::string_view(o.at("file").as_string()) << " written to " << out
            << "\n";
}

void add_export(CLI::App& person, Common& c) {
  auto* cmd = person.add_subcommand("export", "everything held about one person");
  auto who = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("json");
  auto out = std::make_shared<std::string>();
  cmd->add_option("person", *who, "key, code or number")->required();
  cmd->add_option("--format", *format, "json, csv or fhir (an R4 Bundle of Observations)")
      ->check(CLI::IsMember({"json", "csv", "fhir"}));
  cmd->add_option("--out", *out, "a new file, readable by you only; standard output without");
  cmd->footer("Example: moodline person export MJ --format csv --out mj.csv");
  cmd->callback([&c, who, format, out] {
    deliver(c, act(c, "person.export", {{"person", *who}, {"format", *format}}), *out);
  });
}

void print_import(Common& c, const Result<json::value>& result) {
  if (!result || c.json) {
    show(c, result);
    if (result && result->at("bad").as_int64() > 0) c.exit_code = exit_refused;
    return;
  }
  const json::object& o = result->as_object();
  for (const json::value& p : o.at("problems").as_array()) {
    std::cout << fmt::format("line {}: {} [{}]\n", p.at("line").as_int64(),
                             std::string_view(p.at("problem").as_string()),
                             std::string_view(p.at("code").as_string()));
  }
  const std::int64_t bad = o.at("bad").as_int64();
  std::cout << fmt::format("{} rows, {} bad, {} enrolled{}\n", o.at("rows").as_int64(), bad,
                           o.at("enrolled").as_int64(),
                           o.at("dry_run").as_bool() ? " (dry run: nothing was changed)"
                           : bad > 0 ? " (nothing was changed: mend the rows and try again)"
                                     : "");
  if (bad > 0) c.exit_code = exit_refused;
}

void add_import(CLI::App& person, Common& c) {
  auto* cmd = person.add_subcommand("import", "enrol a CSV file of people: all of it or none");
  auto path = std::make_shared<std::string>();
  auto dry = std::make_shared<bool>(false);
  cmd->add_option("file", *path,
                  "columns number, as, programme, practitioner, track (mood=goal; sleep=goal), "
                  "agreed_with, agreed_on and, where wanted, language, timezone, times, rules, "
                  "plan, needs, safe, friend, discreet")
      ->required();
  cmd->add_flag("--dry-run", *dry, "only report every bad row");
  cmd->footer("Example: moodline person import --dry-run people.csv");
  cmd->callback([&c, path, dry] {
    std::ifstream in(*path, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    if (!in) {
      show(c, fault("cannot_read", *path + " cannot be read"));
      return;
    }
    const auto text = records::utf8_from(bytes.str());
    if (!text) {
      show(c, tl::unexpected(text.error()));
      return;
    }
    print_import(c, act(c, "person.import", {{"csv", *text}, {"dry_run", *dry}}));
  });
}

void add_evaluation(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("evaluation",
                                 "a pseudonymous table: invited, active, replied, "
                                 "alerted, acknowledged, stopped");
  auto out = std::make_shared<std::string>();
  cmd->add_option("--out", *out, "a new file, readable by you only; standard output without");
  cmd->footer("Example: moodline evaluation --out evaluation.csv");
  cmd->callback([&c, out] { deliver(c, act(c, "export.evaluation", {}), *out); });
}

void add_outage(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("outage", "who was not asked or told between two instants");
  auto from = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  cmd->add_option("from", *from, "such as 2026-03-02T18:00:00Z")->required();
  cmd->add_option("to", *to, "such as 2026-03-02T21:00:00Z")->required();
  cmd->footer("Example: moodline outage 2026-03-02T18:00:00Z 2026-03-02T21:00:00Z");
  cmd->callback([&c, from, to] { show(c, act(c, "outage", {{"from", *from}, {"to", *to}})); });
}

void add_audit_export(CLI::App& audit, Common& c) {
  auto* cmd = audit.add_subcommand("export", "the trail with its details, 10,000 rows at a time");
  auto after = std::make_shared<std::int64_t>(0);
  cmd->add_option("--after", *after, "rows after this number");
  cmd->footer("Example: moodline --json audit export --after 0");
  cmd->callback([&c, after] { show(c, act(c, "audit.export", {{"after", *after}})); });
}

void add_link(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("link", "a link to an alert's page, a person's series or data");
  auto alert = std::make_shared<std::string>();
  auto person = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  auto data = std::make_shared<bool>(false);
  auto revoke = std::make_shared<bool>(false);
  cmd->add_option("--alert", *alert, "the page of this alert, such as K7; needs --to");
  cmd->add_option("--person", *person, "or the page of this person's series; needs --to");
  cmd->add_option("--to", *to, "whose link it is: a practitioner's id, or person");
  cmd->add_flag("--data", *data, "with --person: their own data, once");
  cmd->add_flag("--revoke", *revoke, "with --person: end every link to their pages instead");
  cmd->footer("Example: moodline link --alert K7 --to sam");
  cmd->callback([&c, alert, person, to, data, revoke] {
    if (*revoke) {
      show(c, act(c, "link.revoke", {{"person", *person}, {"to", *to}}));
      return;
    }
    json::object o{{"to", *to}, {"data", *data}};
    if (!alert->empty()) o["alert"] = *alert;
    if (!person->empty()) o["person"] = *person;
    show(c, act(c, "link.make", o));
  });
}

void add_token(CLI::App& app, Common& c) {
  auto* token = app.add_subcommand("token", "tokens of the HTTP API: add, list, revoke");
  token->require_subcommand(1);
  auto* add = token->add_subcommand("add", "make one; it is shown once");
  auto name = std::make_shared<std::string>();
  auto scopes = std::make_shared<std::vector<std::string>>();
  auto days = std::make_shared<std::int64_t>(365);
  add->add_option("name", *name, "whose it is; stands in the audit trail")->required();
  add->add_option("--scope", *scopes, "read, alerts, people, texts, service, export or all")
      ->required();
  add->add_option("--days", *days, "how long it lives");
  add->footer("Example: moodline token add dashboard --scope read");
  add->callback([&c, name, scopes, days] {
    std::string all;
    for (const std::string& s : *scopes) all += (all.empty() ? "" : " ") + s;
    show(c, act(c, "token.add", {{"name", *name}, {"scopes", all}, {"days", *days}}));
  });
  auto* list = token->add_subcommand("list", "every token, never its secret");
  list->footer("Example: moodline token list");
  list->callback([&c] { show(c, act(c, "token.list", {})); });
  auto* revoke = token->add_subcommand("revoke", "end one at once");
  auto id = std::make_shared<std::string>();
  revoke->add_option("id", *id, "its id or name")->required();
  revoke->footer("Example: moodline token revoke dashboard");
  revoke->callback([&c, id] { show(c, act(c, "token.revoke", {{"id", *id}})); });
}

}  // namespace

void add_records(CLI::App& app, Common& c) {
  CLI::App& person = *app.get_subcommand("person");
  add_export(person, c);
  add_import(person, c);
  add_evaluation(app, c);
  add_outage(app, c);
  add_audit_export(*app.get_subcommand("audit"), c);
  add_link(app, c);
  add_token(app, c);
}

}  // namespace moodline::commands
