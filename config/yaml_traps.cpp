// What YAML 1.1 readers retype without a word, and what to write instead.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "config/yaml.hpp"

namespace moodline::config {
namespace {
bool digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string lowered(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// "15:00" -> 900, as base-60 readers do. Nothing for other text.
std::optional<long long> base_60(std::string_view s) {
  constexpr std::size_t parts_max = 4;
  long long value = 0;
  std::size_t parts = 0;
  while (true) {
    const auto colon = s.find(':');
    const std::string_view part = s.substr(0, colon);
    if (!digits(part) || part.size() > (parts == 0 ? 6U : 2U) || ++parts > parts_max) {
      return std::nullopt;
    }
    value = value * 60 + std::stoll(std::string(part));
    if (colon == std::string_view::npos) break;
    s.remove_prefix(colon + 1);
  }
  return parts > 1 ? std::optional(value) : std::nullopt;
}

bool looks_like_date(std::string_view s) {
  if (s.size() < 8 || !digits(s.substr(0, 4)) || s[4] != '-') return false;
  const auto dash = s.find('-', 5);
  return dash != std::string_view::npos && digits(s.substr(5, dash - 5)) && dash + 1 < s.size() &&
         std::isdigit(static_cast<unsigned char>(s[dash + 1])) != 0;
}

std::optional<Trap> number_trap(std::string_view text, std::string_view bare) {
  const std::string q = quote(text);
  if (bare.size() > 1 && bare[0] == '0') {
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(bare[1])));
    if (c == 'x' || c == 'b' || c == 'o') {
      return Trap{fmt::format("{} unquoted is a number in another base", text),
                  fmt::format("write it in tens, or {} for the text", q)};
    }
    if (digits(bare)) {
      const auto first = bare.find_first_not_of('0');
      const std::string plain =
          first == std::string_view::npos ? "0" : std::string(bare.substr(first));
      return Trap{fmt::format("{} unquoted begins with 0 and is read in eights", text),
                  fmt::format("write {} for the number, or {} for the text", plain, q)};
    }
  }
  if (text[0] == '+' && digits(bare)) {
    return Trap{fmt::format("{} unquoted loses its plus", text), "write it in quotes: " + q};
  }
  if (bare.find('_') != std::string_view::npos && bare[0] >= '0' && bare[0] <= '9' &&
      bare.find_first_not_of("0123456789_.") == std::string_view::npos) {
    return Trap{fmt::format("{} unquoted is a number with its _ left out", text),
                fmt::format("write it without _, or {} for the text", q)};
  }
  const auto e = bare.find_first_of("eE");
  if (e != std::string_view::npos && e > 0 && digits(bare.substr(e + 1)) &&
      bare.substr(0, e).find_first_not_of("0123456789.") == std::string_view::npos) {
    return Trap{fmt::format("{} unquoted is a number with an exponent", text),
                fmt::format("write the number in full, or {} for the text", q)};
  }
  return std::nullopt;
}
}  // namespace

std::optional<Trap> plain_trap(std::string_view text) {
  static constexpr std::array<std::string_view, 6> words = {"y", "n", "yes", "no", "on", "off"};
  if (text.empty()) return std::nullopt;
  const std::string low = lowered(text);
  const std::string q = quote(text);
  if (std::find(words.begin(), words.end(), low) != words.end()) {
    const bool yes = low == "y" || low == "yes" || low == "on";
    return Trap{fmt::format("{} unquoted is {} to YAML 1.1", text, yes ? "true" : "false"),
                fmt::format("write {} for the word, or {}", q, yes ? "true" : "false")};
  }
  if ((low == "true" || low == "false") && low != text) {
    return Trap{fmt::format("{} is not how a truth value is written here", text), "write " + low};
  }
  if (low == ".inf" || low == "-.inf" || low == "+.inf" || low == ".nan") {
    return Trap{fmt::format("{} unquoted is not a finite number", text), "write a number"};
  }
  const std::string_view bare = text[0] == '+' || text[0] == '-' ? text.substr(1) : text;
  if (const auto value = base_60(bare)) {
    return Trap{fmt::format("unquoted time {} is the number {} to YAML 1.1", text, *value),
                "write it in quotes: " + q};
  }
  if (looks_like_date(text)) {
    return Trap{fmt::format("{} unquoted is a timestamp to YAML 1.1", text),
                "write it in quotes: " + q};
  }
  if (bare.empty()) return std::nullopt;
  return number_trap(text, bare);
}

}  // namespace moodline::config
