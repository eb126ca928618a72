// moodline person, practitioner, agreement, replies.
#include <boost/json.hpp>

#include "daemon/commands/command.hpp"

namespace moodline::commands {
namespace {

struct AddArgs {
  json::object args;
  std::string number, as, programme, practitioner, timezone, language, agreed_with, agreed_on, plan,
      needs, safe, companion, discreet;
  std::vector<std::string> track, times, rules, params;
};

json::object to_json(const AddArgs& a) {
  json::object o{{"number", a.number},
                 {"as", a.as},
                 {"programme", a.programme},
                 {"practitioner", a.practitioner},
                 {"timezone", a.timezone},
                 {"language", a.language},
                 {"agreed_with", a.agreed_with},
                 {"agreed_on", a.agreed_on},
                 {"plan", a.plan},
                 {"needs", a.needs},
                 {"safe", a.safe}};
  json::object track;
  for (const std::string& t : a.track) {
    const auto eq = t.find('=');
    track[t.substr(0, eq)] = eq == std::string::npos ? std::string{} : t.substr(eq + 1);
  }
  if (!a.companion.empty()) o["friend"] = a.companion;
  if (!a.discreet.empty()) o["discreet"] = a.discreet;
  o["track"] = std::move(track);
  o["times"] = json::value_from(a.times);
  o["rules"] = json::value_from(a.rules);
  json::object params;
  for (const std::string& p : a.params) {  // low-streak.days=4
    const auto dot = p.find('.');
    const auto eq = p.find('=');
    if (dot == std::string::npos || eq == std::string::npos || eq < dot) continue;
    json::value& rule = params[p.substr(0, dot)];
    if (!rule.is_object()) rule = json::object{};
    rule.get_object()[p.substr(dot + 1, eq - dot - 1)] = p.substr(eq + 1);
  }
  o["params"] = std::move(params);
  return o;
}

void add_person_add(CLI::App& person, Common& c) {
  auto* cmd = person.add_subcommand("add", "enrol a person and send the one invitation");
  auto a = std::make_shared<AddArgs>();
  cmd->add_option("--number", a->number, "phone number, such as 07700 900123")->required();
  cmd->add_option("--as", a->as, "code or initials they agreed to be called by")->required();
  cmd->add_option("--programme", a->programme, "which programme")->required();
  cmd->add_option("--practitioner", a->practitioner,
                  "id of the named practitioner; without: for themself alone");
  cmd->add_option("--track", a->track, "MEASURE=GOAL in their words; may be repeated")->required();
  cmd->add_option("--agreed-with", a->agreed_with, "who agreed this with them");
  cmd->add_option("--agreed-on", a->agreed_on, "and when: 2026-03-02");
  cmd->add_option("--rule", a->rules, "offer only these of the programme's rules");
  cmd->add_option("--set", a->params, "a rule's number for them: low-streak.days=4");
  cmd->add_option("--time", a->times, "their own times: 19:30");
  cmd->add_option("--timezone", a->timezone, "their zone; without: the service's");
  cmd->add_option("--language", a->language, "one of the service's, such as cy");
  cmd->add_option("--safe", a->safe, "they are texted only in this window: 18:00-20:30");
  cmd->add_option("--friend", a->companion, "id of a friend or carer, who is told less");
  cmd->add_option("--discreet", a->discreet, "no: questions name the service")
      ->check(CLI::IsMember({"yes", "no"}));
  cmd->add_option("--plan", a->plan, "their own if-then plan");
  cmd->add_option("--needs", a->needs, "agreed special needs, shown with alerts");
  cmd->footer(
      "Example: moodline person add --number '07700 900123' --as MJ --programme "
      "evening-mood --practitioner sam --track 'mood=sleep better' --agreed-with 'Sam "
      "Reed' --agreed-on 2026-03-02");
  cmd->callback([&c, a] { show(c, act(c, "person.add", to_json(*a))); });
}

// A subcommand with one needed word and perhaps a number, straight to an action.
void add_simple(CLI::App& parent, Common& c, const std::string& name, const std::string& help,
                const std::string& action, const std::string& word, const std::string& example,
                const std::string& number = {}) {
  auto* cmd = parent.add_subcommand(name, help);
  auto text = std::make_shared<std::string>();
  auto n = std::make_shared<std::int64_t>(0);
  if (!word.empty()) cmd->add_option(word, *text, "key, code or number")->required();
  if (!number.empty()) cmd->add_option("--" + number, *n, "how many days");
  cmd->footer("Example: " + example);
  cmd->callback([&c, action, word, number, text, n] {
    json::object o;
    if (!word.empty()) o[word] = *text;
    if (!number.empty() && *n != 0) o[number] = *n;
    show(c, act(c, action, o));
  });
}

struct Option {
  const char* name;  // "to" where it must be given, "--words" where it may
  const char* help;
};

// A subcommand whose words go to an action under their own names.
void add_worded(CLI::App& parent, Common& c, const std::string& name, const std::string& help,
                const std::string& action, const std::vector<Option>& options,
                const std::string& example) {
  auto* cmd = parent.add_subcommand(name, help);
  auto given = std::make_shared<std::map<std::string, std::string>>();
  for (const Option& o : options) {
    const std::string flag = o.name;
    const bool optional = flag.starts_with("--");
    auto& value = (*given)[optional ? flag.substr(2) : flag];
    cmd->add_option(flag, value, o.help)->required(!optional);
  }
  cmd->footer("Example: " + example);
  cmd->callback([&c, action, given] {
    json::object o;
    for (const auto& [key, value] : *given) {
      if (!value.empty()) o[key] = value;
    }
    show(c, act(c, action, o));
  });
}

void add_record_ends(CLI::App& person, CLI::App& practitioner, Common& c) {
  const Option who{"person", "key, code or number"};
  add_worded(person, c, "set", "their times, safe window, needs, friend, discretion, zone",
             "person.set",
             {who,
              {"--time", "as their own TIME: 19:30, or 'sleep 8:00' for one question"},
              {"--days", "as their own DAYS: 'mon wed fri', or 'sleep weekdays'"},
              {"--safe", "window such as 18:00-20:30, or none"},
              {"--needs", "agreed needs, or none"},
              {"--friend", "id of a friend or carer, who is told less, or none"},
              {"--discreet", "yes; or no: questions name the service"},
              {"--timezone", "they have moved: an IANA zone such as Europe/Warsaw"}},
             "moodline person set MJ --timezone Europe/Warsaw");
  add_worded(person, c, "seen", "tell a person that their answers were read", "person.seen",
             {who, {"--by", "a practitioner's id"}, {"--words", "a kind word for them"}},
             "moodline person seen MJ --by sam --words 'Well done for writing'");
  add_worded(person, c, "discharge", "close a record; the person is told once", "person.discharge",
             {who, {"--holder", "who holds their data now"}},
             "moodline person discharge MJ --holder 'the GP surgery'");
  add_worded(person, c, "transfer", "hand a record to another practitioner", "person.transfer",
             {who, {"to", "a practitioner's id"}}, "moodline person transfer MJ ana");
  add_worded(practitioner, c, "handover", "everybody of one practitioner to another",
             "practitioner.handover",
             {{"from", "a practitioner's id"}, {"to", "a practitioner's id"}},
             "moodline practitioner handover sam ana");
}

void add_history(CLI::App& person, Common& c) {
  auto* cmd = person.add_subcommand("history", "whether their past may be used in rehearsals");
  auto who = std::make_shared<std::string>();
  auto allow = std::make_shared<std::string>();
  cmd->add_option("person", *who, "key, code or number")->required();
  cmd->add_option("allow", *allow, "yes or no")->required()->check(CLI::IsMember({"yes", "no"}));
  cmd->footer("Example: moodline person history MJ yes");
  cmd->callback([&c, who, allow] {
    show(c, act(c, "person.history", {{"person", *who}, {"allow", *allow}}));
  });
}

void add_erase(CLI::App& person, Common& c) {
  auto* cmd = person.add_subcommand("erase", "destroy a person's key and rows; cannot be undone");
  auto who = std::make_shared<std::string>();
  auto confirm = std::make_shared<std::string>();
  cmd->add_option("person", *who, "key, code or number")->required();
  cmd->add_option("--confirm", *confirm, "the person's key, once more");
  cmd->footer("Example: moodline person erase p-7f3k9q2mab --confirm p-7f3k9q2mab");
  cmd->callback([&c, who, confirm] {
    show(c, act(c, "person.erase", {{"person", *who}, {"confirm", *confirm}}));
  });
}

void add_seen(CLI::App& replies, Common& c) {
  auto* cmd = replies.add_subcommand("seen", "mark a reply as read");
  auto id = std::make_shared<std::int64_t>(0);
  cmd->add_option("id", *id, "the reply's id")->required();
  cmd->footer("Example: moodline replies seen 12");
  cmd->callback([&c, id] { show(c, act(c, "replies.seen", {{"id", *id}})); });
}

}  // namespace

void add_people(CLI::App& app, Common& c) {
  auto* person =
      app.add_subcommand("person", "people: enrol, look, pause, hand over, export, erase");
  person->require_subcommand(1);
  add_person_add(*person, c);
  add_simple(*person, c, "list", "everybody, with their state", "person.list", "",
             "moodline person list");
  add_simple(*person, c, "show", "one record", "person.show", "person", "moodline person show MJ");
  add_simple(*person, c, "series", "readings and prompts of 28 days, or --days", "person.series",
             "person", "moodline person series MJ --days 14", "days");
  add_simple(*person, c, "pause", "stop prompts, for --days or until resumed", "person.pause",
             "person", "moodline person pause MJ --days 7", "days");
  add_simple(*person, c, "resume", "start prompts again", "person.resume", "person",
             "moodline person resume MJ");
  add_simple(*person, c, "release", "a human has read what was held", "person.release", "person",
             "moodline person release MJ");
  add_erase(*person, c);
  add_history(*person, c);
  auto* practitioner = app.add_subcommand("practitioner", "practitioners and their roles");
  practitioner->require_subcommand(1);
  add_simple(*practitioner, c, "list", "who accepted, who is off", "practitioner.list", "",
             "moodline practitioner list");
  add_record_ends(*person, *practitioner, c);
  auto* agreement = app.add_subcommand("agreement", "who agreed to what");
  agreement->require_subcommand(1);
  auto* list = agreement->add_subcommand("list", "every agreement, or one person's");
  auto whose = std::make_shared<std::string>();
  list->add_option("person", *whose, "key, code or number");
  list->footer("Example: moodline agreement list MJ");
  list->callback([&c, whose] { show(c, act(c, "agreement.list", {{"person", *whose}})); });
  auto* show_cmd = agreement->add_subcommand("show", "one agreement with its exact wording");
  auto who = std::make_shared<std::string>();
  auto code = std::make_shared<std::string>();
  show_cmd->add_option("person", *who, "key, code or number")->required();
  show_cmd->add_option("agreement", *code, "such as L3")->required();
  show_cmd->footer("Example: moodline agreement show MJ L3");
  show_cmd->callback([&c, who, code] {
    show(c, act(c, "agreement.show", {{"person", *who}, {"agreement", *code}}));
  });
  auto* replies = app.add_subcommand("replies", "replies that a person has to read");
  replies->require_subcommand(1);
  add_simple(*replies, c, "unread", "what nobody has looked at yet", "replies.unread", "",
             "moodline replies unread");
  add_seen(*replies, c);
}

}  // namespace moodline::commands
