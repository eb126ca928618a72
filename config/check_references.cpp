// What only the whole set can show: names that lead nowhere, and people nobody stands behind.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"

namespace moodline::config {
namespace {
template <class List>
std::vector<std::string> ids_of(const List& list) {
  std::vector<std::string> out;
  for (const auto& item : list) out.push_back(item.id);
  return out;
}

void check_contacts(Loader& l) {
  const Node* top = l.trees.contains("service.yaml") ? &l.trees.at("service.yaml") : nullptr;
  const Node* contacts = top != nullptr ? top->find("contacts") : nullptr;
  if (contacts == nullptr || !l.whole("practitioners.yaml")) return;
  const Contacts& c = l.service.settings.contacts;
  for (const auto& [role, id] : {std::pair<std::string, std::string>{"duty", c.duty},
                                 std::pair<std::string, std::string>{"admin", c.admin}}) {
    const Node* at = contacts->find(role);
    if (id.empty() || at == nullptr) continue;
    const Practitioner* p = l.service.practitioner(id);
    if (p == nullptr) {
      l.add(at->place, at->path, fmt::format("{} is not in practitioners.yaml", quote(id)),
            suggestion(id, ids_of(l.service.practitioners)));
    } else if (std::find(p->roles.begin(), p->roles.end(), role) == p->roles.end()) {
      l.add(at->place, at->path, fmt::format("{} does not have the role {}", id, role),
            fmt::format("add {} to their roles in practitioners.yaml", role));
    } else if (!p->number) {
      l.add(at->place, at->path, fmt::format("{} has no number to be texted at", id),
            "add number: in practitioners.yaml");
    }
  }
}

void check_prompt_template(Loader& l, const Prompt& p, const std::string& name,
                           const std::string& path) {
  if (name.empty() || !l.whole("texts/")) return;
  const Template* t = l.service.texts.find(name);
  if (t != nullptr && t->audience == Audience::person) return;
  std::vector<std::string> known;
  for (const auto& [key, value] : l.service.texts.templates) {
    if (value.audience == Audience::person) known.push_back(key);
  }
  l.add(p.place, path, fmt::format("text {} is not in texts/*.yaml", quote(name)),
        nearest(name, known).empty() ? "add it under prompts" : suggestion(name, known));
}

void check_programmes(Loader& l) {
  for (const Programme& programme : l.service.programmes) {
    for (std::size_t i = 0; i < programme.prompts.size(); ++i) {
      const Prompt& p = programme.prompts[i];
      const std::string path = fmt::format("prompts[{}]", i);
      check_prompt_template(l, p, p.template_name, path + ".template");
      check_prompt_template(l, p, p.reminder_template, path + ".reminder.template");
    }
    for (std::size_t i = 0; i < programme.rules.size(); ++i) {
      const RuleRef& ref = programme.rules[i];
      if (l.service.rule(ref.id, ref.version) != nullptr || !l.whole("rules/")) continue;
      std::vector<std::string> known;
      for (const RuleSpec& r : l.service.rules) known.push_back(r.ref());
      const std::string name = fmt::format("{}@{}", ref.id, ref.version);
      l.add(ref.place, fmt::format("rules[{}]", i),
            fmt::format("rule {} is not in rules/*.yaml", name), suggestion(name, known));
    }
  }
}
}  // namespace

void check_references(Loader& l) {
  check_contacts(l);
  check_programmes(l);
  if (l.service.programmes.empty() && l.whole("programmes/")) {
    l.add({"programmes", 0, 0}, "", "holds no programme, so nobody would be asked anything",
          "add programmes/NAME.yaml");
  }
}

}  // namespace moodline::config
