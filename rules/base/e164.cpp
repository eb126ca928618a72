#include "rules/base/e164.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace moodline {
namespace {

constexpr std::size_t digits_min = 8;
constexpr std::size_t digits_max = 15;

struct Country {
  std::string_view iso;
  std::string_view code;
  std::string_view trunk;
};
// Country codes: ITU-T E.164 list of assigned codes. Trunk prefixes: ITU-T E.123 national plans.
constexpr std::array countries{
    Country{"AU", "61", "0"},  Country{"BD", "880", "0"}, Country{"BR", "55", "0"},
    Country{"CA", "1", "1"},   Country{"DE", "49", "0"},  Country{"ES", "34", ""},
    Country{"FR", "33", "0"},  Country{"GB", "44", "0"},  Country{"GH", "233", "0"},
    Country{"IE", "353", "0"}, Country{"IN", "91", "0"},  Country{"KE", "254", "0"},
    Country{"NG", "234", "0"}, Country{"NZ", "64", "0"},  Country{"PK", "92", "0"},
    Country{"PL", "48", ""},   Country{"PT", "351", ""},  Country{"SO", "252", "0"},
    Country{"TZ", "255", "0"}, Country{"UG", "256", "0"}, Country{"US", "1", "1"},
    Country{"ZA", "27", "0"}};

// Digits and a leading plus, separators dropped; empty when anything else is there.
std::string squeeze(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      out += c;
    } else if (c == '+' && out.empty()) {
      out += c;
    } else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
      return {};
    }
  }
  return out;
}

bool plausible(std::string_view digits) {
  return digits.size() >= digits_min && digits.size() <= digits_max && digits[0] != '0' &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Fault> refuse() {
  return fault("bad_number",
               "the phone number is not valid: write it as + and the country code, such as "
               "+447700900123");
}

// How long numbers with this beginning are, with the beginning. UK: Ofcom's National Telephone
// Numbering Plan, 07 numbers; North America: NANP, ten digits after the 1.
struct KnownLength {
  std::string_view beginning;
  std::size_t digits;
};
constexpr std::array known_lengths{KnownLength{"447", 12}, KnownLength{"1", 11}};

Result<E164> of_known_length(Result<E164> number) {
  if (!number) return number;
  for (const KnownLength& k : known_lengths) {
    const std::string_view digits = number->digits();
    if (!digits.starts_with(k.beginning) || digits.size() == k.digits) continue;
    return fault(
        "bad_number",
        fmt::format("the phone number is {} digit(s) {}: compare it with the original",
                    digits.size() < k.digits ? k.digits - digits.size() : digits.size() - k.digits,
                    digits.size() < k.digits ? "short" : "too long"));
  }
  return number;
}

}  // namespace

Result<E164> E164::typed(std::string_view text) {
  return of_known_length(parse(text));
}

Result<E164> E164::typed(std::string_view text, const NumberPlan& plan) {
  return of_known_length(parse(text, plan));
}

Result<E164> E164::parse(std::string_view text) {
  const std::string s = squeeze(text);
  if (s.empty() || s[0] != '+' || !plausible(std::string_view(s).substr(1))) return refuse();
  return E164(s);
}

Result<E164> E164::parse(std::string_view text, const NumberPlan& plan) {
  std::string s = squeeze(text);
  if (s.empty()) return refuse();
  if (s[0] != '+') {
    if (s.starts_with("00")) {
      s = "+" + s.substr(2);
    } else if (!plan.trunk_prefix.empty() && s.starts_with(plan.trunk_prefix) &&
               plan.trunk_prefix != plan.country_code) {
      s = "+" + plan.country_code + s.substr(plan.trunk_prefix.size());
    } else if (s.starts_with(plan.country_code) && s.size() > plan.country_code.size() + 7) {
      s = "+" + s;
    } else {
      s = "+" + plan.country_code + s;
    }
  }
  if (!plausible(std::string_view(s).substr(1))) return refuse();
  return E164(s);
}

Result<NumberPlan> number_plan(std::string_view iso) {
  const auto* found = std::find_if(countries.begin(), countries.end(),
                                   [&](const Country& c) { return c.iso == iso; });
  if (found == countries.end()) {
    return fault("unknown_country",
                 fmt::format("country \"{}\" is unknown; write a two-letter code such as GB", iso));
  }
  return NumberPlan{std::string(found->code), std::string(found->trunk)};
}

}  // namespace moodline
