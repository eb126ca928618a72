// One entry of `tests:` becomes engine input and expected lines.
#include <fmt/format.h>

#include <algorithm>

#include "config/block_reader.hpp"
#include "config/resolve.hpp"
#include "config/rule_test_case.hpp"

namespace moodline::config {
namespace {
using rules::PromptStatus;

const std::vector<std::string> desk_words = {"ack",   "done",    "pass",  "failed", "stop",
                                             "erase", "unshare", "pause", "resume"};

const FieldTable& test_fields() {
  static const FieldTable t = {
      {"name", FieldType::text, true, "", "what it shows"},
      {"rule", FieldType::text, true, "", "rule and version, such as low-streak@2"},
      {"timezone", FieldType::text, false, "Europe/London", "the person's zone"},
      {"start", FieldType::date, true, "", "the first day"},
      {"replies", FieldType::text, false, "", "one token a prompt"},
      {"until", FieldType::text, true, "", "quoted; nothing later is judged"},
      {"agreed", FieldType::text, false, "",
       "quoted instant of the yes; before everything if left out"},
  };
  return t;
}

class Reader {
 public:
  Reader(const Service& service, const Node& node, Problems& problems)
      : service_(service), node_(node), problems_(problems) {}

  std::optional<TestCase> run() {
    const std::size_t before = problems_.errors();
    const Block b = read_block(node_, test_fields(), problems_,
                               {"with", "override", "prompts", "events", "expect", "refused"});
    test_.name = b.text("name");
    test_.place = node_.place;
    if (problems_.errors() > before) return std::nullopt;
    const auto zone = Zone::find(b.text("timezone"));
    if (!zone) {
      add(b.place("timezone"), "timezone", "is not a zone", "write one such as \"Europe/London\"");
      return std::nullopt;
    }
    test_.zone = *zone;
    if (!read_rule(b)) return std::nullopt;
    test_.until = instant(*node_.find("until"));
    if (b.has("agreed")) test_.agreed_at = instant(*node_.find("agreed"));
    const LocalDate start = *date_from_iso(b.text("start"));
    if (test_.zone.local(test_.until).date < start) {
      add(b.place("until"), "until", "is before start, so that nothing happens",
          "write a later until");
    }
    read_prompts(start);
    if (const Node* replies = node_.find("replies")) {
      if (node_.find("prompts") == nullptr) {
        add(replies->place, "replies", "has no prompts to answer",
            "add prompts: {daily: \"18:00\"}");
      } else {
        add_replies(test_, *replies, problems_);
      }
    }
    read_events();
    read_expect();
    read_refused();
    std::stable_sort(test_.log.begin(), test_.log.end(),
                     [](const auto& x, const auto& y) { return x.learned < y.learned; });
    return problems_.errors() > before ? std::nullopt : std::optional(std::move(test_));
  }

 private:
  void add(const Place& place, std::string_view key, std::string what, std::string cure) {
    problems_.add(place, fmt::format("{}.{}", node_.path, key), std::move(what), std::move(cure));
  }

  Instant instant(const Node& n) {
    const auto t = test_instant(n.text, test_.zone);
    if (!t && !n.bad) {
      problems_.add(n.place, n.path, quote(n.text) + " is not a moment",
                    "write local \"2026-03-05 18:15\", or \"2026-03-05T18:15:00Z\"");
    }
    return t.value_or(Instant{});
  }

  /// Numbers of `with`, checked against their limits.
  ParamValues chosen(const Node* with) {
    ParamValues out;
    if (with == nullptr) return out;
    for (const Entry& e : with->entries) {
      const auto d = e.value.is_scalar() ? decimal_from(e.value.text) : std::nullopt;
      if (!d) {
        problems_.add(e.value.place, e.value.path, "is not a number", "write a number");
        continue;
      }
      out[e.key] = *d;
    }
    return out;
  }

  /// The rule with a test's own numbers and overridden fields.
  rules::RulePtr built(const Node& with_in, const Node* override_in) {
    const Node* with = with_in.find("with");
    const auto values = params_of(*test_.spec, chosen(with));
    if (!values) {
      const auto cut = values.error().message.find("; ");
      problems_.add(
          with->place, with->path, values.error().message.substr(0, cut),
          cut == std::string::npos ? "change it" : values.error().message.substr(cut + 2));
      return nullptr;
    }
    RuleSpec spec = *test_.spec;
    if (override_in != nullptr) apply(spec, *override_in);
    auto rule = std::make_shared<rules::Rule>(build_rule(spec, *values, problems_));
    rule->key = fmt::format("{}#{}", spec.ref(), rule_hash(*rule).substr(0, 16));
    return rule;
  }

  void apply(RuleSpec& spec, const Node& node) {
    FieldTable table = rules::common_fields();
    for (Field& f : table) f.fallback = {};
    const Block b = read_block(node, table, problems_, {"when", "clear"});
    for (const Field& f : table) {
      if (node.find(f.name) != nullptr) spec.common[std::string(f.name)] = b.text(f.name);
    }
    if (const Node* when = node.find("when"); when != nullptr && when->entries.size() == 1) {
      spec.kind = when->entries.front().key;
      spec.when = when->entries.front().value;
    }
    if (const Node* clear = node.find("clear")) spec.clear = *clear;
  }

