// What is on the disk about one person, read past the store: for the promise that an erasure leaves
// nothing. Thread: the simulation's.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fault_disk.hpp"

namespace moodline::sim {

/// Every sealed field of the person as it lies on the disk now, and their wrapped key, each with
/// its table and column. A field that lies in two pieces over two pages cannot be searched for, and
/// is left out.
std::map<std::string, std::string> sealed_of(testing::FaultDisk& disk, std::int64_t person);
/// Tables that still have rows about the person; the audit trail keeps its own.
std::vector<std::string> tables_with(testing::FaultDisk& disk, std::int64_t person);
/// The disk as it is now, to search in.
class Bytes {
 public:
  explicit Bytes(const testing::FaultDisk& disk);
  /// The first file in which these bytes stand, and at which byte; empty: in none.
  [[nodiscard]] std::string file_with(const std::string& bytes) const;

 private:
  std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace moodline::sim
