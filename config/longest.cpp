// The longest value each placeholder can take in this service, so that no text can grow past its
// length once real values stand in it.
#include <fmt/format.h>

#include <functional>

#include "config/templates.hpp"
#include "rules/text/segments.hpp"

namespace moodline::config {
namespace {
using Candidates = std::vector<std::string>;

// How long the daemon lets these grow; people are added with a code or initials up to who_max.
constexpr std::size_t who_max = 12;
constexpr std::size_t fitted_sample = 30;
constexpr std::size_t own_words_max = 100;  // of a plan or a goal
constexpr std::size_t link_token_max = 32;

std::size_t cost(const std::string& s) {
  return text::lint(s).units;
}

/// The longest, and the longest that forces UCS-2 where another one does.
Candidates pick(const Candidates& all) {
  std::string longest;
  std::string unicode;
  for (const std::string& s : all) {
    if (cost(s) > cost(longest)) longest = s;
    if (!text::fits_gsm7(s) && cost(s) > cost(unicode)) unicode = s;
  }
  if (unicode.empty() || unicode == longest) return {longest};
  return {longest, unicode};
}

std::string in(const Wording& w, const std::string& language) {
  const auto it = w.find(language);
  return it == w.end() ? std::string() : it->second;
}

const LanguageWords* words_of(const Service& s, const std::string& language) {
  const auto it = s.texts.languages.find(language);
  return it == s.texts.languages.end() ? nullptr : &it->second;
}

Candidates values(const Service& s, const std::string& language) {
  Candidates out{"10"};
  for (const Measure& m : s.measures) {
    std::string shown;
    for (const Component& c : m.components) {
      std::string top = to_text(c.max);
      if (c.decimals > 0) top += fmt::format(".{:8>{}}", "", c.decimals);
      shown += (shown.empty() ? "" : "/") + top;
    }
    const std::string unit = in(m.unit, language);
    out.push_back(unit.empty() ? shown : fmt::format("{} {}", shown, unit));
  }
  return out;
}

Candidates measures(const Service& s, const std::string& language,
                    const std::function<std::string(const Measure&, const std::string&)>& part) {
  Candidates out;
  for (const Measure& m : s.measures) out.push_back(part(m, language));
  return out;
}

Candidates labels(const Service& s, const std::string& language) {
  Candidates out;
  for (const Measure& m : s.measures) {
    for (const MeasureLabel& l : m.labels) out.push_back(in(l.words, language));
  }
  return out;
}

Candidates days(const Service& s, const std::string& language) {
  const LanguageWords* w = words_of(s, language);
  if (w == nullptr) return {"Wednesday"};
  Candidates out = w->weekdays;
  if (const auto it = w->words.find("today"); it != w->words.end()) out.push_back(it->second);
  return out;
}

/// "Wed 30 Sep".
Candidates dates(const Service& s, const std::string& language) {
  const LanguageWords* w = words_of(s, language);
  if (w == nullptr) return {"Wed 30 Sep"};
  Candidates out;
  const Candidates d = pick(w->weekdays);
  const Candidates m = pick(w->months_short);
  for (const std::string& day : d) {
    for (const std::string& month : m) out.push_back(fmt::format("{} 30 {}", day, month));
  }
  return out;
}

Candidates short_days(const Service& s, const std::string& language) {
  const LanguageWords* w = words_of(s, language);
  if (w == nullptr) return {"Mon, Tue, Wed, Thu, Fri, Sat, Sun"};
  std::string all;
  for (const std::string& d : w->weekdays_short) all += (all.empty() ? "" : ", ") + d;
  return {all};
}

Candidates role_names(const Service& s, const std::string& language) {
  const LanguageWords* w = words_of(s, language);
  Candidates out{"practitioner"};
  if (w == nullptr) return out;
  out.clear();
  for (const auto& [role, name] : w->roles) out.push_back(name);
  return out;
}

Candidates staff_names(const Service& s) {
  Candidates out{"Sam"};
  for (const Practitioner& p : s.practitioners) out.push_back(p.name);
  return out;
}

Candidates language_names(const Service& s) {
  std::string all;
  for (const auto& [code, w] : s.texts.languages) all += (all.empty() ? "" : ", ") + w.name;
  return {all};
}

/// Sentences as a person reads them, with the largest numbers that may be agreed.
Candidates sentences(const Service& s, const std::string& language) {
  Candidates out;
  const LanguageWords* w = words_of(s, language);
  for (const RuleSpec& r : s.rules) {
    Values v;
    for (const Param& p : r.params) {
      const std::string low = to_text(p.low);
      const std::string high = to_text(p.high);
      v[p.name] = low.size() > high.size() ? low : high;
    }
    const auto it = r.says.find(language);
    if (it == r.says.end()) continue;
    const Candidates names = pick(staff_names(s));
    if (w != nullptr) {
      for (const auto& [role, name] : w->roles) v[role] = name + " (" + names.front() + ")";
    }
    out.push_back(render(it->second, v));
  }
  return out;
}

using Source = std::function<Candidates(const Service&, const std::string&)>;

Source fixed(std::string text) {
  return [text = std::move(text)](const Service&, const std::string&) { return Candidates{text}; };
}

const std::map<std::string, Source, std::less<>>& sources() {
  static const auto name = [](const Measure& m, const std::string& l) { return in(m.name, l); };
  static const auto ask = [](const Measure& m, const std::string& l) { return in(m.ask, l); };
  static const auto unit = [](const Measure& m, const std::string& l) { return in(m.unit, l); };
  static const Source numbers = fixed("100000");
  static const std::map<std::string, Source, std::less<>> all = {
      {"service", [](const Service& s, const std::string&) { return Candidates{s.settings.name}; }},
      {"contact_name",
       [](const Service& s, const std::string&) {
         return Candidates{s.settings.contacts.person_name};
       }},
      {"contact_number",
       [](const Service& s, const std::string&) {
         return Candidates{s.settings.contacts.person_number};
       }},
      {"reads", [](const Service& s,
                   const std::string& l) { return Candidates{in(s.settings.texts_are_read, l)}; }},
      {"crisis",
       [](const Service& s, const std::string& l) { return Candidates{in(s.settings.crisis, l)}; }},
      {"inviter", [](const Service& s, const std::string&) { return staff_names(s); }},
      {"name", [](const Service& s, const std::string&) { return staff_names(s); }},
      {"role", role_names},
      {"day", days},
      {"until", dates},
      {"since", dates},
      {"days", short_days},
      {"languages", [](const Service& s, const std::string&) { return language_names(s); }},
      {"language", fixed("Portuguese")},
      {"value", values},
      {"converted", values},
      {"question", [](const Service& s, const std::string& l) { return measures(s, l, ask); }},
      {"measure", [](const Service& s, const std::string& l) { return measures(s, l, name); }},
      {"unit", [](const Service& s, const std::string& l) { return measures(s, l, unit); }},
      {"low_label", labels},
      {"high_label", labels},
      {"sentence", sentences},
      {"low", numbers},
      {"high", numbers},
      {"first", [](const Service& s, const std::string& l) { return measures(s, l, name); }},
      {"second", [](const Service& s, const std::string& l) { return measures(s, l, name); }},
      {"code", fixed("K999")},
      {"rule", fixed("L99")},
      {"count", fixed("9999")},
      {"hours", fixed("72")},
      {"from", fixed("08:00")},
      {"to", fixed("21:00")},
      {"times", fixed("09:00, 12:30, 18:00, 20:30")},
      {"who", fixed(std::string(who_max, 'W'))},
      {"person", fixed(std::string(who_max, 'W'))},
      {"plan", fixed(std::string(own_words_max, 'w'))},
      {"goal", fixed(std::string(own_words_max, 'w'))},
      {"when", [](const Service& s,
                  const std::string& l) { return Candidates{in(s.settings.texts_are_read, l)}; }},
      {"link",
       [](const Service& s, const std::string&) {
         return Candidates{s.settings.pages.public_url + "/a/" + std::string(link_token_max, 'x')};
       }},
  };
  return all;
}
}  // namespace

std::vector<std::string> longest_values(const Service& service, std::string_view placeholder,
                                        const std::string& language) {
  const auto it = sources().find(placeholder);
  // Lists, notes and what must be kept are cut by the sender to the room left.
  if (it == sources().end()) return {std::string(fitted_sample, 'x')};
  return pick(it->second(service, language));
}

}  // namespace moodline::config
