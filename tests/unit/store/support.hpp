// A folder that goes with the test, and stores opened in it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "daemon/store/open.hpp"

namespace moodline::store::testing {

struct TempDir {
  std::string path;
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "moodline-store-XXXXXX").string();
    path = ::mkdtemp(name.data()) == nullptr ? "" : name;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return path + "/" + name; }
};

/// Options of a store in this folder, with keys that stay the same while the process runs.
inline StoreOptions options_in(const TempDir& dir, Executor executor = Executor::inline_) {
  static const KeyRingPtr master = random_key_ring(), lookup = random_key_ring();
  StoreOptions o;
  o.path = dir.file("moodline.db");
  o.master_key = master;
  o.lookup_key = lookup;
  o.executor = executor;
  return o;
}

inline std::string bytes_of(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return {};
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace moodline::store::testing
