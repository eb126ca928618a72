// Schema 4: days and times that somebody chose for one of their questions alone.
#pragma once
#include <string_view>

namespace moodline::store::migrations {

inline constexpr std::string_view v4 = R"sql(
ALTER TABLE person ADD COLUMN own_times TEXT NOT NULL DEFAULT '';
)sql";

}  // namespace moodline::store::migrations