  bool read_rule(const Block& b) {
    const std::string& ref = b.text("rule");
    std::vector<std::string> known;
    for (const RuleSpec& r : service_.rules) {
      known.push_back(r.ref());
      if (r.ref() == ref) test_.spec = &r;
    }
    if (test_.spec == nullptr) {
      add(b.place("rule"), "rule", fmt::format("rule {} is not in rules/*.yaml", quote(ref)),
          known.empty() ? "name the file that holds it in rule_files" : suggestion(ref, known));
      return false;
    }
    test_.rule = built(node_, node_.find("override"));
    return test_.rule != nullptr;
  }

  void read_prompts(LocalDate start) {
    static const FieldTable fields = {{"daily", FieldType::time, false, "", "one time, every day"},
                                      {"at", FieldType::time, false, "", "one time, on `days`"},
                                      {"times", FieldType::texts, false, "", "several times a day"},
                                      {"days", FieldType::texts, false, "", "weekdays"}};
    const Node* n = node_.find("prompts");
    if (n == nullptr) return;
    const Block b = read_block(*n, fields, problems_);
    std::vector<TimeOfDay> times;
    for (const std::string& t : {b.text("daily"), b.text("at")}) {
      if (const auto time = time_from_hm(t)) times.push_back(*time);
    }
    for (const std::string& t : b.texts("times")) {
      if (const auto time = time_from_hm(t)) times.push_back(*time);
    }
    std::sort(times.begin(), times.end());
    if (times.empty()) {
      problems_.add(n->place, n->path, "names no time", "write {daily: \"18:00\"}");
    }
    for (int d = 0; d < test_days_max; ++d) {
      const LocalDate date = start + d;
      if (!asked_on(b.texts("days"), date)) continue;
      for (const TimeOfDay time : times) {
        const auto at = test_.zone.resolve(date, time);
        if (!at) continue;
        if (*at >= test_.until || test_.slots.size() >= test_prompts_max) return;
        test_.slots.push_back(*at);
      }
    }
  }

  static bool asked_on(const std::vector<std::string>& days, LocalDate date) {
    return days.empty() ||
           std::find(days.begin(), days.end(), short_name(date.weekday())) != days.end();
  }

  void read_events() {
    const Node* list = node_.find("events");
    if (list == nullptr) return;
    for (const Node& n : list->items) {
      const Node* at = n.find("at");
      if (at == nullptr) {
        problems_.add(n.place, n.path, "has no at", "add at: with a local time");
        continue;
      }
      read_event(n, inside(*at));
    }
  }

  /// A moment that the test lasts to.
  Instant inside(const Node& n) {
    const Instant at = instant(n);
    if (at > test_.until && !n.bad) {
      problems_.add(n.place, n.path, quote(n.text) + " is after until: the test ends too early",
                    "write a later until");
    }
    return at;
  }

  void read_event(const Node& n, Instant at) {
    static const FieldTable fields = {
        {"at", FieldType::text, true},
        {"prompt",
         FieldType::word,
         false,
         "",
         "",
         {},
         {},
         {"sent", "delivered", "not_sent", "undelivered", "paused", "held", "accepted", "unknown"}},
        {"id", FieldType::text},
        {"reply", FieldType::decimal},
        {"text", FieldType::text},
        {"low", FieldType::boolean},
        {"lists", FieldType::texts},
        {"corrects", FieldType::boolean},
        {"for_day", FieldType::date},
        {"ingested", FieldType::text},
        {"zone", FieldType::text},
        {"agreed", FieldType::boolean},
        {"event",
         FieldType::word,
         false,
         "",
         "",
         {},
         {},
         {"ack", "done", "pass", "failed", "stop", "unshare", "erase", "pause", "resume", "agree",
          "disagree", "retire", "down", "up", "clock_jump", "clock_ok", "edit"}}};
    const Block b = read_block(n, fields, problems_, {"with", "override"});
    const Node* ingested = n.find("ingested");
    const Instant learned = ingested != nullptr ? instant(*ingested) : at;
    if (b.has("prompt")) {
      const std::string id = b.has("id") ? b.text("id") : fmt::format("e{}", ++prompts_);
      test_.log.push_back({learned, rules::PromptEvent{id, at, status_of(b.text("prompt"))}});
    } else if (b.has("reply") || b.has("text") || b.has("low")) {
      rules::Inbound in;
      in.id = b.has("id") ? b.text("id") : fmt::format("i{}", ++inbounds_);
      in.at = at;
      if (b.has("reply")) in.value = b.decimal("reply");
      in.low = b.boolean("low");
      in.corrects = b.boolean("corrects");
      in.for_day = date_from_iso(b.text("for_day"));
      in.lists = b.texts("lists");
      if (in.value && *in.value == test_.rule->when.line.value) test_.has_line_value = true;
      test_.log.push_back({learned, std::move(in)});
    } else if (b.has("zone")) {
      if (const auto zone = Zone::find(b.text("zone")))
        test_.log.push_back({at, rules::MoveZone{*zone}});
    } else if (b.has("event")) {
      word(n, b, at);
    } else {
      problems_.add(n.place, n.path, "says nothing that happened",
                    "add prompt:, reply:, text:, zone: or event:");
    }
  }

