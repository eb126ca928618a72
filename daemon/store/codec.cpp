// Netstrings: length, colon, bytes, comma. No escaping, so nothing to get wrong.
#include "daemon/store/codec.hpp"

#include <charconv>

#include "daemon/store/store.hpp"

namespace moodline::store {
namespace {

constexpr int weekdays = 7;

[[noreturn]] void bad() {
  throw StoreError("corrupt", "a stored list does not read; restore the last good backup");
}

void add(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
  out += ',';
}

std::string_view take(std::string_view& rest) {
  std::size_t size = 0;
  const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  const auto head = static_cast<std::size_t>(end - rest.data()) + 1;
  if (ec != std::errc{} || head > rest.size() || *end != ':' || size > rest.size() - head ||
      rest.size() - head - size < 1 || rest[head + size] != ',')
    bad();
  const auto part = rest.substr(head, size);
  rest.remove_prefix(head + size + 1);
  return part;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) bad();
  return value;
}

}  // namespace

std::string encode(const std::string& value) {
  return value;
}

std::string encode(Decimal value) {
  return std::to_string(value.micro);
}

std::string encode(const std::vector<std::string>& value) {
  std::string out;
  for (const auto& part : value) add(out, part);
  return out;
}

std::string encode(const std::vector<RowId>& value) {
  std::string out;
  for (const auto part : value) add(out, std::to_string(part));
  return out;
}

std::string encode(const TextMap& value) {
  std::string out;
  for (const auto& [name, text] : value) {
    add(out, name);
    add(out, text);
  }
  return out;
}

std::string encode(const std::map<std::string, TextMap>& value) {
  std::string out;
  for (const auto& [name, map] : value) {
    add(out, name);
    add(out, encode(map));
  }
  return out;
}

std::string encode(const std::vector<TrackedMeasure>& value) {
  std::string out;
  for (const auto& m : value) {
    add(out, m.measure);
    add(out, m.goal);
    add(out, m.wording);
  }
  return out;
}

std::string encode(const std::vector<TimeOfDay>& value) {
  std::string out;
  for (const auto t : value) add(out, std::to_string(t.s));
  return out;
}

std::string encode(const std::vector<Weekday>& value) {
  std::string out;
  for (const auto d : value) add(out, std::to_string(static_cast<int>(d)));
  return out;
}

std::string encode(const config::OwnTimesByPrompt& value) {
  std::string out;
  for (const auto& [prompt, own] : value) {
    add(out, prompt);
    add(out, encode(own.times));
    add(out, encode(own.days));
  }
  return out;
}

void decode(std::string_view text, std::string& value) {
  value.assign(text);
}

void decode(std::string_view text, Decimal& value) {
  value.micro = number(text);
}

void decode(std::string_view text, std::vector<std::string>& value) {
  value.clear();
  while (!text.empty()) value.emplace_back(take(text));
}

void decode(std::string_view text, std::vector<RowId>& value) {
  value.clear();
  while (!text.empty()) value.push_back(number(take(text)));
}

void decode(std::string_view text, TextMap& value) {
  value.clear();
  while (!text.empty()) {
    const auto name = take(text);
    value[std::string(name)] = take(text);
  }
}

void decode(std::string_view text, std::map<std::string, TextMap>& value) {
  value.clear();
  while (!text.empty()) {
    const auto name = take(text);
    decode(take(text), value[std::string(name)]);
  }
}

void decode(std::string_view text, std::vector<TrackedMeasure>& value) {
  value.clear();
  while (!text.empty()) {
    TrackedMeasure m;
    m.measure = take(text);
    m.goal = take(text);
    m.wording = take(text);
    value.push_back(std::move(m));
  }
}

void decode(std::string_view text, std::vector<TimeOfDay>& value) {
  value.clear();
  while (!text.empty()) value.push_back({static_cast<std::int32_t>(number(take(text)))});
}

void decode(std::string_view text, std::vector<Weekday>& value) {
  value.clear();
  while (!text.empty()) {
    const auto day = number(take(text));
    if (day < 0 || day >= weekdays) bad();
    value.push_back(static_cast<Weekday>(day));
  }
}

void decode(std::string_view text, config::OwnTimesByPrompt& value) {
  value.clear();
  while (!text.empty()) {
    config::OwnTimes& own = value[std::string(take(text))];
    decode(take(text), own.times);
    decode(take(text), own.days);
  }
}

}  // namespace moodline::store
