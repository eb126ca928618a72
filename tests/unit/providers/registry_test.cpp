#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "config/block_reader.hpp"
#include "config/yaml.hpp"
#include "providers/provider.hpp"
#include "providers/registries.hpp"
#include "providers/spool.hpp"

namespace moodline::providers {
namespace {

TEST_CASE("the registry: names once, in order, each complete") {
  std::set<std::string> names;
  std::string last;
  for (const auto& type : provider_types()) {
    CAPTURE(type.name);
    CHECK(names.insert(std::string(type.name)).second);
    CHECK(last < type.name);
    last = type.name;
    CHECK(!type.help.empty());
    CHECK(type.make != nullptr);
    CHECK(type.replay.settings != nullptr);
    CHECK(find_provider_type(type.name) == &type);
  }
  for (const auto& type : spool_types()) {
    CHECK(names.insert(std::string(type.name)).second);
    CHECK(type.replay.sms != nullptr);
    CHECK(find_spool_type(type.name) == &type);
  }
  CHECK(names.size() >= 19);
  CHECK(find_provider_type("smpp") == nullptr);
  CHECK(find_spool_type("") == nullptr);
}

TEST_CASE("the registry: every field is named once and every default may be written") {
  for (const auto& known : registries().providers) {
    CAPTURE(known.name);
    std::set<std::string_view> seen;
    for (const auto& field : known.fields) {
      CAPTURE(field.name);
      CHECK(seen.insert(field.name).second);
      CHECK(!field.help.empty());
      CHECK(!(field.required && !field.fallback.empty()));
      if (!field.choices.empty() && !field.fallback.empty())
        CHECK(std::find(field.choices.begin(), field.choices.end(), field.fallback) !=
              field.choices.end());
    }
  }
}

TEST_CASE("the registry: a provider that does not sign its words asks for a secret path") {
  for (const std::string_view name : {"kannel", "clicksend", "clickatell", "plivo"}) {
    CAPTURE(name);
    const auto& fields = find_provider_type(name)->fields;
    const auto it = std::find_if(fields.begin(), fields.end(),
                                 [](const Field& f) { return f.name == "path_secret"; });
    REQUIRE(it != fields.end());
    CHECK(it->required);
  }
}

// The YAML blocks of the provider pages are read as the service would read them.
TEST_CASE("the registry: presets take settings through their fields") {
  config::Problems problems;
  const auto node = config::read_yaml("s.yaml",
                                      "{user: me, secret: clicksend-key, path_secret: hook-word,"
                                      " from: \"+61422222222\"}",
                                      problems);
  REQUIRE(node.has_value());
  const auto* type = find_provider_type("clicksend");
  const auto block = config::read_block(*node, type->fields, problems);
  CHECK_MESSAGE(!problems.has_errors(), config::to_text(problems.sorted()));
  const auto provider = type->make(block);
  REQUIRE_MESSAGE(provider.has_value(), (provider ? "" : provider.error().message));
  const auto call =
      (*provider)->send_call({.reference = "r", .to = "+61411111111", .text = "x"}, {});
  REQUIRE(call.has_value());
  CHECK(call->url == "https://rest.clicksend.com/v3/sms/send");
  CHECK(call->method == "POST");
}

}  // namespace
}  // namespace moodline::providers
