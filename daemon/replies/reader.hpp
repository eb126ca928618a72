// Reader: from any text to one honest verdict. Pure: same bytes, same packs, same verdict.
#pragma once
#include <memory>
#include <string_view>

#include "config/language_pack.hpp"
#include "daemon/replies/lexicon.hpp"
#include "daemon/replies/question.hpp"
#include "daemon/replies/safety.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// Compiled packs. Immutable after construction: any thread may read through one instance.
class Reader {
 public:
  /// `packs` must have loaded without problems; faults found while compiling (patterns, safety)
  /// are appended to `problems`, and the reader must not be used when there are any.
  Reader(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Never fails, whatever the bytes; at most 1 ms for 1,600 characters.
  [[nodiscard]] Verdict read(std::string_view text, const Context& context) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace moodline::replies
