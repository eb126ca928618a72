#include "config/block.hpp"

namespace moodline::config {
namespace {
const Value none{};
constexpr std::int64_t duration_max_s = 400LL * 86'400;
}  // namespace

Block Block::of(const std::map<std::string, std::string>& scalars) {
  Block b;
  for (const auto& [k, v] : scalars) b.values_[k] = Value{v, {}, {}, {}};
  return b;
}

bool Block::has(std::string_view name) const {
  return values_.contains(std::string(name));
}

const std::string& Block::text(std::string_view name) const {
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? none.text : it->second.text;
}

std::int64_t Block::integer(std::string_view name) const {
  return decimal(name).micro / Decimal::one;
}

Decimal Block::decimal(std::string_view name) const {
  return decimal_from(text(name)).value_or(Decimal{});
}

bool Block::boolean(std::string_view name) const {
  return text(name) == "true";
}

std::chrono::seconds Block::duration(std::string_view name) const {
  return duration_from(text(name)).value_or(std::chrono::seconds{0});
}

TimeOfDay Block::time(std::string_view name) const {
  return time_from_hm(text(name)).value_or(TimeOfDay{});
}

const std::vector<std::string>& Block::texts(std::string_view name) const {
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? none.list : it->second.list;
}

const std::map<std::string, std::string>& Block::mapping(std::string_view name) const {
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? none.table : it->second.table;
}

Place Block::place(std::string_view name) const {
  const auto it = values_.find(std::string(name));
  return it == values_.end() ? Place{} : it->second.place;
}

std::optional<std::chrono::seconds> duration_from(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = 1;
      break;
    case 'm':
      unit = 60;
      break;
    case 'h':
      unit = 3600;
      break;
    case 'd':
      unit = 86'400;
      break;
    default:
      return std::nullopt;
  }
  const auto n = decimal_from(text.substr(0, text.size() - 1));
  if (!n || n->micro < 0 || n->micro % Decimal::one != 0) return std::nullopt;
  const std::int64_t count = n->micro / Decimal::one;
  if (count > duration_max_s / unit) return std::nullopt;
  return std::chrono::seconds{count * unit};
}

}  // namespace moodline::config
