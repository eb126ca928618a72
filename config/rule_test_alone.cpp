// Rule tests outside a service: rules alone, and a team that stands for any.
#include <algorithm>

#include "config/loader.hpp"
#include "config/rule_test_case.hpp"

namespace moodline::config {
namespace {
Practitioner member(const std::string& id, std::vector<std::string> roles, bool always) {
  Practitioner p;
  p.id = id;
  p.name = id;
  p.timezone = "Europe/London";
  p.roles = std::move(roles);
  const HoursSpan office{TimeOfDay::hm(9, 0), TimeOfDay::hm(17, 0)};
  const HoursSpan day{TimeOfDay::hm(0, 0), TimeOfDay{86'400}};
  for (int d = 0; d < (always ? 7 : 5); ++d) {
    p.hours[static_cast<Weekday>(d)] = {always ? day : office};
  }
  return p;
}

/// Every language a sentence is written in, the first one found first; English where none is.
std::vector<std::string> languages_of(const Node& top) {
  std::vector<std::string> out;
  const Node* rules = top.find("rules");
  if (rules == nullptr) return out;
  for (const Node& rule : rules->items) {
    const Node* says = rule.find("says");
    if (says == nullptr) continue;
    for (const Entry& e : says->entries) {
      if (std::find(out.begin(), out.end(), e.key) == out.end()) out.push_back(e.key);
    }
  }
  return out;
}
}  // namespace

Service rules_alone(const std::map<std::string, std::string>& files,
                    const std::vector<std::string>& rule_files, Problems& problems) {
  static const Registries none;
  Loader l{none, {}, {}, {}, {}, {}};
  std::vector<Node> tops;
  for (const std::string& name : rule_files) {
    const auto it = files.find(name);
    if (it == files.end()) continue;
    auto top = read_yaml(name, it->second, l.problems);
    if (!top || !top->is_map()) continue;
    for (const std::string& language : languages_of(*top)) {
      if (std::find(l.languages.begin(), l.languages.end(), language) == l.languages.end()) {
        l.languages.push_back(language);
      }
    }
    tops.push_back(std::move(*top));
  }
  if (l.languages.empty()) l.languages = {"en"};
  for (const Node& top : tops) load_rules_file(l, top);
  for (const Problem& p : l.problems.sorted()) {
    problems.add({p.file, p.line, p.column}, p.path, p.what, p.cure);
  }
  Service& s = l.service;
  s.settings.languages = l.languages;
  s.settings.contacts.duty = "gwen";
  s.settings.contacts.admin = "gwen";
  s.practitioners = {member("sam", {"practitioner"}, false), member("ana", {"deputy"}, false),
                     member("gwen", {"lead", "duty", "admin"}, true),
                     member("jo", {"friend"}, true)};
  s.practitioners[0].deputy = "ana";
  s.practitioners[0].lead = "gwen";
  for (auto& [day, hours] : s.practitioners[3].hours) {
    hours = {{TimeOfDay::hm(8, 0), TimeOfDay::hm(21, 0)}};
  }
  return std::move(l.service);
}

}  // namespace moodline::config
