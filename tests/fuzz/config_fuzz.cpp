// Files that an admin writes, on any bytes: YAML alone, and as one file of the sample service.
// Whatever they hold, there is a service or a problem that says where, never both nor neither.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "config/load.hpp"
#include "config/yaml.hpp"
#include "providers/registries.hpp"

namespace {

using namespace moodline;
using Files = std::map<std::string, std::string>;

void must(bool holds) {
  if (!holds) std::abort();
}

const Files& sample() {
  static const Files files = [] {
    Files out;
    const std::filesystem::path root = MOODLINE_SOURCE_DIR "/config/sample";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = entry.path().lexically_relative(root).string();
      if (!entry.is_regular_file() || name.ends_with(".test.yaml")) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      out[name] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return out;
  }();
  return files;
}

bool is_error(const config::Problem& p) {
  return p.severity == config::Severity::error;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  config::Problems problems;
  const auto node = config::read_yaml("a.yaml", text, problems);
  must(node.has_value() || problems.has_errors());
  if (data[0] >= sample().size() || !node) return 0;  // the whole set takes its time
  static const config::Registries registries = providers::registries();
  Files files = sample();
  std::next(files.begin(), data[0])->second = text;
  const config::Loaded loaded = config::load_files(files, registries);
  const bool refused = std::any_of(loaded.problems.begin(), loaded.problems.end(), is_error);
  must(refused == (loaded.service == nullptr));
  for (const config::Problem& p : loaded.problems) must(!config::to_text(p).empty());
  return 0;
}
