// Schema 3: what lets somebody in without an account (links of pages, tokens of the API). Only
// hashes are kept.
#pragma once
#include <string_view>

namespace moodline::store::migrations {

inline constexpr std::string_view v3 = R"sql(
CREATE TABLE access(
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
  person INTEGER REFERENCES person(id), alert INTEGER,
  created_at INTEGER NOT NULL, expires_at INTEGER, used_at INTEGER, ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX access_person ON access(person) WHERE person IS NOT NULL;
CREATE INDEX access_kind ON access(kind, created_at);
CREATE INDEX access_expires ON access(expires_at) WHERE expires_at IS NOT NULL;
)sql";

}  // namespace moodline::store::migrations
