// The keywords of an opt-out: alone, as a sentence, shouted, run together, beside a number.
// See docs/replies.md, "Opt-out".
#include <algorithm>

#include "daemon/replies/number_words.hpp"
#include "daemon/replies/requests.hpp"
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

constexpr std::size_t near_letters_min = 4;
constexpr std::size_t keyword_repeats_max = 12;

// "stooop" -> "stop"
std::string squeezed(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (out.empty() || out.back() != c) out += c;
  }
  return out;
}

}  // namespace

bool RequestReader::near_keyword(const Item& item) const {
  // "st0p": a digit between letters is one slip as well; no number is read from it.
  const bool slipped = item.kind == Item::Kind::number && item.mask == Mask::letter_digit &&
                       item.last - item.first == 3;
  const bool glued = item.kind == Item::Kind::number && item.mask == Mask::letter_digit;
  if ((item.kind != Item::Kind::word && !glued) || item.continues) return false;
  std::string joined;
  for (std::uint32_t t = item.first; slipped && t < item.last; ++t) {
    joined += m.text.view(m.text.tokens[t]);
  }
  const std::string_view word = slipped ? std::string_view(joined) : m.word_text(item);
  const std::string drawn = squeezed(word);
  const bool known = item.word != 0;
  // "2stop" is "to stop".
  if (item.mask == Mask::letter_digit && item.last - item.first == 2 &&
      m.text.view(m.text.tokens[item.first]) == "2" &&
      m.text.view(m.text.tokens[item.first + 1]) == "stop") {
    return true;
  }
  for (const Tongue* t : tongues.all) {
    if (t->list(L::optout_near_words).has(item.word)) return false;
    for (const Pattern& p : t->list(L::optout_near).patterns()) {
      if (p.elements.size() != 1) continue;
      for (const int id : p.elements[0].singles) {
        const std::string& keyword = lexicon.word(id);
        if (squeezed(keyword) == drawn && word.size() > keyword.size()) return true;
        if (!known && word.size() >= near_letters_min && one_edit_apart(word, keyword)) return true;
      }
    }
  }
  return false;
}

// "STOPTEXTING", "stopitnow": a keyword and what may follow it, written as one word.
bool RequestReader::run_together(const Item& item) const {
  if (item.kind != Item::Kind::word || item.word != 0) return false;
  std::string_view rest = m.word_text(item);
  if (!rest.starts_with("stop") || rest.size() < 6) return false;
  rest.remove_prefix(4);
  while (!rest.empty()) {
    bool moved = false;
    for (const std::string_view part : {"texting", "texts", "text", "messaging", "messages", "this",
                                        "these", "now", "please", "pls", "all", "it", "me"}) {
      if (!rest.starts_with(part)) continue;
      rest.remove_prefix(part.size());
      moved = true;
      break;
    }
    if (!moved) return false;
  }
  return true;
}

// "S T O P", "s.t.o.p": single letters that spell a keyword.
bool RequestReader::spelt_out(const Items& core) const {
  if (core.size() < 3) return false;
  std::string word;
  for (const Item& item : core) {
    const std::string_view letter = m.word_text(item);
    if (item.kind != Item::Kind::word || letter.size() != 1) return false;
    word += letter;
  }
  const int id = lexicon.id(word);
  return std::any_of(tongues.all.begin(), tongues.all.end(),
                     [&](const Tongue* t) { return t->list(L::optout_words).has(id); });
}

// One keyword, once or many times over, and nothing else.
bool RequestReader::is_keyword(const Items& core, bool strong_only) const {
  if (core.empty()) return false;
  if (spelt_out(core)) return true;
  std::size_t at = 0;
  for (std::size_t n = 0; n < keyword_repeats_max && at < core.size(); ++n) {
    const auto hit = tongues.match_any_language(strong_only ? L::optout_near : L::optout_words,
                                                core, at, Sep::line);
    if (hit) {
      at = hit.end;
    } else if (near_keyword(core[at]) || run_together(core[at])) {
      ++at;
    } else {
      return false;
    }
  }
  return at == core.size();
}

// The whole message, or one sentence of it: "STOP. I'm done", "7. STOP".
std::optional<Request> RequestReader::keyword_sentence() const {
  // Letters one by one, before any of them is taken for a word: "Q U I T".
  std::size_t letters = 0;
  while (letters < items().size() && items()[letters].kind == Item::Kind::word &&
         m.word_text(items()[letters]).size() == 1) {
    ++letters;
  }
  const Items spaced(items().begin(), items().begin() + static_cast<std::ptrdiff_t>(letters));
  if (spelt_out(spaced) && core_of(letters, items().size()).empty()) {
    return found(Command::stop, "optout.keyword", 0, items().size());
  }
  if (is_keyword(core_of(0, items().size()), false)) {
    return found(Command::stop, "optout.keyword", 0, items().size());
  }
  if (const std::size_t end = clause_end(0, laughed() ? Sep::dash : Sep::comma);
      end < items().size() && is_keyword(core_of(0, end), true)) {
    return found(Command::stop, "optout.sentence", 0, end);
  }
  std::size_t last = items().size() - 1;
  while (last > 0 && items()[last].sep < Sep::comma) --last;
  if (last > 0 && !laughed() && is_keyword(core_of(last, items().size()), true)) {
    return found(Command::stop, "optout.sentence", last, items().size());
  }
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::stop)) {
    const std::size_t end = clause_end(i, Sep::stop);
    if (is_keyword(core_of(i, end), true)) {
      return found(Command::stop, "optout.sentence", i, end);
    }
  }
  return std::nullopt;
}

