// Schema 2: how often an outgoing text's fate stayed unknown, apart from how often it was tried.
#pragma once
#include <string_view>

namespace moodline::store::migrations {

inline constexpr std::string_view v2 = R"sql(
ALTER TABLE message ADD COLUMN unknowns INTEGER NOT NULL DEFAULT 0;
)sql";

}  // namespace moodline::store::migrations
