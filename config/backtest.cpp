#include "config/backtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "rules/engine/engine.hpp"

namespace moodline::config {
namespace {
constexpr double ms_a_day = 86'400'000.0;
constexpr double days_a_month = 30.44;
constexpr Millis settle_room = std::chrono::hours{48};  // deadlines after the last row

std::vector<rules::Emitted> run(const rules::RulePtr& rule, const History& h) {
  std::vector<rules::Emitted> all;
  const auto keep = [&](rules::Outcome outcome) {
    for (rules::Emitted& e : outcome.emitted) all.push_back(std::move(e));
  };
  rules::State state = rules::begin(rule, Instant::min(), h.zone);
  for (std::size_t i = 0; i < h.log.size();) {
    std::size_t end = i;
    while (end < h.log.size() && h.log[end].learned == h.log[i].learned) ++end;
    keep(rules::step(state, std::span(h.log).subspan(i, end - i), h.log[i].learned));
    i = end;
  }
  if (!h.log.empty()) keep(rules::advance(state, h.log.back().learned + settle_room));
  return all;
}

struct Tally {
  BacktestCounts counts;
  std::vector<double> open_days;
  std::map<std::string, std::set<std::int32_t>> fire_days;   // person -> local days
  std::map<std::string, std::pair<Instant, Instant>> spans;  // practitioner -> first, last row
};

void add(Tally& t, const rules::RulePtr& rule, const History& h, Instant from) {
  ++t.counts.people;
  if (h.log.empty()) return;
  const Instant first = std::max(h.log.front().learned, from);
  const Instant last = h.log.back().learned;
  if (last > first) {
    t.counts.person_months += static_cast<double>((last - first).count()) / ms_a_day / days_a_month;
  }
  auto& span = t.spans.try_emplace(h.practitioner, std::pair(first, last)).first->second;
  span = {std::min(span.first, first), std::max(span.second, last)};
  std::map<std::uint32_t, Instant> open;
  bool fired = false;
  for (const rules::Emitted& e : run(rule, h)) {
    if (e.type == rules::EmitType::fire && e.at >= from) {
      ++t.counts.fires;
      fired = true;
      open[e.alert] = e.at;
      t.fire_days[h.person].insert(h.zone.local(e.at).date.days);
    } else if (const auto it = open.find(e.alert); it != open.end()) {
      if (e.type != rules::EmitType::clear && e.type != rules::EmitType::withdraw) continue;
      ++t.counts.cleared;
      t.open_days.push_back(static_cast<double>((e.at - it->second).count()) / ms_a_day);
      open.erase(it);
    }
  }
  t.counts.people_with_fire += fired ? 1 : 0;
}

using Own = rules::RulePtr History::*;

Tally tally(const rules::RulePtr& rule, Own own, const std::vector<History>& histories,
            Instant from) {
  Tally t;
  for (const History& h : histories) add(t, h.*own != nullptr ? h.*own : rule, h, from);
  for (const auto& [who, span] : t.spans) {
    if (span.second > span.first) {
      t.counts.practitioner_weeks +=
          static_cast<double>((span.second - span.first).count()) / ms_a_day / 7;
    }
  }
  if (!t.open_days.empty()) {
    std::sort(t.open_days.begin(), t.open_days.end());
    const std::size_t n = t.open_days.size();
    t.counts.median_days_open =
        n % 2 == 1 ? t.open_days[n / 2] : (t.open_days[n / 2 - 1] + t.open_days[n / 2]) / 2;
  }
  return t;
}

std::string number(int n, bool shared) {
  return shared && n > 0 && n <= small_count_max ? "under 5" : std::to_string(n);
}

std::string line(const std::string& rule, const BacktestCounts& c, bool shared) {
  const bool small = shared && c.people_with_fire > 0 && c.people_with_fire <= small_count_max;
  std::string out =
      fmt::format("{}: {} people, {:.1f} person-months; fires {} for {} people", rule,
                  number(c.people, shared), c.person_months,
                  small ? "under 5" : number(c.fires, shared), number(c.people_with_fire, shared));
  if (!small) {
    out += fmt::format("; {:.2f} a person-month, {:.2f} a practitioner-week", c.per_person_month(),
                       c.per_practitioner_week());
    if (c.median_days_open)
      out += fmt::format("; open for {:.1f} days (median)", *c.median_days_open);
  }
  return out + "\n";
}

boost::json::object as_json(const std::string& rule, const BacktestCounts& c, bool shared) {
  boost::json::object out{{"rule", rule}, {"person_months", c.person_months}};
  const auto put = [&](std::string_view name, int n) {
    if (shared && n > 0 && n <= small_count_max) {
      out[name] = nullptr;
    } else {
      out[name] = n;
    }
  };
  put("people", c.people);
  put("people_with_fire", c.people_with_fire);
  if (shared && c.people_with_fire > 0 && c.people_with_fire <= small_count_max) return out;
  put("fires", c.fires);
  out["per_person_month"] = c.per_person_month();
  out["per_practitioner_week"] = c.per_practitioner_week();
  if (c.median_days_open) out["median_days_open"] = *c.median_days_open;
  return out;
}
}  // namespace

double BacktestCounts::per_person_month() const {
  return person_months > 0 ? fires / person_months : 0;
}

double BacktestCounts::per_practitioner_week() const {
  return practitioner_weeks > 0 ? fires / practitioner_weeks : 0;
}

BacktestReport backtest(rules::RulePtr rule, rules::RulePtr against,
                        const std::vector<History>& histories, std::optional<Instant> from) {
  BacktestReport out;
  const Instant start = from.value_or(Instant::min());
  out.rule = fmt::format("{}@{}", rule->id, rule->version);
  for (const History& h : histories) {
    out.own_numbers += h.own != nullptr || h.own_against != nullptr ? 1 : 0;
  }
  const Tally one = tally(rule, &History::own, histories, start);
  out.counts = one.counts;
  if (against == nullptr) return out;
  out.against = fmt::format("{}@{}", against->id, against->version);
  const Tally other = tally(against, &History::own_against, histories, start);
  out.against_counts = other.counts;
  const auto differ = [&](const Tally& a, const Tally& b, const std::string& name) {
    for (const auto& [person, dates] : a.fire_days) {
      const auto it = b.fire_days.find(person);
      for (const std::int32_t d : dates) {
        if (it == b.fire_days.end() || !it->second.contains(d)) {
          out.differ.push_back({person, LocalDate{d}, name});
        }
      }
    }
  };
  differ(one, other, out.rule);
  differ(other, one, out.against);
  std::sort(out.differ.begin(), out.differ.end(), [](const BacktestDate& a, const BacktestDate& b) {
    return std::tie(a.date, a.person, a.in) < std::tie(b.date, b.person, b.in);
  });
  return out;
}

std::string BacktestReport::text(bool shared) const {
  std::string out = line(rule, counts, shared);
  if (against_counts) out += line(against, *against_counts, shared);
  if (own_numbers > 0) {
    out += number(own_numbers, shared) + " of them by numbers of their own\n";
  }
  if (!against_counts) return out;
  out += fmt::format("{} dates differ\n", number(static_cast<int>(differ.size()), shared));
  if (shared) return out;
  for (const BacktestDate& d : differ) {
    out += fmt::format("  {} {}: only {}\n", to_iso(d.date), d.person, d.in);
  }
  return out;
}

std::string BacktestReport::json(bool shared) const {
  boost::json::object out = as_json(rule, counts, shared);
  const bool few = shared && own_numbers > 0 && own_numbers <= small_count_max;
  out["own_numbers"] = few ? boost::json::value(nullptr) : boost::json::value(own_numbers);
  if (against_counts) {
    out["against"] = as_json(against, *against_counts, shared);
    if (!shared) {
      boost::json::array dates;
      for (const BacktestDate& d : differ) {
        dates.push_back({{"date", to_iso(d.date)}, {"person", d.person}, {"only", d.in}});
      }
      out["differ"] = dates;
    }
  }
  return boost::json::serialize(out) + "\n";
}

}  // namespace moodline::config
