#include "daemon/replies/units.hpp"

namespace moodline::replies {
namespace {

// Multiples of the first unit that make one of the second; as integers, so that nothing is lost.
struct Conversion {
  L from, to;
  std::int64_t numerator, denominator;
};
constexpr Conversion conversions[] = {
    {L::unit_minutes, L::unit_hours, 1, 60},
    {L::unit_hours, L::unit_minutes, 60, 1},
    {L::unit_lb, L::unit_kg, 45'359'237, 100'000'000},
    {L::unit_stone, L::unit_kg, 635'029'318, 100'000'000},
    {L::unit_kg, L::unit_lb, 100'000'000, 45'359'237},
    {L::unit_stone, L::unit_lb, 14, 1},
    {L::unit_mgdl, L::unit_mmol, 1'000'000, 18'018'200},  // glucose: 18.0182 mg/dL is 1 mmol/L
    {L::unit_mmol, L::unit_mgdl, 18'018'200, 1'000'000},
};

std::string_view short_name(L unit) {
  switch (unit) {
    case L::unit_minutes:
      return "min";
    case L::unit_hours:
      return "h";
    case L::unit_lb:
      return "lb";
    case L::unit_stone:
      return "st";
    case L::unit_kg:
      return "kg";
    case L::unit_mgdl:
      return "mg/dL";
    default:
      return "mmol/L";
  }
}

std::int64_t rounded(std::int64_t micro, std::int64_t step) {
  if (step <= 0) return micro;
  return (micro + step / 2) / step * step;
}

}  // namespace

bool in_unit_of(const Scene& s, std::size_t q, const Item& item, Candidate& c) {
  const auto& own = s.names[q].unit;
  if (!own) return false;
  c.bound = true;
  if (*own == *item.unit) return true;
  for (const Conversion& k : conversions) {
    if (k.from != *item.unit || k.to != *own) continue;
    const Decimal most = Decimal::of(100'000);
    if (item.value > most || item.value < Decimal{}) return false;
    const auto wide = static_cast<__int128>(item.value.micro) * k.numerator / k.denominator;
    c.value = {rounded(static_cast<std::int64_t>(wide), s.context.questions[q].step.micro)};
    c.converted = to_text(item.value) + " " + std::string(short_name(*item.unit));
    return true;
  }
  return false;
}

}  // namespace moodline::replies
