// The YAML of the provider pages is read as the service would read it, and makes a provider.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/block_reader.hpp"
#include "config/yaml.hpp"
#include "providers/provider.hpp"
#include "providers/spool.hpp"

namespace moodline::providers {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> yaml_blocks(const std::string& page) {
  std::vector<std::string> out;
  for (auto at = page.find("```yaml\n"); at != std::string::npos;
       at = page.find("```yaml\n", at + 1)) {
    const auto end = page.find("\n```", at);
    out.push_back(page.substr(at + 8, end - at - 7));
  }
  return out;
}

int check_instance(const config::Node& item, config::Problems& problems) {
  static const FieldTable head{{.name = "name", .required = true},
                               {.name = "type", .required = true}};
  const auto b = config::read_block(item, head, problems, {"settings"});
  const config::Node empty = [] {
    config::Node n;
    n.kind = config::NodeKind::map;
    return n;
  }();
  const config::Node* settings = item.find("settings");
  if (settings == nullptr) settings = &empty;
  CAPTURE(b.text("type"));
  if (const ProviderType* type = find_provider_type(b.text("type"))) {
    const auto made = type->make(config::read_block(*settings, type->fields, problems));
    // A key that must be PEM cannot stand in a page.
    if (!made)
      CHECK_MESSAGE(made.error().message.find("key") != std::string::npos, made.error().message);
  } else {
    const SpoolType* spool = find_spool_type(b.text("type"));
    REQUIRE(spool != nullptr);
    CHECK(spool->make(config::read_block(*settings, spool->fields, problems)).has_value());
  }
  return 1;
}

TEST_CASE("pages: every provider has one, and its YAML can be used as it stands") {
  const fs::path dir = MOODLINE_SOURCE_DIR "/docs/providers";
  const std::string index = bytes_of(dir / "README.md");
  int instances = 0;
  const auto check_page = [&](std::string_view name) {
    CAPTURE(name);
    const std::string page = bytes_of(dir / (std::string(name) + ".md"));
    CHECK(!page.empty());
    CHECK(index.find("(" + std::string(name) + ".md)") != std::string::npos);
    int own = 0;
    for (const auto& block : yaml_blocks(page)) {
      config::Problems problems;
      const auto node = config::read_yaml(std::string(name) + ".md", block, problems);
      if (node) {
        const config::Node* list = node->find("providers");
        const auto& items = list == nullptr ? node->items : list->items;
        for (const auto& item : items)
          if (item.find("type") != nullptr) own += check_instance(item, problems);
      }
      CHECK_MESSAGE(!problems.has_errors(), config::to_text(problems.sorted()));
    }
    CHECK(own > 0);
    instances += own;
  };
  for (const auto& type : provider_types())
    if (!type.simulated) check_page(type.name);
  for (const auto& type : spool_types()) check_page(type.name);
  CHECK(instances >= 18);
}

}  // namespace
}  // namespace moodline::providers
