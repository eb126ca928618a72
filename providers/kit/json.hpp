// Bounded JSON: what others send us is parsed here and nowhere else.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/base/instant.hpp"
#include "rules/base/result.hpp"

namespace moodline::providers::kit {

constexpr std::size_t json_bytes_max = 256UL * 1024;
constexpr std::size_t json_depth_max = 32;

/// Fails with "bad_json" on broken, too deep or too long text, or text that is not UTF-8.
Result<boost::json::value> read_json(std::string_view text);

/// RFC 6901 pointer ("/data/to/0/status"); nullptr where nothing stands there.
const boost::json::value* at(const boost::json::value& v, std::string_view pointer);

/// A string as it is, a number or boolean as written; empty for null, missing, arrays, objects.
std::string text_at(const boost::json::value& v, std::string_view pointer);
std::string text_of(const boost::json::value& v);
std::optional<std::int64_t> integer_at(const boost::json::value& v, std::string_view pointer);

/// A provider's time: ISO 8601 (a blank for T and a missing zone, read as UTC, are taken), or
/// seconds or milliseconds since 1970. Nothing for other text.
std::optional<Instant> read_time(std::string_view text);

}  // namespace moodline::providers::kit
