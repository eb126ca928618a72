// The texts every service must have: name, length, reader and placeholders. A new text is one row
// here and one line in each texts/LANG.yaml.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/catalogue.hpp"

namespace moodline::config {

struct SystemTemplate {
  std::string_view name;
  Length length;
  Audience audience;
  std::string_view placeholders;  // besides the common ones; separated by spaces
};

/// In the order of the sample's texts: by reader, then by what they are for.
std::span<const SystemTemplate> system_templates();
/// Small words that stand inside texts, under `words`; each is needed in every language.
std::span<const std::string_view> small_words();
/// {service} {contact_name} {contact_number} {reads} {crisis}: known in every text to a person.
std::string_view common_placeholders();
/// What alerts, prompts and messages of the admin's own naming may use.
std::string_view alert_placeholders();
std::string_view prompt_placeholders();
std::string_view message_placeholders();

/// Longest and costliest values a placeholder may take, at most two. Placeholders that the sender
/// fits into the room left (lists, notes, a person's own words) give a short sample.
std::vector<std::string> longest_values(const Service& service, std::string_view placeholder,
                                        const std::string& language);

/// Names of the {placeholders} in `words`, in order. Nothing where a brace does not close.
std::optional<std::vector<std::string>> placeholders_of(std::string_view words);

}  // namespace moodline::config
