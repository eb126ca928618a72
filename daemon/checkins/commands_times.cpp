// TIME and DAYS: for all questions that somebody is asked, or for those about one measure.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/slots.hpp"

namespace moodline::checkins {
namespace {

/// So many questions may be named in one text: the answer has to fit one, too.
constexpr std::size_t parts_max = 3;

using Prompts = std::vector<const config::Prompt*>;

Prompts asked_prompts(const Desk& d) {
  Prompts out;
  const config::Programme* programme = d.programme();
  if (programme == nullptr) return out;
  for (const config::Prompt& p : programme->prompts) {
    if (!asked_of(d.person, p).empty()) out.push_back(&p);
  }
  return out;
}

/// Those that ask about one of `measures`; all of them where none is named.
Prompts about(const Prompts& prompts, const std::vector<std::string>& measures) {
  if (measures.empty()) return prompts;
  Prompts out;
  for (const config::Prompt* p : prompts) {
    const bool asks = std::any_of(measures.begin(), measures.end(), [&](const std::string& m) {
      return std::find(p->measures.begin(), p->measures.end(), m) != p->measures.end();
    });
    if (asks) out.push_back(p);
  }
  return out;
}

std::string names_of(const Desk& d, const Prompts& prompts) {
  std::vector<std::string> names;
  for (const config::Prompt* p : prompts) {
    for (const std::string& m : asked_of(d.person, *p)) {
      const std::string name = d.measure_name(m);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string shown(const std::vector<TimeOfDay>& times) {
  std::vector<std::string> out;
  for (const TimeOfDay t : times) out.push_back(to_hm(t));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string shown(const Desk& d, const std::vector<Weekday>& days) {
  const auto& names = d.words().weekdays_short;
  std::vector<std::string> out;
  for (const Weekday w : days) {
    const auto i = static_cast<std::size_t>(w);
    out.push_back(i < names.size() ? names[i] : std::string(short_name(w)));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

/// What was chosen for which prompts. `measures` empty: for all of them.
template <class T>
struct Choice {
  std::vector<std::string> measures;
  Prompts prompts;
  std::vector<T> what;
};

/// Reads the whole argument, or nothing: half of a text is never carried out.
template <class T, class Read>
std::optional<std::vector<Choice<T>>> choices(const Desk& d, std::string_view arg, Read read) {
  const Prompts asked = asked_prompts(d);
  std::vector<Choice<T>> out;
  for (const NamedPart& part : parts_by_measure(d, arg)) {
    const auto what = read(part.words);
    Prompts prompts = about(asked, part.measures);
    if (!what || prompts.empty() || out.size() == parts_max) return std::nullopt;
    out.push_back({part.measures, std::move(prompts), *what});
  }
  return out;
}

/// "for all" takes the place of what was chosen for one.
template <class T>
void forget_single(Desk& d, std::vector<T> config::OwnTimes::*which) {
  auto& own = d.person.own_times;
  for (auto it = own.begin(); it != own.end();) {
    (it->second.*which).clear();
    it = it->second == config::OwnTimes{} ? own.erase(it) : std::next(it);
  }
}

template <class T>
void carry(Desk& d, const std::vector<Choice<T>>& chosen, std::vector<T> config::OwnTimes::*which,
           std::vector<T>& all) {
  for (const Choice<T>& c : chosen) {
    if (c.measures.empty()) {
      all = c.what;
      forget_single(d, which);
    } else {
      for (const config::Prompt* p : c.prompts) (d.person.own_times[p->id].*which) = c.what;
    }
  }
}

std::optional<std::vector<TimeOfDay>> times_of_part(std::string words) {
  if (words.starts_with("all ")) words.erase(0, 4);
  return times_from(words);
}

/// The hours in which anything may reach them, for the text that says so.
TextValues hours_of(const Desk& d, const schedule::AllowedHours& allowed) {
  const config::SendingWindow& w = d.s.service.settings.sending;
  if (allowed.spans().size() != 1) return {{"from", to_hm(w.opens)}, {"to", to_hm(w.closes)}};
  const schedule::HoursOfDay& span = allowed.spans().front();
  return {{"from", to_hm(span.from)}, {"to", to_hm(span.to)}};
}

/// "08:00 (sleep), 19:30 (mood)".
template <class T, class Show>
std::string annotated(const Desk& d, const std::vector<Choice<T>>& chosen, Show show) {
  std::vector<std::string> out;
  for (const Choice<T>& c : chosen) {
    out.push_back(show(c.what) + " (" + names_of(d, c.prompts) + ")");
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

/// What each question's days have become, where they differ from one to the other: a weekly one
/// stays weekly.
std::vector<Choice<Weekday>> days_now(const Desk& d, const Prompts& prompts) {
  std::vector<Choice<Weekday>> out;
  for (const config::Prompt* p : prompts) {
    const auto days = schedule_of(d.person, *p).days;
    const auto same = std::find_if(out.begin(), out.end(),
                                   [&](const Choice<Weekday>& c) { return c.what == days; });
    if (same == out.end()) {
      out.push_back({{}, {p}, days});
    } else {
      same->prompts.push_back(p);
    }
  }
  return out;
}

/// The first measure they are asked about, as an example for "one alone".
std::string example(const Desk& d, const Prompts& prompts) {
  return d.measure_name(asked_of(d.person, *prompts.front()).front());
}

}  // namespace

TimesAnswer choose_times(Desk& d, std::string_view arg) {
  auto chosen = choices<TimeOfDay>(d, arg, times_of_part);
  if (!chosen) return {false, "time-how", {}};
  const schedule::AllowedHours allowed = time_of(d.s.service, d.person, d.zone()).allowed;
  for (Choice<TimeOfDay>& c : *chosen) {
    for (const TimeOfDay t : c.what) {
      if (!allowed.contains(t)) return {false, "time-outside", hours_of(d, allowed)};
    }
    std::erase_if(c.prompts,
                  [](const config::Prompt* p) { return p->schedule.random.has_value(); });
    if (c.prompts.empty()) return {false, "time-by-lot", {}};
  }
  carry(d, *chosen, &config::OwnTimes::times, d.person.times);
  const Choice<TimeOfDay>& first = chosen->front();
  const auto show = [](const std::vector<TimeOfDay>& t) { return shown(t); };
  if (chosen->size() > 1) return {true, "time-set", {{"times", annotated(d, *chosen, show)}}};
  const std::string times = shown(first.what);
  if (!first.measures.empty()) {
    return {true, "time-set-one", {{"measure", names_of(d, first.prompts)}, {"times", times}}};
  }
  if (first.prompts.size() > 1) {
    return {true, "time-set-all", {{"times", times}, {"measure", example(d, first.prompts)}}};
  }
  return {true, "time-set", {{"times", times}}};
}

TimesAnswer choose_days(Desk& d, std::string_view arg) {
  const auto chosen =
      choices<Weekday>(d, arg, [&](const std::string& w) { return days_from(d, w); });
  if (!chosen) return {false, "days-how", {}};
  carry(d, *chosen, &config::OwnTimes::days, d.person.days);
  const Choice<Weekday>& first = chosen->front();
  const auto show = [&](const std::vector<Weekday>& days) { return shown(d, days); };
  if (chosen->size() > 1) return {true, "days-set", {{"days", annotated(d, *chosen, show)}}};
  if (!first.measures.empty()) {
    return {true,
            "days-set-one",
            {{"measure", names_of(d, first.prompts)}, {"days", shown(d, first.what)}}};
  }
  const auto now = days_now(d, first.prompts);
  if (now.size() > 1) return {true, "days-set", {{"days", annotated(d, now, show)}}};
  return {true, "days-set", {{"days", shown(d, now.front().what)}}};
}

namespace {

void answer(Desk& d, const TimesAnswer& a, std::string_view action) {
  if (a.done) {
    d.note(action);
    plan_person(d);
  }
  d.reply(a.template_name, a.values);
}

}  // namespace

void do_time(Desk& d, const Request& r) {
  answer(d, choose_times(d, r.arg), "person.time");
}

void do_days(Desk& d, const Request& r) {
  answer(d, choose_days(d, r.arg), "person.days");
}

}  // namespace moodline::checkins
