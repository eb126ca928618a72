// The words of a text, from today's templates. Lists and a person's own words are fitted into the
// room that the template's length leaves.
#include <array>

#include "config/resolve.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/sending.hpp"
#include "rules/text/segments.hpp"

namespace moodline::checkins {
namespace {

constexpr std::array fitted{"list", "plan", "goal", "words", "kept"};
constexpr int fitting_steps_max = 400;

std::size_t segments_max(config::Length length, const text::SegmentReport& report) {
  const bool ucs2 = report.encoding == text::SmsEncoding::ucs2;
  switch (length) {
    case config::Length::one:
      return 1;
    case config::Length::two:
      return ucs2 ? 3 : 2;
    case config::Length::three:
      return 3;
  }
  return 1;
}

std::string words_in(const config::Wording& w, const std::string& language) {
  const auto it = w.find(language);
  return it == w.end() ? std::string{} : it->second;
}

// The questions of a prompt's measures, in the person's own wording where they have one.
std::string question(const config::Service& service, const store::Message& m,
                     const std::optional<store::Person>& person) {
  const auto listed = m.values.find("measures");
  if (listed == m.values.end()) return {};
  std::string out;
  std::string_view rest = listed->second;
  while (!rest.empty()) {
    const auto gap = rest.find(' ');
    const std::string id(rest.substr(0, gap));
    rest = gap == std::string_view::npos ? std::string_view{} : rest.substr(gap + 1);
    const config::Measure* measure = service.measure(id);
    if (measure == nullptr) continue;
    std::string ask = words_in(measure->ask, service.language_or_default(m.language));
    if (person) {
      for (const store::TrackedMeasure& t : person->measures) {
        if (t.measure == id && !t.wording.empty()) ask = t.wording;
      }
    }
    out += (out.empty() ? "" : " ") + ask;
  }
  return out;
}

bool own_wording(const store::Message& m, const std::optional<store::Person>& person) {
  if (!person || m.purpose != store::Purpose::prompt) return false;
  const auto listed = m.values.find("measures");
  for (const store::TrackedMeasure& t : person->measures) {
    if (listed != m.values.end() && listed->second == t.measure + " " && !t.wording.empty()) {
      return true;
    }
  }
  return false;
}

void drop_last_character(std::string& s) {
  while (!s.empty() && (static_cast<unsigned char>(s.back()) & 0xC0U) == 0x80U) s.pop_back();
  if (!s.empty()) s.pop_back();
}

// What was agreed that they need ("text only, no calls") stands in the alert, as far as there is
// room in its one segment.
std::string with_needs(const Setting& s, const std::string& language, std::string text,
                       std::string needs) {
  const std::string word = s.service.words(language).word("needs");
  bool cut = false;
  while (!needs.empty()) {
    const std::string whole = text + " " + word + ": " + needs + (cut ? ".." : "");
    if (text::lint(whole).segments <= 1) return whole;
    drop_last_character(needs);
    cut = true;
  }
  return text;
}

}  // namespace

std::string render_message(const Setting& s, const store::Message& m,
                           const std::optional<store::Person>& person) {
  config::Values values(m.values.begin(), m.values.end());
  if (m.purpose == store::Purpose::prompt || m.purpose == store::Purpose::reminder) {
    values["question"] = question(s.service, m, person);
  }
  const std::string& name = own_wording(m, person) ? std::string("ask") : m.template_name;
  const config::Template* t = s.service.texts.find(name);
  std::string out = config::render(s.service, name, m.language, values);
  const config::Length length = t == nullptr ? config::Length::one : t->length;
  for (int i = 0; i < fitting_steps_max; ++i) {
    const text::SegmentReport report = text::lint(out);
    if (report.segments <= segments_max(length, report)) break;
    bool shortened = false;
    for (const char* key : fitted) {
      const auto it = values.find(key);
      if (it == values.end() || it->second.size() < 4) continue;
      if (it->second.ends_with("..")) it->second.resize(it->second.size() - 2);
      drop_last_character(it->second);
      it->second += "..";
      shortened = true;
      break;
    }
    if (!shortened) break;
    out = config::render(s.service, name, m.language, values);
  }
  const bool of_one = m.purpose == store::Purpose::alert || m.purpose == store::Purpose::escalation;
  const bool asks = m.purpose == store::Purpose::prompt || m.purpose == store::Purpose::reminder;
  if (asks && person && !person->discreet) {  // they chose to see who asks, where there is room
    const std::string named = s.service.settings.name + ": " + out;
    if (text::lint(named).segments <= 1) out = named;
  }
  const bool needs = of_one && person && !is_friend(s.service, m.practitioner);
  return needs ? with_needs(s, m.language, std::move(out), person->needs) : out;
}

Result<ResolvedRule> resolve_rule(const config::Service& service, const store::Person& person,
                                  const config::RuleSpec& spec) {
  config::ParamValues chosen;
  if (const auto it = person.rule_params.find(spec.id); it != person.rule_params.end()) {
    for (const auto& [name, text] : it->second) {
      if (const auto value = decimal_from(text)) chosen[name] = *value;
    }
  }
  config::RoleNames names;
  if (const auto* p = service.practitioner(person.practitioner)) names["practitioner"] = p->name;
  if (names_friend(spec.roles())) {
    const auto* pal = service.practitioner(friend_of(service, person));
    if (pal == nullptr) return fault("no_friend", spec.id + " names a friend; they chose none");
    names[std::string(friend_role)] = pal->name;
  }
  auto rule = config::resolve(service, spec, chosen, person.language, names);
  if (!rule) return tl::unexpected(rule.error());
  ResolvedRule r;
  r.sentence = rule->says_text;
  r.hash = config::rule_hash(*rule);
  r.roles = spec.roles();
  r.rule = std::make_shared<const rules::Rule>(std::move(*rule));
  return r;
}

}  // namespace moodline::checkins
