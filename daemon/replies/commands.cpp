// The commands half of RequestReader: whole messages, or closed frames with a fitting argument.
#include <algorithm>

#include "daemon/replies/requests.hpp"
#include "daemon/replies/scene.hpp"

namespace moodline::replies {
namespace {

constexpr std::size_t argument_words_max = 8;
constexpr std::size_t plan_words_min = 2;
constexpr std::size_t whole_words_max = 64;  // no entry is longer, its choices and gaps included

bool is_day(const Tongues& t, const Items& items, std::size_t i, std::size_t& end) {
  for (int d = 0; d < 7; ++d) {
    const auto list = static_cast<L>(static_cast<int>(L::monday) + d);
    if (const auto hit = t.match_any_language(list, items, i)) {
      end = hit.end;
      return true;
    }
  }
  return false;
}

}  // namespace

// "blood pressure 9:00": a measure's name of two or three words, and nothing after the clock time.
bool RequestReader::ends_in_clock(const Items& core) const {
  constexpr std::size_t name_words_max = 3;
  const auto first = std::find_if(core.begin(), core.end(),
                                  [](const Item& i) { return i.kind == Item::Kind::number; });
  if (first == core.end()) return false;
  const auto& tokens = m.text.tokens;
  const std::uint32_t begin = tokens[first->first].begin;
  const std::string_view written =
      std::string_view(m.text.text).substr(begin, tokens[core.back().last - 1].end - begin);
  return first - core.begin() <= static_cast<std::ptrdiff_t>(name_words_max) &&
         written.find(':') != std::string_view::npos &&
         written.find_first_not_of("0123456789: ,apm") == std::string_view::npos;
}

std::string RequestReader::argument(std::size_t from, std::size_t to) const {
  std::size_t polite_end = from;
  while (from < to && polite(from, polite_end) && polite_end <= to) from = polite_end;
  while (to > from) {
    std::size_t end = to;
    bool trimmed = false;
    for (std::size_t i = from; i < to; ++i) {
      if (polite(i, end) && end == to) {
        to = i;
        trimmed = true;
        break;
      }
    }
    if (!trimmed) break;
  }
  if (from >= to) return {};
  const auto& tokens = m.text.tokens;
  const std::uint32_t begin = tokens[items()[from].first].begin;
  const std::uint32_t end = tokens[items()[to - 1].last - 1].end;
  std::string out = m.text.text.substr(begin, end - begin);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

// The rest of a framed command must be what that command takes; otherwise it was no command.
bool RequestReader::argument_fits(Command c, std::size_t from, std::size_t to) const {
  const Items core = core_of(from, to);
  const auto any = [&](auto test) { return std::any_of(core.begin(), core.end(), test); };
  const bool number = any([](const Item& i) { return i.kind == Item::Kind::number; });
  bool day = false;
  bool part = false;
  for (std::size_t i = 0; i < core.size(); ++i) {
    std::size_t end = i;
    day |= is_day(tongues, core, i, end);
    part |= static_cast<bool>(tongues.match_any_language(L::dayparts, core, i));
  }
  switch (c) {
    case Command::time: {
      // The time comes first or second: "8pm", "at 8", "in the morning".
      const bool early = std::any_of(
          core.begin(),
          core.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(core.size())),
          [](const Item& i) { return i.kind == Item::Kind::number; });
      return core.size() <= argument_words_max && (part || early || ends_in_clock(core));
    }
    case Command::days:
      return core.size() <= 2 * argument_words_max && (day || part);
    case Command::pause: {
      const bool span = tongues.match_any_language(L::narrow_pause, core, 0).pattern != nullptr;
      return core.empty() || span || number || day;
    }
    case Command::lang:
      return !core.empty() && tongues.match_any_language(L::languages, core, 0).end == core.size();
    case Command::agree:
    case Command::disagree:
      return core.size() == 1 && core[0].kind == Item::Kind::number;
    case Command::erase:
      return core.empty() || (core.size() == 1 && core[0].kind == Item::Kind::number);
    case Command::unshare:
    case Command::share:
      return !core.empty() && core.size() <= 2 && !number;
    case Command::skip: {
      return core.size() <= 2 && !number;
    }
    case Command::plan:
      return core.size() >= plan_words_min && !items().empty() && items()[0].upper;
    default:
      return true;
  }
}

// "help me", "HELP PLEASE", help again and again, a cry in another language: a person, not a word.
void RequestReader::cry_for_help(Verdict& v) const {
  if (v.command != Command::help) return;
  bool cry = false;
  for (std::size_t i = 0; i < items().size() && !cry; ++i) {
    cry = static_cast<bool>(tongues.match_any_language(L::cry, items(), i, Sep::line));
  }
  if (!cry) return;
  v.safety.tier = std::max(v.safety.tier, Tier::indirect);
  v.safety.hits.push_back({Tier::indirect, "commands.cry_for_help", m.span_of(0, items().size())});
}

std::optional<Request> RequestReader::whole_command() const {
  const Items core = core_of(0, items().size());
  // "help" repeated, politeness and all, is still the whole message.
  for (const Tongue* t : tongues.all) {
    for (const CommandList& c : t->commands) {
      for (const Items* form : {&items(), &core}) {
        if (form->size() > whole_words_max) continue;
        const auto hit = c.whole.match(*form, 0, Sep::line);
        if (!hit || hit.end != form->size()) continue;
        Request r = found(c.command, "commands.whole", 0, items().size());
        if (c.command == Command::lang) r.verdict.arg = argument(0, items().size());
        cry_for_help(r.verdict);
        return r;
      }
    }
  }
  return std::nullopt;
}

std::optional<Request> RequestReader::framed_command() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    for (const CommandList* c : lexicon.commands_from(items()[i].word)) {
      const auto hit = c->frame.match(items(), i);
      if (!hit) continue;
      if (!led_in(i)) break;
      if (auto r = framed(c->command, i, hit.end)) return r;
    }
  }
  return std::nullopt;
}

