// The erasure journal: who was erased, by random ids and a keyed hash. It stands outside backups,
// so that a restored copy can be made to forget again what was erased since.
#pragma once
#include <string>
#include <vector>

#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {

class ErasureJournal {
 public:
  ErasureJournal(const std::string& path, const StoreOptions& options);
  /// Commits these lines; harmless to repeat.
  void add(const std::vector<Erasure>& erasures);
  std::vector<Erasure> all();

 private:
  Db db_;
};

}  // namespace moodline::store