  static PromptStatus status_of(const std::string& s) {
    static const std::map<std::string, PromptStatus> all = {
        {"sent", PromptStatus::sent},         {"delivered", PromptStatus::delivered},
        {"not_sent", PromptStatus::not_sent}, {"undelivered", PromptStatus::undelivered},
        {"paused", PromptStatus::paused},     {"held", PromptStatus::held},
        {"accepted", PromptStatus::accepted}, {"unknown", PromptStatus::unknown}};
    const auto it = all.find(s);
    return it == all.end() ? PromptStatus::sent : it->second;
  }

  void word(const Node& n, const Block& b, Instant at) {
    const std::string& w = b.text("event");
    if (std::find(desk_words.begin(), desk_words.end(), w) != desk_words.end()) {
      test_.desk.push_back({at, w});
    }
    if (w == "down") test_.down.push_back({at, Instant::max()});
    if (w == "up" && !test_.down.empty()) test_.down.back().second = at;
    static const std::map<std::string, rules::What> plain = {
        {"ack", rules::Ack{}},         {"done", rules::Done{}},
        {"pass", rules::Pass{}},       {"stop", rules::Stop{}},
        {"unshare", rules::Unshare{}}, {"erase", rules::Erase{}},
        {"pause", rules::Pause{}},     {"resume", rules::Resume{}},
        {"agree", rules::Agree{}},     {"disagree", rules::Disagree{}},
        {"retire", rules::Retire{}},   {"down", rules::Down{}},
        {"up", rules::Up{}},           {"clock_jump", rules::ClockJump{}},
        {"clock_ok", rules::ClockOk{}}};
    if (const auto it = plain.find(w); it != plain.end()) {
      test_.log.push_back({at, it->second});
    } else if (w == "edit") {
      if (auto rule = built(n, n.find("override"))) {
        test_.log.push_back({at, rules::Edit{std::move(rule), b.boolean("agreed")}});
      }
    }
  }

  // Numbers outside the limits, each as a `with` of its own: nobody may agree to them.
  void read_refused() {
    const Node* list = node_.find("refused");
    if (list == nullptr) return;
    if (!list->is_list() || list->items.empty()) {
      problems_.add(list->place, list->path, "is no list of numbers",
                    "write one such as [{days: 1}, {days: 15}]");
      return;
    }
    for (const Node& n : list->items) {
      const auto values = params_of(*test_.spec, chosen(&n));
      if (!values && values.error().code != "param_out_of_range") {
        problems_.add(n.place, n.path, values.error().message, "name a param of the rule");
      }
      if (!values) continue;
      std::string said;
      for (const Entry& e : n.entries) said += fmt::format(" {}: {}", e.key, e.value.text);
      test_.agreeable.push_back(said);
    }
  }

  void read_expect() {
    static const std::vector<std::string_view> whats = {
        "fire",         "clear",    "withdraw",  "stale",          "close",
        "reply_person", "notify",   "note",      "resolve_notice", "corrected_notice",
        "text_person",  "escalate", "unsettled", "digest"};
    const Node* list = node_.find("expect");
    if (list == nullptr || !list->is_list()) {
      problems_.add(list == nullptr ? node_.place : list->place, node_.path,
                    "does not say what is expected", "add expect: with a list, or [] for nothing");
      return;
    }
    for (const Node& n : list->items) {
      FieldTable table = {{"at", FieldType::text, true}, {"text", FieldType::text}};
      for (const std::string_view w : whats) table.push_back({w, FieldType::text});
      const Block b = read_block(n, table, problems_);
      const Node* at = n.find("at");
      if (at == nullptr) continue;
      TestLine line{inside(*at), {}, {}, b.text("text")};
      for (const std::string_view w : whats) {
        if (n.find(w) == nullptr) continue;
        line.what = w;
        line.who = b.text(w);
      }
      if (line.what.empty()) {
        problems_.add(n.place, n.path, "names no event", "add fire:, clear:, notify: or another");
      }
      test_.expect.push_back(std::move(line));
    }
  }

  const Service& service_;
  const Node& node_;
  Problems& problems_;
  TestCase test_;
  int prompts_ = 0;
  int inbounds_ = 0;
};
}  // namespace

std::optional<Instant> test_instant(std::string_view text, const Zone& zone) {
  if (const auto t = from_iso(text)) return t;
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto date = date_from_iso(text.substr(0, space));
  const auto time = time_from_hm(text.substr(space + 1));
  if (!date || !time) return std::nullopt;
  return zone.resolve_or_next(*date, *time);
}

std::optional<TestCase> read_test(const Service& service, const Node& node, Problems& problems) {
  return Reader(service, node, problems).run();
}

}  // namespace moodline::config
