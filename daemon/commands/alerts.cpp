// moodline alert, explain, outbox, audit, hold, routes, cost, reload.
#include <boost/json.hpp>
#include <iostream>

#include "daemon/commands/command.hpp"

namespace moodline::commands {
namespace {

void plain(CLI::App& parent, Common& c, const std::string& name, const std::string& help,
           const std::string& action, const std::string& example) {
  auto* cmd = parent.add_subcommand(name, help);
  cmd->footer("Example: " + example);
  cmd->callback([&c, action] { show(c, act(c, action, {})); });
}

void by_code(CLI::App& parent, Common& c, const std::string& name, const std::string& help,
             const std::string& action, bool with_note) {
  auto* cmd = parent.add_subcommand(name, help);
  auto code = std::make_shared<std::string>();
  auto note = std::make_shared<std::string>();
  cmd->add_option("alert", *code, "such as K7")->required();
  if (with_note) cmd->add_option("note", *note, "what was done");
  cmd->footer("Example: moodline alert " + name + " K7");
  cmd->callback([&c, action, code, note] {
    show(c, act(c, action, {{"alert", *code}, {"note", *note}}));
  });
}

void add_list(CLI::App& alert, Common& c) {
  auto* cmd = alert.add_subcommand("list", "open alerts");
  auto all = std::make_shared<bool>(false);
  cmd->add_flag("--all", *all, "also those that ended in the last 90 days");
  cmd->footer("Example: moodline alert list --all");
  cmd->callback([&c, all] { show(c, act(c, "alert.list", {{"all", *all}})); });
}

std::string word(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string{};
}

// The sum first, then a line a day: what was said, and whether it stands on the rule's line.
std::string explained(const json::object& rule) {
  const json::value* version = rule.if_contains("version");
  const json::value* holds = rule.if_contains("holds");
  std::string out = word(rule, "rule");
  if (version != nullptr) out += "@" + json::serialize(*version);
  out += ": " + word(rule, "arithmetic");
  out += holds != nullptr && holds->is_bool() && holds->get_bool() ? "\n" : " (it does not hold)\n";
  if (!word(rule, "fired").empty()) out += "  fired " + word(rule, "fired") + "\n";
  const json::value* items = rule.if_contains("items");
  if (items == nullptr || !items->is_array()) return out;
  for (const json::value& item : items->get_array()) {
    if (!item.is_object()) continue;
    const json::object& o = item.get_object();
    out += "  " + word(o, "day") + "  " + word(o, "shown");
    const json::value* hit = o.if_contains("hit");
    if (hit != nullptr && hit->is_bool() && hit->get_bool()) out += "  on the line";
    out += "\n";
  }
  return out;
}

void add_explain(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("explain", "the readings and the arithmetic behind an alert");
  auto code = std::make_shared<std::string>();
  auto person = std::make_shared<std::string>();
  cmd->add_option("alert", *code, "such as K7");
  cmd->add_option("--person", *person, "instead: every rule of this person as it stands");
  cmd->footer("Example: moodline explain K7");
  cmd->callback([&c, code, person] {
    const auto found = act(c, "explain", {{"alert", *code}, {"person", *person}});
    if (c.json || !found || !found->is_array()) return show(c, found);
    for (const json::value& rule : found->get_array()) std::cout << explained(rule.as_object());
  });
}

}  // namespace

void add_alerts(CLI::App& app, Common& c) {
  auto* alert = app.add_subcommand("alert", "alerts: look, answer for somebody, mass silence");
  alert->require_subcommand(1);
  add_list(*alert, c);
  by_code(*alert, c, "show", "one alert, its texts and events", "alert.show", false);
  by_code(*alert, c, "ack", "acknowledge", "alert.ack", false);
  by_code(*alert, c, "done", "close the chase with a note", "alert.done", true);
  by_code(*alert, c, "pass", "hand on to the deputy", "alert.pass", false);
  plain(*alert, c, "release", "let silence alerts of a mass silence go", "alert.release",
        "moodline alert release");
  plain(*alert, c, "drop", "drop silence alerts of a mass silence", "alert.drop",
        "moodline alert drop");
  add_explain(app, c);
}

void add_service(CLI::App& app, Common& c) {
  auto* outbox = app.add_subcommand("outbox", "texts that wait, are under way or failed");
  outbox->require_subcommand(1);
  plain(*outbox, c, "list", "what is not settled", "outbox.list", "moodline outbox list");
  auto* retry = outbox->add_subcommand("retry", "queue a failed or unknown text again");
  auto id = std::make_shared<std::int64_t>(0);
  retry->add_option("id", *id, "the text's id")->required();
  retry->footer("Example: moodline outbox retry 42");
  retry->callback([&c, id] { show(c, act(c, "outbox.retry", {{"id", *id}})); });
  auto* audit = app.add_subcommand("audit", "the append-only trail");
  audit->require_subcommand(1);
  auto* trail = audit->add_subcommand("list", "what was done, by whom: 1,000 rows at a time");
  auto after = std::make_shared<std::int64_t>(0);
  trail->add_option("--after", *after, "go on after this seq");
  trail->footer("Example: moodline audit list --after 1000");
  trail->callback([&c, after] { show(c, act(c, "audit.list", {{"after", *after}})); });
  plain(*audit, c, "verify", "check its chain", "audit.verify", "moodline audit verify");
  auto* hold = app.add_subcommand("hold", "stop all sending but urgent texts");
  auto off = std::make_shared<bool>(false);
  hold->add_flag("--off", *off, "send again");
  hold->footer("Example: moodline hold");
  hold->callback([&c, off] { show(c, act(c, "hold", {{"off", *off}})); });
  plain(app, c, "service", "routes, what each can carry and how it is; holds", "service.routes",
        "moodline service");
  auto* clock = app.add_subcommand("clock", "the machine's clock, after it jumped");
  clock->require_subcommand(1);
  plain(*clock, c, "ok", "it is right: rules that wait for time go on", "clock.ok",
        "moodline clock ok");
  auto* route = app.add_subcommand("route", "ways out");
  route->require_subcommand(1);
  auto* reopen = route->add_subcommand("reopen", "use a halted route again");
  auto name = std::make_shared<std::string>();
  reopen->add_option("route", *name, "its name in service.yaml")->required();
  reopen->footer("Example: moodline route reopen kannel");
  reopen->callback([&c, name] { show(c, act(c, "route.reopen", {{"route", *name}})); });
  auto* cost = app.add_subcommand("cost", "segments by programme and language");
  auto days = std::make_shared<std::int64_t>(30);
  cost->add_option("--days", *days, "how far back");
  cost->footer("Example: moodline cost --days 30");
  cost->callback([&c, days] { show(c, act(c, "cost", {{"days", *days}})); });
  plain(app, c, "reload", "swap the whole configuration, or keep the old one and say so", "reload",
        "moodline reload");
}

}  // namespace moodline::commands
