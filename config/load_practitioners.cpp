// practitioners.yaml: who may be told, when they are there, and who stands behind them.
#include <fmt/format.h>

#include <algorithm>

#include "config/friends.hpp"
#include "config/loader.hpp"

namespace moodline::config {
namespace {
const FieldTable& fields() {
  static const FieldTable t = {
      {"id", FieldType::text, true, "", "name in other files"},
      {"name", FieldType::text, true, "", "as the person and colleagues see it"},
      {"initials", FieldType::text, true, "", "up to 4 letters"},
      {"number", FieldType::number, false, "", "quoted, in E.164"},
      {"email", FieldType::text, false, "", "alerts and digests go there too"},
      {"timezone", FieldType::text, true, "", "IANA zone of the hours"},
      {"languages", FieldType::texts, false, "", "the service's first where left out"},
      {"roles",
       FieldType::texts,
       true,
       "",
       "what they may be",
       {},
       {},
       {"practitioner", "deputy", "lead", "duty", "admin", "friend"}},
      {"holidays", FieldType::texts, false, "", "quoted dates with no hours"},
      {"deputy", FieldType::text, false, "", "id of who stands in"},
      {"lead", FieldType::text, false, "", "id of who is told last"},
      {"daily_cap", FieldType::integer, false, "20", "routine alert texts a day", Decimal::of(1),
       Decimal::of(500)},
  };
  return t;
}

void add_span(Loader& l, const Node& n, std::vector<HoursSpan>& spans) {
  if (n.bad) return;
  const auto span = n.is_scalar() ? span_from(n.text) : std::nullopt;
  if (!span) {
    l.add(n.place, n.path, "is not a span of a day",
          "write one such as \"09:00-17:00\", and over midnight two, such as \"20:00-24:00\"");
    return;
  }
  if (!spans.empty() && span->opens < spans.back().closes) {
    l.add(n.place, n.path, "begins before the span before it ends", "write spans in order, apart");
    return;
  }
  spans.push_back({span->opens, span->closes});
}

void read_hours(Loader& l, const Node& n, Practitioner& p) {
  const Node* hours = l.map(n, "hours", true);
  if (hours == nullptr) return;
  std::vector<std::string> names;
  names.reserve(7);
  for (int d = 0; d < 7; ++d) names.emplace_back(short_name(static_cast<Weekday>(d)));
  for (const Entry& e : hours->entries) {
    const auto day = weekday_from_name(e.key);
    if (!day || std::find(names.begin(), names.end(), e.key) == names.end()) {
      l.add(e.place, hours->path, quote(e.key) + " is not a weekday", suggestion(e.key, names));
      continue;
    }
    if (e.value.is_list()) {
      for (const Node& item : e.value.items) add_span(l, item, p.hours[*day]);
    } else {
      add_span(l, e.value, p.hours[*day]);
    }
  }
  if (hours->entries.empty()) {
    l.add(hours->place, hours->path, "names no hours, so routine alerts would never leave",
          "write the hours of at least one weekday");
  }
}

std::optional<LocalDate> date_value(Loader& l, const Node& n, const std::string& text) {
  const auto d = date_from_iso(text);
  if (!d && !n.bad) {
    l.add(n.place, n.path, quote(text) + " is not a date",
          "write a quoted date such as \"2026-12-25\"");
  }
  return d;
}

void read_absence(Loader& l, const Node& n, Practitioner& p) {
  static const FieldTable leave = {{"from", FieldType::date, true, "", "the first day away"},
                                   {"to", FieldType::date, true, "", "the last day away"}};
  if (const Node* days = n.find("holidays"); days != nullptr && days->is_list()) {
    for (const Node& item : days->items) {
      if (!item.is_scalar()) continue;
      if (const auto d = date_value(l, item, item.text)) p.holidays.push_back(*d);
    }
  }
  for (const Node& item : l.list(n, "leave", false)) {
    const Block b = read_block(item, leave, l.problems);
    const auto from = date_from_iso(b.text("from"));
    const auto to = date_from_iso(b.text("to"));
    if (!from || !to) continue;
    if (*to < *from) {
      l.add(item.place, item.path, "ends before it begins", "write from: before to:");
      continue;
    }
    p.leave.push_back({*from, *to});
  }
  std::sort(p.holidays.begin(), p.holidays.end());
}

Practitioner read_one(Loader& l, const Node& n, std::set<std::string>& seen) {
  const Block b = read_block(n, fields(), l.problems, {"hours", "leave"});
  Practitioner p;
  p.place = n.place;
  p.id = l.identifier(n, b, "id", seen);
  p.name = b.text("name");
  p.initials = b.text("initials");
  if (p.initials.size() > 4) {
    l.add(b.place("initials"), n.path + ".initials", "is longer than 4 letters", "shorten it");
  }
  if (auto number = E164::typed(b.text("number"))) p.number = *number;
  p.email = b.text("email");
  if (!p.email.empty() && (p.email.find('@') == std::string::npos || p.email.size() > 254 ||
                           p.email.find_first_of(" \r\n<>,") != std::string::npos)) {
    l.add(b.place("email"), n.path + ".email", "is not an email address",
          "write one such as \"sam@example.org\"");
  }
  if (n.is_map() && n.find("number") == nullptr && n.find("email") == nullptr) {
    l.add(n.place, n.path, "has neither number nor email, so nothing could reach them",
          "add number: in quotes");
  }
  p.timezone = b.text("timezone");
  check_zone(l, p.timezone, b.place("timezone"), n.path + ".timezone");
  p.languages = b.texts("languages");
  for (const std::string& language : p.languages) {
    if (std::find(l.languages.begin(), l.languages.end(), language) == l.languages.end()) {
      l.add(b.place("languages"), n.path + ".languages",
            fmt::format("language {} is not one of the service's", quote(language)),
            suggestion(language, l.languages));
    }
  }
  if (p.languages.empty()) p.languages = {l.languages.front()};
  p.roles = b.texts("roles");
  p.deputy = b.text("deputy");
  p.lead = b.text("lead");
  p.daily_cap = static_cast<int>(b.integer("daily_cap"));
  read_hours(l, n, p);
  read_absence(l, n, p);
  return p;
}

/// A friend is told less than anybody who works here, so they can stand behind nobody.
void check_friend(Loader& l, const Node& n, const Practitioner& p) {
  if (!is_friend(p)) return;
  if (p.roles.size() > 1) {
    l.add(n.find("roles")->place, n.path + ".roles", "makes a friend something else, too",
          "write roles: [friend], and another entry for the other role");
  }
  for (const char* key : {"deputy", "lead"}) {
    if (const Node* at = n.find(key); at != nullptr) {
      l.add(at->place, at->path, "puts somebody behind a friend, whom the person did not choose",
            fmt::format("remove {}", key));
    }
  }
}

void check_behind(Loader& l, const Node& n, const Practitioner& p,
                  const std::vector<std::string>& ids) {
  for (const auto& [key, id] : {std::pair<std::string, std::string>{"deputy", p.deputy},
                                std::pair<std::string, std::string>{"lead", p.lead}}) {
    if (id.empty()) continue;
    const Node* at = n.find(key);
    if (id == p.id) {
      l.add(at->place, at->path, fmt::format("{} stands behind themselves", quote(id)),
            "name somebody else");
    } else if (l.service.practitioner(id) == nullptr) {
      l.add(at->place, at->path, fmt::format("{} is not a practitioner here", quote(id)),
            suggestion(id, ids));
    } else if (is_friend(*l.service.practitioner(id))) {
      l.add(at->place, at->path, fmt::format("{} is a friend, who is told less", quote(id)),
            "name somebody who works for the service");
    }
  }
}

bool overlaps(const Leave& a, const Leave& b) {
  return a.from <= b.to && b.from <= a.to;
}

/// Leave with nobody there: no deputy and no lead, or all of them away on a common day.
void check_leave(Loader& l, const Node& n, const Practitioner& p) {
  for (std::size_t i = 0; i < p.leave.size(); ++i) {
    const Node* list = n.find("leave");
    const Place place = list != nullptr ? list->place : n.place;
    const std::string path = fmt::format("{}.leave[{}]", n.path, i);
    bool covered = false;
    for (const std::string& id : {p.deputy, p.lead}) {
      const Practitioner* other = id == p.id ? nullptr : l.service.practitioner(id);
      covered = covered || (other != nullptr &&
                            std::none_of(other->leave.begin(), other->leave.end(),
                                         [&](const Leave& o) { return overlaps(o, p.leave[i]); }));
    }
    if (!covered) {
      l.add(place, path,
            fmt::format("{} is away from {} and nobody behind them is there", p.id,
                        to_iso(p.leave[i].from)),
            "name a deputy or lead who is not away then");
    }
  }
}
}  // namespace

void load_practitioners_file(Loader& l, const Node& top) {
  l.format(top, "practitioners");
  read_block(top, {{"format", FieldType::text}}, l.problems, {"practitioners"});
  std::set<std::string> seen;
  std::map<std::string, std::string> numbers;
  const std::vector<Node>& nodes = l.list(top, "practitioners", true);
  for (const Node& n : nodes) {
    Practitioner p = read_one(l, n, seen);
    if (p.number && !numbers.emplace(p.number->str(), p.id).second) {
      l.add(n.find("number")->place, n.path + ".number",
            fmt::format("is also the number of {}", numbers[p.number->str()]),
            "give each practitioner their own number, so that ACK has one owner");
    }
    l.service.practitioners.push_back(std::move(p));
  }
  std::vector<std::string> ids;
  for (const Practitioner& p : l.service.practitioners) ids.push_back(p.id);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    check_friend(l, nodes[i], l.service.practitioners[i]);
    check_behind(l, nodes[i], l.service.practitioners[i], ids);
    if (!is_friend(l.service.practitioners[i]))
      check_leave(l, nodes[i], l.service.practitioners[i]);
  }
}

}  // namespace moodline::config
