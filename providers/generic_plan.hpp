// A generic provider's description with every template and rule parsed, or what is wrong with it.
#pragma once
#include <map>

#include "providers/generic.hpp"
#include "providers/kit/extract.hpp"
#include "providers/kit/template.hpp"

namespace moodline::providers::generic {

struct StatusWord {
  DeliveryStatus status = DeliveryStatus::unknown;
  std::optional<bool> permanent = std::nullopt;
  bool opted_out = false;
};

using NamedTemplates = std::vector<std::pair<std::string, kit::Template>>;

// What the settings come to, every template and rule parsed.
struct Plan {
  kit::Template url;
  NamedTemplates headers;
  NamedTemplates form;
  kit::JsonTemplate json;
  kit::Template body;
  kit::Template sign_over;
  kit::Conditions accept_when;
  kit::Template hook_over;
  kit::Conditions mo_when;
  kit::Conditions dlr_when;
  kit::Conditions opt_out_when;
  std::map<std::string, kit::Extract, std::less<>> rules;
  std::map<std::string, StatusWord, std::less<>> statuses;
  std::map<std::string, StatusWord, std::less<>> errors;
};

/// Fails with "bad_setting": the first field that is wrong, and what to write.
Result<Plan> compile(const config::Block& settings);

}  // namespace moodline::providers::generic
