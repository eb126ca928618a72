// texts/LANG.yaml: every text in every language, each within its length with its longest values.
#include <fmt/format.h>

#include <algorithm>

#include "config/friends.hpp"
#include "config/loader.hpp"
#include "config/templates.hpp"
#include "rules/text/segments.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t words_bytes_max = 1000;

std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> out;
  while (!words.empty()) {
    const auto space = words.find(' ');
    if (space != 0) out.emplace_back(words.substr(0, space));
    words = space == std::string_view::npos ? std::string_view() : words.substr(space + 1);
  }
  return out;
}

void read_names(Loader& l, const Node& top, std::string_view key, std::size_t count,
                std::vector<std::string>& out) {
  for (const Node& n : l.list(top, key, true)) {
    if (n.is_scalar()) out.push_back(n.text);
  }
  if (top.find(key) != nullptr && out.size() != count) {
    l.add(top.find(key)->place, std::string(key), fmt::format("has {} names", out.size()),
          fmt::format("list all {}", count));
  }
}

void read_words(Loader& l, const Node& top, LanguageWords& words) {
  static constexpr std::array<std::string_view, 5> roles = {"practitioner", "deputy", "lead",
                                                            "duty", "admin"};
  read_names(l, top, "weekdays", 7, words.weekdays);
  read_names(l, top, "weekdays_short", 7, words.weekdays_short);
  read_names(l, top, "months_short", 12, words.months_short);
  if (const Node* n = l.map(top, "roles", true)) {
    FieldTable table;
    for (const std::string_view role : roles) table.push_back({role, FieldType::text, true});
    // Asked for where somebody is one.
    const bool friends = std::any_of(l.service.practitioners.begin(), l.service.practitioners.end(),
                                     [](const Practitioner& p) { return is_friend(p); });
    table.push_back({"friend", FieldType::text, friends});
    const Block b = read_block(*n, table, l.problems);
    for (const Field& f : table) {
      if (!b.text(f.name).empty()) words.roles[std::string(f.name)] = b.text(f.name);
    }
  }
  if (const Node* n = l.map(top, "words", true)) {
    FieldTable table{{"also", FieldType::text, false, "", "other names of the language"}};
    for (const std::string_view word : small_words()) {
      table.push_back({word, FieldType::text, true});
    }
    const Block b = read_block(*n, table, l.problems);
    for (const Field& f : table) {
      if (!b.text(f.name).empty()) words.words.emplace(f.name, b.text(f.name));
    }
  }
}

struct Section {
  std::string_view key;
  Length length;
  Audience audience;
  std::string_view placeholders;
};

void put(Loader& l, const Entry& e, const std::string& language, const Template& blank) {
  if (!e.value.is_scalar() || e.value.text.empty()) {
    if (!e.value.bad) l.add(e.value.place, e.value.path, "is empty", "write the text");
    return;
  }
  if (e.value.text.size() > words_bytes_max) {
    l.add(e.value.place, e.value.path, fmt::format("has {} bytes", e.value.text.size()),
          fmt::format("keep to {}", words_bytes_max));
    return;
  }
  Template& t = l.service.texts.templates.try_emplace(e.key, blank).first->second;
  t.words[language] = e.value.text;
  t.places[language] = e.value.place;
}

void read_section(Loader& l, const Node& top, const Section& section, const std::string& language) {
  const Node* n = l.map(top, section.key, false);
  if (n == nullptr) return;
  for (const Entry& e : n->entries) {
    const auto system = system_templates();
    if (std::any_of(system.begin(), system.end(), [&](const auto& t) { return t.name == e.key; })) {
      l.add(e.place, n->path, fmt::format("{} is the name of a system text", quote(e.key)),
            "give this text another name");
      continue;
    }
    put(l, e, language,
        {e.key, section.length, section.audience, split(section.placeholders), {}, {}});
  }
}

void read_system(Loader& l, const Node& top, const std::string& language) {
  const Node* n = l.map(top, "system", true);
  if (n == nullptr) return;
  std::vector<std::string> known;
  for (const SystemTemplate& t : system_templates()) known.emplace_back(t.name);
  for (const Entry& e : n->entries) {
    const auto at = std::find(known.begin(), known.end(), e.key);
    if (at == known.end()) {
      l.add(e.place, n->path, fmt::format("text {} is unknown", quote(e.key)),
            nearest(e.key, known).empty()
                ? "put texts of your own under prompts, alerts or messages"
                : suggestion(e.key, known));
      continue;
    }
    const SystemTemplate& t = system_templates()[static_cast<std::size_t>(at - known.begin())];
    put(l, e, language, {e.key, t.length, t.audience, split(t.placeholders), {}, {}});
  }
  for (const std::string& name : known) {
    if (n->find(name) == nullptr) {
      l.add(n->place, n->path, fmt::format("text {} is missing", name),
            fmt::format("add {}: in {}", name, language));
    }
  }
}