// "stop 😂 im crying", "lol stop": nobody asks us to go.
bool RequestReader::laughed() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (tongues.match_any_language(L::laughs, items(), i)) return true;
  }
  return false;
}

// "stop please my phone is full", "stop or i will complain", "stop thanks for everything": the
// keyword opens the message, and what follows cannot be what should stop.
std::optional<Request> RequestReader::opening_keyword() const {
  std::size_t i = 0;
  for (std::size_t end = 0; i < items().size() && polite(i, end); i = end) {
  }
  const auto hit = tongues.match_any_language(L::optout_near, items(), i);
  if (!hit || laughed()) return std::nullopt;
  std::size_t next = hit.end;
  for (std::size_t end = next; next < items().size() && polite(next, end); next = end) {
  }
  const bool asked = next > hit.end && items()[next - 1].kind == Item::Kind::word;
  if (next >= items().size()) return std::nullopt;
  if (tongues.match_any_language(L::optout_after, items(), next) ||
      (hit.end < items().size() && tongues.match_any_language(L::optout_after, items(), hit.end))) {
    return narrowed(i, {hit.end, hit.pattern}, hit.end);
  }
  const std::string_view word = m.word_text(items()[next]);
  const bool verb = word.size() > 4 && (word.ends_with("ing") || word.ends_with("in"));
  if (!asked || verb || items()[next].kind != Item::Kind::word) return std::nullopt;
  return narrowed(i, {hit.end, hit.pattern}, hit.end);
}

// "STOP wont need it": the keyword in capitals opens a message that is not in capitals.
std::optional<Request> RequestReader::shouted_keyword() const {
  std::size_t i = 0;
  for (std::size_t end = 0; i < items().size() && polite(i, end); i = end) {
  }
  if (i >= items().size() || !items()[i].upper || laughed()) return std::nullopt;
  const auto hit = tongues.match_any_language(L::optout_near, items(), i);
  if (!hit) return std::nullopt;
  for (std::size_t k = hit.end; k < items().size(); ++k) {
    if (items()[k].upper) return std::nullopt;
  }
  return found(Command::stop, "optout.shouted", i, hit.end);
}

// "2 stop" is "to stop"; "7, stop" keeps the 7; "7 stop" with no mark is not sure.
std::optional<Request> RequestReader::keyword_and_number() const {
  const Items core = core_of(0, items().size());
  if (core.size() < 2 || core.size() > 3) return std::nullopt;
  const bool first = core.front().kind == Item::Kind::number;
  const bool last = core.back().kind == Item::Kind::number;
  if (first == last) return std::nullopt;
  const Items words(core.begin() + (first ? 1 : 0), core.end() - (last ? 1 : 0));
  if (!is_keyword(words, true)) return std::nullopt;
  const Item& number = first ? core.front() : core.back();
  if (first && number.digits && number.value == Decimal::of(2) && words.front().sep == Sep::none) {
    return found(Command::stop, "optout.to_stop", 0, items().size());
  }
  const Sep between = first ? words.front().sep : core.back().sep;
  std::size_t at = 0;
  while (at < items().size() && items()[at].first != words.front().first) ++at;
  if (between >= Sep::comma || words.size() > 1) {
    return found(Command::stop, "optout.sentence", at, at + words.size());
  }
  Request r;
  r.verdict = unclear("optout.number_and_word", m.span_of(0, items().size()), Ask::neutral_stop);
  r.verdict.hold = true;
  r.begin = at;
  r.end = at + 1;
  return r;
}

// "thanks for your help but please stop now": a plain request in the last words, said to us, in a
// sentence where nobody else speaks or acts.
std::optional<Request> RequestReader::closing_keyword() const {
  std::size_t end = items().size();
  for (std::size_t begin = end; end > 0; end = begin) {
    if (!tongues.match_before(L::politeness, items(), end, 0, begin, Sep::comma)) break;
  }
  std::size_t keyword = end;
  if (end == 0 || !tongues.match_before(L::optout_near, items(), end, 0, keyword)) {
    return std::nullopt;
  }
  std::size_t lead = keyword;
  if (keyword == 0 || laughed()) return std::nullopt;
  // "im not sheila stop texting" names its object; a bare keyword needs words that lead to it.
  bool led = end - keyword > 1;
  for (const L l : {L::optout_tail, L::optout_hold, L::optout_hold_frames, L::wrong_frames}) {
    for (const Tongue* t : tongues.all) {
      std::size_t begin = keyword;
      if (t->list(l).match_before(items(), keyword, 0, begin) && begin < lead) {
        lead = begin;
        led = true;
      }
    }
  }
  if (!led) return std::nullopt;
  for (std::size_t k = lead; k > 0 && items()[k].sep < Sep::stop; --k) {
    if (tongues.has(L::optout_blockers, items()[k - 1].word)) return std::nullopt;
  }
  return found(Command::stop, "optout.closing", lead, end);
}

}  // namespace moodline::replies
