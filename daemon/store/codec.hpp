// Small values as text: lists and maps as netstrings ("4:mood,5:sleep,"), safe for any bytes.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.hpp"

namespace moodline::store {

using TextMap = std::map<std::string, std::string>;

std::string encode(const std::string& value);
std::string encode(Decimal value);
std::string encode(const std::vector<std::string>& value);
std::string encode(const std::vector<RowId>& value);
std::string encode(const TextMap& value);
std::string encode(const std::map<std::string, TextMap>& value);
std::string encode(const std::vector<TrackedMeasure>& value);
std::string encode(const std::vector<TimeOfDay>& value);
std::string encode(const std::vector<Weekday>& value);
std::string encode(const config::OwnTimesByPrompt& value);

/// Each reads what encode() wrote; bad bytes throw StoreError("corrupt").
void decode(std::string_view text, std::string& value);
void decode(std::string_view text, Decimal& value);
void decode(std::string_view text, std::vector<std::string>& value);
void decode(std::string_view text, std::vector<RowId>& value);
void decode(std::string_view text, TextMap& value);
void decode(std::string_view text, std::map<std::string, TextMap>& value);
void decode(std::string_view text, std::vector<TrackedMeasure>& value);
void decode(std::string_view text, std::vector<TimeOfDay>& value);
void decode(std::string_view text, std::vector<Weekday>& value);
void decode(std::string_view text, config::OwnTimesByPrompt& value);

}  // namespace moodline::store