/// Words that tell more than a code: no score, threshold, diagnosis or name leaves in an alert.
void check_discreet(Loader& l, const Template& t, const Place& place, const std::string& path,
                    const std::string& words) {
  static constexpr std::array<std::string_view, 6> told = {"score",   "rating", "threshold",
                                                           "diagnos", "/10",    "out of 10"};
  std::string low = words;
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view w : told) {
    if (low.find(w) != std::string::npos) {
      l.add(place, path, fmt::format("an alert carries a score or threshold ({})", quote(w)),
            "cite the agreed sentence by {rule}, and leave detail behind the signed link");
    }
  }
  if (words.find("{code}") == std::string::npos) {
    l.add(place, path, "an alert without {code} cannot be answered", "add \"Reply ACK {code}\"");
  }
  (void)t;
}

bool is_detail(std::string_view name) {
  static constexpr std::array<std::string_view, 10> detail = {
      "value", "score", "threshold", "name",       "below",
      "above", "days",  "number",    "first_name", "measure"};
  return std::find(detail.begin(), detail.end(), name) != detail.end();
}

std::size_t limit(Length length, bool gsm) {
  switch (length) {
    case Length::one:
      return 1;
    case Length::two:
      return gsm ? 2 : 3;
    case Length::three:
      return 3;
  }
  return 1;
}

/// Longest values by language and placeholder: the same few stand in most texts.
using LongestCache = std::map<std::string, std::vector<std::string>>;

const std::vector<std::string>& longest_of(const Loader& l, const std::string& name,
                                           const std::string& language, LongestCache& cache) {
  auto [it, fresh] = cache.try_emplace(language + "/" + name);
  if (fresh) it->second = longest_values(l.service, name, language);
  return it->second;
}

void check_length(Loader& l, LongestCache& cache, const Template& t, const Place& place,
                  const std::string& path, const std::string& language,
                  const std::vector<std::string>& names) {
  Values longest;
  Values costliest;
  for (const std::string& name : names) {
    const auto& v = longest_of(l, name, language, cache);
    longest[name] = v.front();
    costliest[name] = v.back();
  }
  for (const Values& v : {longest, costliest}) {
    const text::SegmentReport report = text::lint(render(t.words.at(language), v));
    const std::size_t most = limit(t.length, report.encoding == text::SmsEncoding::gsm7);
    if (report.segments <= most) continue;
    l.add(place, path,
          fmt::format("may take {} segments with its longest values ({})", report.segments,
                      text::describe(report)),
          fmt::format("shorten it, {} at most", most));
    return;
  }
}

void check_template(Loader& l, LongestCache& cache, const Template& t, const std::string& language,
                    bool alert) {
  const Place& place = t.places.at(language);
  const std::string path = t.name;
  const std::string& words = t.words.at(language);
  const auto names = placeholders_of(words);
  if (!names) {
    l.add(place, path, "has a brace that does not close", "write placeholders as {name}");
    return;
  }
  std::vector<std::string> known = t.placeholders;
  for (const std::string& name : split(common_placeholders())) known.push_back(name);
  bool good = true;
  for (const std::string& name : *names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    good = false;
    if (alert && is_detail(name)) {
      l.add(place, path, fmt::format("an alert would carry {{{}}}, a score or a name", name),
            "cite the agreed sentence by {rule}, and leave detail behind the signed link");
    } else {
      l.add(place, path, fmt::format("{{{}}} is not known in this text", name),
            suggestion(name, known));
    }
  }
  if (alert) check_discreet(l, t, place, path, words);
  if (good) check_length(l, cache, t, place, path, language, *names);
}
}  // namespace

void load_texts_file(Loader& l, const Node& top, const std::string& language) {
  static const FieldTable fields = {
      {"format", FieldType::text, false, "", "moodline-texts/1"},
      {"language", FieldType::text, true, "", "its code, as the file's name says it"},
      {"name", FieldType::text, true, "", "the language's own name"}};
  l.format(top, "texts");
  const Block b = read_block(top, fields, l.problems,
                             {"weekdays", "weekdays_short", "months_short", "roles", "words",
                              "system", "prompts", "alerts", "messages"});
  if (!b.text("language").empty() && b.text("language") != language) {
    l.add(b.place("language"), "language",
          fmt::format("{} is not what the file's name says", quote(b.text("language"))),
          "write " + language + ", or rename the file");
  }
  LanguageWords words;
  words.name = b.text("name");
  read_words(l, top, words);
  l.service.texts.languages[language] = std::move(words);
  read_system(l, top, language);
  read_section(l, top, {"prompts", Length::one, Audience::person, prompt_placeholders()}, language);
  read_section(l, top, {"alerts", Length::one, Audience::practitioner, alert_placeholders()},
               language);
  read_section(l, top, {"messages", Length::one, Audience::person, message_placeholders()},
               language);
}

void check_texts(Loader& l) {
  LongestCache cache;
  const auto system = system_templates();
  for (const auto& entry : l.service.texts.templates) {
    const std::string& name = entry.first;
    const Template& t = entry.second;
    const bool is_system = std::any_of(system.begin(), system.end(),
                                       [&](const SystemTemplate& s) { return s.name == name; });
    for (const std::string& language : l.languages) {
      if (t.words.contains(language)) {
        check_template(l, cache, t, language, t.audience == Audience::practitioner && !is_system);
      } else if (!is_system && l.service.texts.languages.contains(language)) {
        const Place file{"texts/" + language + ".yaml", 1, 1};
        l.add(file, name, "has no translation here",
              fmt::format("add {}: beside the others", name));
      }
    }
  }
}

}  // namespace moodline::config