bool RequestReader::names_measure(std::size_t i) const {
  for (int l = static_cast<int>(first_measure); l <= static_cast<int>(last_measure); ++l) {
    if (tongues.match(static_cast<L>(l), items(), i)) return true;
  }
  return false;
}

// The command whose frame is [begin, end), where its argument fits it.
std::optional<Request> RequestReader::framed(Command c, std::size_t begin, std::size_t end) const {
  const bool short_form = end == begin + 1;
  // "im on holiday for 2 weeks please pause": asked for in the last words.
  const auto closing = [&] { return c == Command::pause && core_of(end, items().size()).empty(); };
  if (short_form && !core_of(0, begin).empty() && !closing()) return std::nullopt;
  const std::size_t clause = clause_end(end - 1, Sep::stop);
  // A time's number may be part of the frame: "text me at 9 instead".
  std::size_t from = end;
  while (c == Command::time && from > begin + 1 && items()[from - 1].kind == Item::Kind::number) {
    --from;
  }
  // "no more sleep questions": the frame names what is to be left out.
  for (std::size_t k = begin + 1; c == Command::skip && k < end; ++k) {
    if (!names_measure(k)) continue;
    from = k;
    break;
  }
  const bool named = c == Command::skip && from < end;
  if (!named && !argument_fits(c, from, clause)) return std::nullopt;
  Request r = found(c, "commands.frame", begin, end);
  r.end = clause;
  r.verdict.arg = argument(from, named ? end : clause);
  if (c == Command::pause && r.verdict.arg.empty()) r.verdict.arg = earlier_span(begin);
  cry_for_help(r.verdict);
  return r;
}

// "im on holiday til the 14th can you pause these": the while may be said before.
std::string RequestReader::earlier_span(std::size_t before) const {
  for (std::size_t i = 0; i < before; ++i) {
    if (tongues.match_any_language(L::narrow_pause, items(), i)) {
      std::size_t end = i + 1;
      while (end < before && items()[end].sep <= Sep::tight) ++end;
      while (end > i + 1) {
        std::size_t from = end;
        if (!tongues.match_before(L::request_lead, items(), end, i, from)) break;
        end = from;
      }
      return argument(i, end);
    }
  }
  return {};
}

std::optional<Request> RequestReader::command() const {
  if (items().empty()) return std::nullopt;
  if (auto r = whole_command()) return r;
  return framed_command();
}

}  // namespace moodline::replies
