// programmes/*.yaml: what is asked, when, and which rules may be agreed.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"
#include "rules/schedule/schedule.hpp"

namespace moodline::config {
namespace {
using schedule::slots_per_day_max;

const FieldTable& prompt_fields() {
  static const FieldTable t = {
      {"id", FieldType::text, true, "", "unique in the programme; stands in every slot's identity"},
      {"measures", FieldType::texts, true, "", "answered in one reply, in this order"},
      {"template", FieldType::text, false, "",
       "a prompt of texts/*.yaml; else the measure's own ask"},
      {"reply_window", FieldType::duration, false, "18h",
       "a reply so long after belongs to this prompt", Decimal::of(60), Decimal::of(30LL * 86'400)},
      {"expire_after", FieldType::duration, false, "", "shelf life; the service's where left out",
       Decimal::of(60), Decimal::of(86'400)},
  };
  return t;
}

const FieldTable& schedule_fields() {
  static const FieldTable t = {
      {"daily", FieldType::time, false, "", "one time, every day"},
      {"at", FieldType::time, false, "", "one time, on `days`"},
      {"times", FieldType::texts, false, "", "several quoted times a day"},
      {"days",
       FieldType::texts,
       false,
       "",
       "weekdays; every day where left out",
       {},
       {},
       {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}},
      {"starts", FieldType::date, false, "", "the first day asked"},
      {"ends", FieldType::date, false, "", "the last day asked"},
  };
  return t;
}

void read_random(Loader& l, const Node& n, Schedule& s) {
  static const FieldTable fields = {
      {"count", FieldType::integer, true, "", "prompts a day", Decimal::of(1),
       Decimal::of(slots_per_day_max)},
      {"window", FieldType::text, true, "", "such as \"10:00-20:00\""},
      {"min_gap", FieldType::duration, false, "1h", "at least so long between two",
       Decimal::of(300)}};
  const Block b = read_block(n, fields, l.problems);
  const auto span = span_from(b.text("window"));
  if (!span) {
    if (!b.text("window").empty()) {
      l.add(b.place("window"), n.path + ".window",
            quote(b.text("window")) + " is not a span of a day",
            "write two times such as \"10:00-20:00\"");
    }
    return;
  }
  RandomTimes w;
  w.count = static_cast<int>(b.integer("count"));
  w.from = span->opens;
  w.to = span->closes;
  w.min_gap = std::chrono::duration_cast<std::chrono::minutes>(b.duration("min_gap"));
  const std::int64_t needed_s = (w.count - 1) * b.duration("min_gap").count();
  if (needed_s >= span->closes.s - span->opens.s) {
    l.add(b.place("count"), n.path + ".count",
          fmt::format("{} prompts {} apart do not fit the window", w.count, b.text("min_gap")),
          "ask less often, shorten min_gap, or widen the window");
  }
  s.random = w;
}

void check_in_window(Loader& l, const Node& n, const Schedule& s) {
  const SendingWindow& w = l.service.settings.sending;
  for (const TimeOfDay t : s.times) {
    if (t < w.opens || t >= w.closes) {
      l.add(n.place, n.path,
            fmt::format("{} is outside the sending window {}-{}", to_hm(t), to_hm(w.opens),
                        to_hm(w.closes)),
            "choose a time inside it, or change sending.window in service.yaml");
    }
  }
  if (s.random && (s.random->from < w.opens || s.random->to > w.closes)) {
    l.add(n.place, n.path,
          fmt::format("the random window reaches outside the sending window {}-{}", to_hm(w.opens),
                      to_hm(w.closes)),
          "choose times inside it, or change sending.window in service.yaml");
  }
}

void read_times(Loader& l, const Node& n, const Block& b, Schedule& s) {
  for (const char* key : {"daily", "at"}) {
    if (const auto t = time_from_hm(b.text(key))) s.times.push_back(*t);
  }
  if (const Node* times = n.find("times"); times != nullptr && times->is_list()) {
    for (const Node& item : times->items) {
      const auto t = time_from_hm(item.text);
      if (t) {
        s.times.push_back(*t);
      } else if (!item.bad && item.is_scalar()) {
        l.add(item.place, item.path, quote(item.text) + " is not a time",
              "write a quoted time such as \"19:30\"");
      }
    }
  }
  std::sort(s.times.begin(), s.times.end());
  if (std::adjacent_find(s.times.begin(), s.times.end()) != s.times.end()) {
    l.add(n.place, n.path, "names the same time twice", "name each time once");
  }
  if (s.times.size() > static_cast<std::size_t>(slots_per_day_max)) {
    l.add(n.place, n.path, "asks too often",
          fmt::format("keep to {} times a day", slots_per_day_max));
  }
}

Schedule read_schedule(Loader& l, const Node& n) {
  Schedule s;
  const Block b = read_block(n, schedule_fields(), l.problems, {"random"});
  int ways = 0;
  std::string last;
  for (const char* key : {"daily", "at", "times", "random"}) {
    if (n.find(key) != nullptr) {
      ++ways;
      last = key;
    }
  }
  if (ways != 1) {
    l.add(n.place, n.path, ways == 0 ? "names no time" : "names times in two ways",
          "write one of daily: \"18:00\", at: with days:, times: or random:");
  }
  read_times(l, n, b, s);
  if (const Node* r = l.map(n, "random", false)) read_random(l, *r, s);
  for (const std::string& d : b.texts("days")) {
    if (const auto day = weekday_from_name(d)) s.days.push_back(*day);
  }
  std::sort(s.days.begin(), s.days.end());
  s.days.erase(std::unique(s.days.begin(), s.days.end()), s.days.end());
  if (n.find("daily") != nullptr && n.find("days") != nullptr) {
    l.add(n.find("days")->place, n.path + ".days", "stands beside daily",
          "write at: instead of daily: where only some days are asked");
  }
  s.starts = date_from_iso(b.text("starts"));
  s.ends = date_from_iso(b.text("ends"));
  if (s.starts && s.ends && *s.ends < *s.starts) {
    l.add(b.place("ends"), n.path + ".ends", "comes before starts", "write a later date");
  }
  check_in_window(l, n, s);
  return s;
}

void read_reminder(Loader& l, const Node& n, Prompt& p) {
  static const FieldTable fields = {
      {"after", FieldType::duration, true, "", "one reminder so long after an unanswered prompt",
       Decimal::of(600)},
      {"template", FieldType::text, false, "reminder", "a prompt of texts/*.yaml"}};
  const Node* r = l.map(n, "reminder", false);
  if (r == nullptr) return;
  const Block b = read_block(*r, fields, l.problems);
  p.reminder_after = b.duration("after");
  p.reminder_template = b.text("template");
  if (*p.reminder_after >= p.reply_window && p.reminder_after->count() > 0) {
    l.add(b.place("after"), r->path + ".after", "comes after the reply window has closed",
          "remind earlier, or widen reply_window");
  }
}

void check_measures(Loader& l, const Node& n) {
  const Node* measures = n.find("measures");
  if (measures == nullptr || !l.whole("measures.yaml")) return;
  std::vector<std::string> known;
  for (const Measure& m : l.service.measures) known.push_back(m.id);
  for (const Node& item : measures->items) {
    if (!item.is_scalar() || item.bad || l.service.measure(item.text) != nullptr) continue;
    l.add(item.place, item.path,
          fmt::format("measure {} is not in measures.yaml", quote(item.text)),
          suggestion(item.text, known));
  }
}

Prompt read_prompt(Loader& l, const Node& n, std::set<std::string>& seen) {
  const Block b = read_block(n, prompt_fields(), l.problems, {"schedule", "reminder"});
  Prompt p;
  p.place = n.place;
  p.id = l.identifier(n, b, "id", seen);
  p.measures = b.texts("measures");
  check_measures(l, n);
  p.template_name = b.text("template");
  p.reply_window = b.duration("reply_window");
  if (const Node* s = l.map(n, "schedule", true)) p.schedule = read_schedule(l, *s);
  p.expire_after =
      b.has("expire_after") ? b.duration("expire_after") : l.service.settings.expire_after;
  read_reminder(l, n, p);
  if (p.measures.empty() && n.find("measures") != nullptr && n.find("measures")->is_list()) {
    l.add(n.find("measures")->place, n.path + ".measures", "is empty", "name what is asked");
  }
  if (p.measures.size() > 1 && p.template_name.empty()) {
    l.add(n.place, n.path, "asks several measures without a template",
          "add template: with a prompt of texts/*.yaml that asks them all");
  }
  return p;
}

void read_rule_refs(Loader& l, const Node& top, Programme& p) {
  for (const Node& n : l.list(top, "rules", false)) {
    const auto at = n.text.find('@');
    const auto version =
        at == std::string::npos ? std::nullopt : decimal_from(n.text.substr(at + 1));
    if (!n.is_scalar() || !version || version->micro % Decimal::one != 0 || version->micro <= 0) {
      if (!n.bad) {
        l.add(n.place, n.path, "is not a rule with its version", "write one such as low-streak@2");
      }
      continue;
    }
    p.rules.push_back(
        {n.text.substr(0, at), static_cast<int>(version->micro / Decimal::one), n.place});
  }
}
}  // namespace

void load_programme_file(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"format", FieldType::text, false, "", "moodline-programme/1"},
      {"id", FieldType::text, true, "", "name in commands"},
      {"name", FieldType::text, true, "", "shown to admins only"},
      {"review_days", FieldType::integer, false, "182",
       "\"same plan?\" is asked after so many days", Decimal::of(7), Decimal::of(366)}};
  l.format(top, "programme");
  const Block b = read_block(top, fields, l.problems, {"prompts", "rules"});
  std::set<std::string> ids;
  for (const Programme& p : l.service.programmes) ids.insert(p.id);
  Programme p;
  p.place = top.place;
  p.id = l.identifier(top, b, "id", ids);
  p.name = b.text("name");
  p.review_days = static_cast<int>(b.integer("review_days"));
  std::set<std::string> seen;
  for (const Node& n : l.list(top, "prompts", true)) {
    p.prompts.push_back(read_prompt(l, n, seen));
  }
  read_rule_refs(l, top, p);
  l.service.programmes.push_back(std::move(p));
}

}  // namespace moodline::config
