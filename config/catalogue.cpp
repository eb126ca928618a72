#include "config/catalogue.hpp"

#include <algorithm>

namespace moodline::config {
namespace {
template <class List, class Test>
auto* first(const List& list, Test test) {
  const auto it = std::find_if(list.begin(), list.end(), test);
  return it == list.end() ? nullptr : &*it;
}
}  // namespace

const Component* Measure::component(std::string_view component_id) const {
  return first(components, [&](const Component& c) { return c.id == component_id; });
}

const Template* Texts::find(std::string_view name) const {
  const auto it = templates.find(name);
  return it == templates.end() ? nullptr : &it->second;
}

const Measure* Service::measure(std::string_view id) const {
  return first(measures, [&](const Measure& m) { return m.id == id; });
}

const Measure* Service::measure_of_component(std::string_view component_id) const {
  const Measure* own =
      first(measures, [&](const Measure& m) { return m.component(component_id) != nullptr; });
  return own != nullptr ? own : measure(component_id);
}

const Practitioner* Service::practitioner(std::string_view id) const {
  return first(practitioners, [&](const Practitioner& p) { return p.id == id; });
}

const Programme* Service::programme(std::string_view id) const {
  return first(programmes, [&](const Programme& p) { return p.id == id; });
}

const RuleSpec* Service::rule(std::string_view id, int version) const {
  return first(rules, [&](const RuleSpec& r) { return r.id == id && r.version == version; });
}

const RuleSpec* Service::rule(std::string_view id) const {
  const RuleSpec* newest = nullptr;
  for (const RuleSpec& r : rules) {
    if (r.id == id && (newest == nullptr || r.version > newest->version)) newest = &r;
  }
  return newest;
}

const ProviderInstance* Service::provider(std::string_view name) const {
  return first(providers, [&](const ProviderInstance& p) { return p.name == name; });
}

const std::string& Service::language_or_default(const std::string& language) const {
  static const std::string none;
  const auto& all = settings.languages;
  const auto it = std::find(all.begin(), all.end(), language);
  if (it != all.end()) return *it;
  return all.empty() ? none : all.front();
}

const LanguageWords& Service::words(const std::string& language) const {
  static const LanguageWords none;
  const auto it = texts.languages.find(language_or_default(language));
  return it == texts.languages.end() ? none : it->second;
}

std::string LanguageWords::word(std::string_view key) const {
  const auto it = words.find(key);
  return it == words.end() ? std::string(key) : it->second;
}

std::string LanguageWords::role(std::string_view id) const {
  const auto it = roles.find(std::string(id));
  return it == roles.end() ? std::string(id) : it->second;
}

std::string render(std::string_view words, const Values& values) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto end = words[i] == '{' ? words.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += words[i];
      continue;
    }
    const std::string_view name = words.substr(i + 1, end - i - 1);
    const auto it = values.find(name);
    out += it == values.end() ? std::string(name) : it->second;
    i = end;
  }
  return out;
}

std::string render(const Service& service, std::string_view template_name,
                   const std::string& language, const Values& values) {
  const Template* t = service.texts.find(template_name);
  if (t == nullptr) return {};
  const auto it = t->words.find(service.language_or_default(language));
  return it == t->words.end() ? std::string() : render(it->second, values);
}

}  // namespace moodline::config
