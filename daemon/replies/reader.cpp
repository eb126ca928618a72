#include "daemon/replies/reader.hpp"

#include <algorithm>
#include <utility>

#include "daemon/replies/blood_pressure.hpp"
#include "daemon/replies/corrections.hpp"
#include "daemon/replies/days.hpp"
#include "daemon/replies/labels.hpp"
#include "daemon/replies/machine.hpp"
#include "daemon/replies/masks.hpp"
#include "daemon/replies/requests.hpp"
#include "daemon/replies/resolve.hpp"
#include "daemon/replies/several.hpp"
#include "daemon/replies/yes_no.hpp"

namespace moodline::replies {

struct Reader::Parts {
  Lexicon lexicon;
  SafetyScanner safety;
};

namespace {

constexpr std::size_t parts_max = 4;        // of a text with two requests
constexpr std::ptrdiff_t numbers_max = 24;  // no honest answer holds more

using Skips = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

struct Pass {
  const Lexicon& lexicon;
  const SafetyScanner& safety;
  const Context& context;
  Tongues tongues;
  std::string_view original;
  mutable std::vector<int> known_words{};  // of the one text, by token

  [[nodiscard]] Message message(const rules::Normalised& text, const Skips& skip) const {
    return build_message(text, original, lexicon, tongues, skip, &known_words);
  }
  [[nodiscard]] bool yes_no_asked() const {
    return context.questions.size() == 1 && context.questions[0].shape == Shape::yes_no;
  }
  // Steps 5 to 9: what is left of the text once requests are gone.
  [[nodiscard]] Verdict answer(Message m) const {
    if (context.questions.empty()) return words_only(m);
    if (too_many_numbers(m)) return unclear("resolve.too_many", m.span_of(0, m.items.size()));
    Scene scene{m, lexicon, tongues, context};
    if (yes_no_asked()) {
      mask_non_answers(scene);
      if (auto v = resolve_yes_no(scene)) return *v;
      return words_only(m);
    }
    if (only_pressure(scene)) {
      if (auto v = resolve_pressure(scene)) return *v;
      return words_only(m);
    }
    if (auto v = read_meter_word(scene)) return *v;
    Message untouched = m;
    mask_non_answers(scene);
    const CorrectionResult correction = read_correction(scene);
    if (correction.decided) return *correction.decided;
    std::optional<Verdict> v =
        context.questions.size() == 1 ? resolve_single(scene) : resolve_several(scene);
    if (!v && context.questions.size() == 1) {
      v = amount_zero(scene);
      if (!v) v = read_label(scene, 0);
    }
    if (!v) v = same_as_before(scene);
    if (!v) return words_only(m);
    if (correction.correction) as_correction(scene, correction, *v);
    return *v;
  }
  [[nodiscard]] static bool too_many_numbers(const Message& m) {
    const auto numbers = std::count_if(m.items.begin(), m.items.end(),
                                       [](const Item& i) { return i.kind == Item::Kind::number; });
    return numbers > numbers_max;
  }
  void as_correction(const Scene& scene, const CorrectionResult& c, Verdict& v) const {
    if (v.kind != Kind::reading && v.kind != Kind::readings) return;
    if (!context.something_to_correct) return;
    v.for_day = day_anywhere(scene);
    v.kind = Kind::correction;
    v.rule = "correction." + v.rule;
    if (c.span.end > c.span.begin) v.spans.insert(v.spans.begin(), c.span);
  }
  // "none", "nil" for an amount or a scale that begins at 0: the whole message.
  [[nodiscard]] std::optional<Verdict> amount_zero(const Scene& s) const {
    if (context.questions[0].min != Decimal{}) return std::nullopt;
    for (std::size_t i = 0; i < s.items().size(); ++i) {
      const auto hit = tongues.match(L::amount_zero, s.items(), i);
      if (hit && s.filler_outside(i, hit.end)) {
        return judge_value(s, 0, Decimal{}, s.m.span_of(i, hit.end), "resolve.none");
      }
    }
    return std::nullopt;
  }
  // "same as yesterday": an answer that names no value.
  static std::optional<Verdict> same_as_before(const Scene& s) {
    for (std::size_t i = 0; i < s.items().size(); ++i) {
      const auto hit = s.tongues.match(L::same_as, s.items(), i);
      if (hit && s.filler_outside(i, hit.end)) {
        return unclear("words.same", s.m.span_of(i, hit.end));
      }
    }
    return std::nullopt;
  }
  // Step 9: words are a note; no words at all, a bare yes or a lone masked number is unclear.
  [[nodiscard]] Verdict words_only(const Message& m) const {
    const std::size_t size = m.items.size();
    bool bare = true;
    for (std::size_t i = 0; i < size;) {
      const auto hit = tongues.match_any_language(L::bare, m.items, i);
      const bool word = m.items[i].kind == Item::Kind::word;
      bare = bare && (hit || !word);
      i = std::max(hit.end, i + 1);
    }
    const Span all = m.span_of(0, size);
    if (size == 0) return unclear("words.none", all);
    if (!m.has_words() || bare) return unclear("words.none", all);
    Verdict v;
    v.kind = Kind::note_only;
    v.rule = "words.note";
    v.spans.push_back(all);
    return v;
  }
  // A request and a number in one text: both are carried out.
  void keep_number(const rules::Normalised& text, Skips skip, const Message& m, const Request& r,
                   Verdict& v) const {
    if (r.begin == 0 && r.end >= m.items.size()) return;
    const auto& tokens = m.text.tokens;
    skip.emplace_back(tokens[m.items[r.begin].first].begin,
                      tokens[m.items[r.end - 1].last - 1].end);
    const Verdict kept = answer(message(text, skip));
    if (kept.kind == Kind::reading || kept.kind == Kind::readings) keep(kept, v);
  }
  // What stands beside an opt-out is carried out too: "stop texting me and delete my data".
  void also(const rules::Normalised& text, Skips skip, const Message& m, const Request& r,
            Verdict& v) const {
    if (v.command != Command::stop || (r.begin == 0 && r.end >= m.items.size())) return;
    const auto& tokens = m.text.tokens;
    skip.emplace_back(tokens[m.items[r.begin].first].begin,
                      tokens[m.items[r.end - 1].last - 1].end);
    Message rest = message(text, skip);
    trim_joins(rest.items);
    const auto second = RequestReader{rest, lexicon, tongues, context}.command();
    if (!second || !beside_stop(second->verdict.command)) return;
    take_second(second->verdict, v);
  }
  // After STOP nothing of the schedule can be asked for; what is about their data still is.
  static bool beside_stop(Command c) {
    return c == Command::help || c == Command::erase || c == Command::data ||
           c == Command::unshare || c == Command::who || c == Command::log || c == Command::undo;
  }
  static void take_second(const Verdict& second, Verdict& v) {
    v.also_command = second.command;
    v.also_arg = second.arg;
    v.safety.tier = std::max(v.safety.tier, second.safety.tier);
    v.safety.hits.insert(v.safety.hits.end(), second.safety.hits.begin(), second.safety.hits.end());
    v.spans.insert(v.spans.end(), second.spans.begin(), second.spans.end());
  }
  void trim_joins(Items& items) const {
    const auto joins = [&](const Items& at, std::size_t i) {
      const auto lead = tongues.match_any_language(L::optout_lead, at, i);
      const auto polite = tongues.match_any_language(L::politeness, at, i);
      return std::max(lead.end, polite.end);
    };
    while (!items.empty()) {
      const std::size_t end = joins(items, 0);
      if (end == 0) break;
      items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(end));
    }
    while (!items.empty() && joins(items, items.size() - 1) == items.size()) items.pop_back();
  }
  // Two commands, or a command and an answer, each in a part of its own: every part must be one
  // or the other, so that words about something else never hold a command.
  [[nodiscard]] std::optional<Verdict> requests_by_part(const rules::Normalised& text, Skips skip,
                                                        const Message& m) const {
    if (auto v = help_again(m)) return v;
    std::vector<std::size_t> ends;
    for (std::size_t i = 1; i < m.items.size(); ++i) {
      if (m.items[i].sep >= Sep::comma || joined_here(m.items, i)) ends.push_back(i);
      if (ends.size() >= parts_max) return std::nullopt;
    }
    ends.push_back(m.items.size());
    if (ends.size() < 2) return std::nullopt;
    std::vector<Verdict> found;
    bool other = false;
    std::size_t from = 0;
    for (const std::size_t to : ends) {
      Message part = m;
      part.items.assign(m.items.begin() + static_cast<std::ptrdiff_t>(from),
                        m.items.begin() + static_cast<std::ptrdiff_t>(to));
      trim_joins(part.items);
      const auto r = RequestReader{part, lexicon, tongues, context}.command();
      if (r && r->begin == 0 && r->end >= part.items.size()) {
        found.push_back(r->verdict);
        const auto& tokens = m.text.tokens;
        skip.emplace_back(tokens[m.items[from].first].begin, tokens[m.items[to - 1].last - 1].end);
      } else {
        other |= !part.items.empty();
      }
      from = to;
    }
    if (found.empty() || found.size() > 2 || (found.size() == 1 && !other)) return std::nullopt;
    // "scrap that, 2" corrects; it does not take back and answer.
    const bool corrects = std::any_of(found.begin(), found.end(), [](const Verdict& f) {
      return f.command == Command::undo || f.command == Command::wrong;
    });
    if (corrects && other) return std::nullopt;
    Verdict v = found.front();
    if (found.size() == 2 && found[1].command != v.command) take_second(found[1], v);
    if (!other) return v;
    const Verdict kept = answer(message(text, skip));
    if (kept.kind != Kind::reading && kept.kind != Kind::readings) return std::nullopt;
    keep(kept, v);
    return v;
  }
  // "help! help! help!": the word alone, sentence after sentence: a person, not a word.
  [[nodiscard]] std::optional<Verdict> help_again(const Message& m) const {
    const bool same = std::all_of(m.items.begin(), m.items.end(), [&](const Item& item) {
      return item.word != 0 && item.word == m.items.front().word;
    });
    if (m.items.size() < 2 || !same) return std::nullopt;
    Message once = m;
    once.items.resize(1);
    auto r = RequestReader{once, lexicon, tongues, context}.command();
    if (!r || r->verdict.command != Command::help) return std::nullopt;
    const Span whole = m.span_of(0, m.items.size());
    r->verdict.spans = {whole};
    r->verdict.safety.tier = std::max(r->verdict.safety.tier, Tier::indirect);
    r->verdict.safety.hits.push_back({Tier::indirect, "commands.cry_for_help", whole});
    return r->verdict;
  }
  // "pause 3 days and text me at 8": a joining word in front of another command.
  [[nodiscard]] bool joined_here(const Items& items, std::size_t i) const {
    return tongues.match_any_language(L::join, items, i).end == i + 1 && i + 1 < items.size() &&
           lexicon.starts_command(items[i + 1].word);
  }
  static void keep(const Verdict& kept, Verdict& v) {
    v.measure = kept.measure;
    v.value = kept.value;
    v.values = kept.values;
    v.alarm = kept.alarm;
  }
  // "stop fucking texting me": the same request, and an oath in it.
  [[nodiscard]] std::optional<Verdict> request_with_oaths(const rules::Normalised& text,
                                                          const Skips& skip,
                                                          const Message& m) const {
    Message calm = m;
    calm.items.clear();
    Sep before = Sep::none;
    for (const Item& item : m.items) {
      const auto has = [&](const Tongue* t) {
        return t->list(L::optout_expletives).has(item.word);
      };
      before = std::max(before, item.sep);
      if (std::any_of(tongues.all.begin(), tongues.all.end(), has)) continue;
      calm.items.push_back(item);
      calm.items.back().sep = std::exchange(before, Sep::none);
    }
    if (calm.items.size() == m.items.size() || calm.items.empty()) return std::nullopt;
    auto found = RequestReader{calm, lexicon, tongues, context}.opt_out();
    if (!found || found->verdict.command != Command::stop) return std::nullopt;
    keep_number(text, skip, calm, *found, found->verdict);
    also(text, skip, calm, *found, found->verdict);
    return found->verdict;
  }
  [[nodiscard]] std::optional<Verdict> request(const rules::Normalised& text, const Skips& skip,
                                               const Message& m) const {
    const RequestReader reader{m, lexicon, tongues, context};
    auto opt_out = reader.opt_out();
    if (!opt_out) {
      if (auto v = request_with_oaths(text, skip, m)) return v;
    }
    if (opt_out && opt_out->verdict.kind != Kind::unclear) {
      keep_number(text, skip, m, *opt_out, opt_out->verdict);
      also(text, skip, m, *opt_out, opt_out->verdict);
      return opt_out->verdict;
    }
    if (auto parts = requests_by_part(text, skip, m)) {
      if (opt_out) parts->hold = true;
      return parts;
    }
    if (auto command = reader.command(); command && !answers_yes_no(m, command->verdict)) {
      if (command->verdict.command == Command::undo && !opt_out) {
        // "cancel that last one, 8" takes back and answers: a correction.
        const Kind whole = answer(m).kind;
        if (whole == Kind::correction || whole == Kind::reading) return std::nullopt;
      }
      keep_number(text, skip, m, *command, command->verdict);
      if (opt_out) command->verdict.hold = true;
      return command->verdict;
    }
    if (!opt_out) return std::nullopt;
    // Held words do not hide a number that was also sent.
    keep_number(text, skip, m, *opt_out, opt_out->verdict);
    return opt_out->verdict;
  }
  // "not today", "later please": to a yes-or-no question these are its answer, no command.
  [[nodiscard]] bool answers_yes_no(Message m, const Verdict& command) const {
    const bool may = command.command == Command::skip || command.command == Command::time ||
                     command.command == Command::pause || command.command == Command::resume;
    if (!may || !yes_no_asked() || !command.arg.empty()) return false;
    Scene scene{m, lexicon, tongues, context};
    const auto v = resolve_yes_no(scene);
    return v && v->rule != "yes_no.question";
  }
  [[nodiscard]] Verdict run() const {
    const rules::Normalised text = rules::normalise(original);
    const Message plain = message(text, {});
    const MachineResult machine = read_machine(plain, tongues, context);
    SafetyContext scan;
    scan.machine = machine.decided.has_value() && !machine.unsure;
    scan.yes_no_asked = yes_no_asked();
    for (const std::string& sent : context.sent) scan.sent.push_back(rules::normalise(sent));
    const SafetyScan found = safety.scan(text, scan);
    const bool risk = found.safety.flagged() || found.deceased;
    if (machine.decided && !(machine.unsure && risk)) return *machine.decided;
    const Message m = machine.skip.empty() ? plain : message(text, machine.skip);
    std::optional<Verdict> v = request(text, machine.skip, m);
    if (!v) v = answer(m);
    flag(found, *v);
    if (machine.edited && v->kind == Kind::reading) {
      v->kind = Kind::correction;
      v->edited = true;
    }
    return *v;
  }
  static bool overdose(const SafetyScan& found) {
    return std::any_of(found.safety.hits.begin(), found.safety.hits.end(), [](const SafetyHit& h) {
      return h.rule.find("/danger/overdose") != std::string::npos;
    });
  }
  static void flag(const SafetyScan& found, Verdict& v) {
    Safety mine = std::move(v.safety);
    v.safety = found.safety;
    v.safety.tier = std::max(v.safety.tier, mine.tier);
    v.safety.hits.insert(v.safety.hits.end(), mine.hits.begin(), mine.hits.end());
    v.do_not_reply = found.safety.do_not_reply || found.deceased;
    v.hold = v.hold || found.hold || found.safety.do_not_reply || found.deceased;
    v.deceased = found.deceased;
    const bool nothing_else = v.kind == Kind::note_only || v.kind == Kind::unclear;
    // "took the whole packet" answers no question about one dose.
    if (v.kind == Kind::reading && v.rule.starts_with("yes_no.") && overdose(found)) {
      v.value.reset();
      v.kind = Kind::note_only;
      return flag(found, v);
    }
    if (v.safety.flagged() && nothing_else && !v.value && v.values.empty()) {
      v.kind = Kind::safety;
      v.ask = Ask::none;
      // What decided is the pattern of the highest tier, and the words it matched.
      const auto top =
          std::max_element(v.safety.hits.begin(), v.safety.hits.end(),
                           [](const SafetyHit& a, const SafetyHit& b) { return a.tier < b.tier; });
      if (top != v.safety.hits.end()) {
        v.rule = "safety." + top->rule;
        v.spans = {top->span};
      }
    }
  }
};

}  // namespace

Reader::Reader(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems)
    : parts_(new Parts{Lexicon(packs, problems), SafetyScanner::compile(packs, problems)}) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Verdict Reader::read(std::string_view text, const Context& context) const {
  return Pass{parts_->lexicon, parts_->safety, context, Tongues(parts_->lexicon, context.languages),
              text}
      .run();
}

}  // namespace moodline::replies
