#include "config/language_checks.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

namespace moodline::config {
namespace {

using PackProblems = std::vector<PackProblem>;

// Every list a pack may hold. A name that ends in '.' takes any key below it.
constexpr std::array known_lists = std::to_array<std::string_view>({
    "numbers.half_after",
    "numbers.half_before",
    "numbers.half",
    "numbers.point",
    "numbers.minus",
    "numbers.out_of",
    "numbers.out_of_first",
    "numbers.thousand",
    "numbers.hundred",
    "numbers.join",
    "numbers.ordinary",
    "numbers.amount_zero",
    "numbers.pronoun",
    "words.filler",
    "words.cues",
    "words.copula",
    "words.articles",
    "words.approx",
    "words.approx_after",
    "words.negations",
    "words.bounds",
    "words.bounds_after",
    "words.wishes",
    "words.past",
    "words.future",
    "words.usual",
    "words.or",
    "words.to",
    "words.between",
    "words.today",
    "words.yesterday",
    "words.last_night",
    "words.meter_ends",
    "words.meter_says",
    "words.months",
    "words.time_before",
    "words.time_after",
    "words.identifiers",
    "words.weak_identifiers",
    "words.identifier_lead",
    "words.counts",
    "words.singulars",
    "words.count_verbs",
    "words.count_before",
    "words.count_after",
    "words.not_plural",
    "words.adjectives",
    "words.people",
    "words.third_person",
    "words.tells",
    "words.guesses",
    "words.child",
    "words.results",
    "words.all",
    "words.yes",
    "words.no",
    "words.not_yet",
    "words.lot",
    "words.very_bad",
    "words.very_bad_lead",
    "words.best_ever",
    "words.particles",
    "words.sequence",
    "words.top_words",
    "words.agreeable",
    "words.ages",
    "words.but",
    "words.manners",
    "words.thanks",
    "words.questions",
    "words.doubt",
    "words.idioms",
    "words.same_as",
    "words.subject",
    "words.than",
    "words.modals",
    "words.conditions",
    "words.past_copula",
    "words.past_after",
    "words.gives",
    "words.gives_ours",
    "words.states",
    "words.number_states",
    "words.asks_open",
    "words.asks_after",
    "words.others",
    "words.hedges",
    "words.own_subjects",
    "words.denied_after",
    "words.mark_for",
    "optout.after",
    "optout.determiners",
    "optout.object_ok",
    "optout.goes_on",
    "optout.doubts",
    "optout.us",
    "words.laughs",
    "words.slips",
    "words.bare",
    "words.media",
    "words.dictated",
    "words.text_speak_before",
    "words.text_speak_after",
    "words.sleep_times",
    "words.feelings",
    "words.text_speak_start",
    "words.text_speak_last",
    "words.scale_lead",
    "words.introductions",
    "corrections.strong",
    "corrections.weak",
    "corrections.alone",
    "corrections.after",
    "corrections.none",
    "corrections.not",
    "corrections.from",
    "optout.words",
    "optout.near",
    "optout.near_words",
    "optout.frames",
    "optout.lead",
    "optout.tail",
    "optout.plain",
    "optout.blockers",
    "optout.blockers_hard",
    "optout.openers",
    "optout.concludes",
    "optout.not_ours",
    "optout.speaks_for",
    "optout.expletives",
    "optout.hold",
    "optout.hold_frames",
    "optout.never",
    "optout.narrow_time",
    "optout.narrow_pause",
    "optout.narrow_other",
    "optout.narrow_about",
    "optout.narrow_data",
    "optout.narrow_spoken_for",
    "optout.therefore",
    "optout.politeness",
    "optout.alone",
    "optout.request_lead",
    "words.languages",
    "words.dayparts",
    "optout.cry",
    "optout.wrong",
    "optout.slip",
    "optout.deceased",
    "machine.whole",
    "machine.frames",
    "machine.unsure",
    "machine.buttons",
    "machine.signatures",
    "machine.reactions",
    "machine.unreactions",
    "machine.edits",
    "numbers.own_language",
    "words.now",
    "words.units.",
    "words.measures.",
    "words.days.",
    "words.aliases.",
    "commands.",
    "classes.",
});

bool known(std::string_view name) {
  return std::any_of(known_lists.begin(), known_lists.end(), [&](std::string_view k) {
    return k.ends_with('.') ? name.starts_with(k) : name == k;
  });
}

void check_brackets(const PackPhrase& p, const LanguagePack& pack, PackProblems& problems) {
  std::string open;
  std::string class_name;
  for (const char c : p.written) {
    if (c == '(' || c == '[' || c == '{') {
      open += c;
      class_name.clear();
    } else if (c == ')' || c == ']' || c == '}') {
      const char want = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open.empty() || open.back() != want) {
        problems.push_back(
            {p.place, "has a stray '" + std::string(1, c) + "'; close what was opened"});
        return;
      }
      open.pop_back();
      if (c == '}' && class_name != "quote" && class_name != "emoji" && class_name != "rest" &&
          pack.list("classes." + class_name).empty()) {
        problems.push_back(
            {p.place, "{" + class_name + "} is unknown; list it under classes.yaml"});
      }
    } else {
      class_name += c;
    }
  }
  if (!open.empty()) problems.push_back({p.place, "has a bracket that does not close"});
}

std::string shown(Decimal d) {
  return to_text(d);
}

}  // namespace

void check_pack(const LanguagePack& pack, PackProblems& problems) {
  std::unordered_map<std::string, const PackNumber*> values;
  for (const PackNumber& n : pack.numbers) {
    const auto [it, fresh] = values.emplace(n.phrase, &n);
    if (!fresh && it->second->value != n.value) {
      problems.push_back({n.place, "\"" + n.phrase + "\" is " + shown(it->second->value) +
                                       " on line " + std::to_string(it->second->place.line) +
                                       " and " + shown(n.value) + " here; a word has one value"});
    }
  }
  std::unordered_map<std::string, std::string> commands;
  for (const auto& [name, list] : pack.lists) {
    if (!known(name)) {
      const Place at = list.empty() ? Place{pack.code + "/" + name, 1, 1} : list.front().place;
      problems.push_back(
          {at, "list \"" + name + "\" is unknown; see docs/replies.md for the names"});
    }
    const bool whole = name.starts_with("commands.") && name.ends_with(".whole");
    const bool acts = whole || name == "optout.words";
    for (const PackPhrase& p : list) {
      check_brackets(p, pack, problems);
      if (!acts) continue;
      if (values.contains(p.phrase)) {
        problems.push_back({p.place, "\"" + p.written +
                                         "\" is a number word and a command; "
                                         "keep it as one of the two"});
      }
      const auto [it, fresh] = commands.emplace(p.phrase, name);
      if (!fresh && it->second != name) {
        problems.push_back({p.place, "\"" + p.written + "\" stands under " + it->second + " and " +
                                         name + "; a phrase is one command"});
      }
    }
  }
}

}  // namespace moodline::config
