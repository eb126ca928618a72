#include "rules/engine/pack.hpp"

#include <algorithm>

namespace moodline::rules {

void Packer::put(__int128 n) {
  const bool negative = n < 0;
  std::string digits;
  do {
    const int digit = static_cast<int>(n % 10);
    digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    n /= 10;
  } while (n != 0);
  if (negative) digits += '-';
  out_.append(digits.rbegin(), digits.rend());
  out_ += ' ';
}

std::string_view Unpacker::token() {
  const auto end = std::min(rest_.find(' '), rest_.size());
  const auto found = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (found.empty()) bad_ = true;
  return found;
}

std::int64_t Unpacker::number() {
  if (bad_) return 0;
  const auto digits = token();
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size()) bad_ = true;
  return bad_ ? 0 : n;
}

__int128 Unpacker::wide() {
  if (bad_) return 0;
  constexpr std::size_t digits_max = 38;
  auto digits = token();
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > digits_max) bad_ = true;
  __int128 n = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') bad_ = true;
    if (bad_) return 0;
    n = n * 10 + (c - '0');
  }
  return negative ? -n : n;
}

std::string Unpacker::text() {
  const std::int64_t size = number();
  if (bad_ || size < 0 || static_cast<std::size_t>(size) > rest_.size()) {
    bad_ = true;
    return {};
  }
  std::string found(rest_.substr(0, static_cast<std::size_t>(size)));
  rest_.remove_prefix(static_cast<std::size_t>(size));
  if (!rest_.empty()) {
    if (rest_.front() != ' ') bad_ = true;
    rest_.remove_prefix(1);
  }
  return found;
}

}  // namespace moodline::rules
