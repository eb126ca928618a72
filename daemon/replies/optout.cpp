// The opt-out half of RequestReader. See docs/replies.md, "Opt-out".
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

bool RequestReader::polite(std::size_t i, std::size_t& end) const {
  if (i >= items().size()) return false;
  const auto hit = tongues.match_any_language(L::politeness, items(), i);
  if (hit) {
    end = hit.end;
    return true;
  }
  if (items()[i].kind != Item::Kind::emoji) return false;
  end = i + 1;
  for (const Tongue* t : tongues.all) {
    if (t->list(L::optout_words).has(items()[i].word)) return false;
  }
  return true;
}

Items RequestReader::core_of(std::size_t from, std::size_t to) const {
  Items core;
  for (std::size_t i = from; i < to;) {
    std::size_t end = i;
    if (polite(i, end) && end <= to) {
      i = end;
    } else {
      core.push_back(items()[i++]);
    }
  }
  return core;
}

bool RequestReader::near_keyword(const Item& item) const {
  if (item.kind != Item::Kind::word || item.continues) return false;
  const std::string_view word = m.word_text(item);
  const std::string drawn = squeezed(word);
  const bool known = item.word != 0;
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
    } else if (near_keyword(core[at])) {
      ++at;
    } else {
      return false;
    }
  }
  return at == core.size();
}

std::size_t RequestReader::clause_end(std::size_t i, Sep at) const {
  ++i;
  while (i < items().size() && items()[i].sep < at) ++i;
  return i;
}

Request RequestReader::found(Command c, std::string_view rule, std::size_t begin,
                             std::size_t end) const {
  Request r;
  r.verdict.kind = Kind::command;
  r.verdict.command = c;
  r.verdict.rule = rule;
  r.verdict.spans.push_back(m.span_of(begin, end));
  r.begin = begin;
  r.end = end;
  return r;
}

// The whole message, or one sentence of it: "STOP. I'm done", "7. STOP".
std::optional<Request> RequestReader::keyword_sentence() const {
  if (is_keyword(core_of(0, items().size()), false)) {
    return found(Command::stop, "optout.keyword", 0, items().size());
  }
  if (const std::size_t end = clause_end(0, Sep::dash);
      end < items().size() && is_keyword(core_of(0, end), true)) {
    return found(Command::stop, "optout.sentence", 0, end);
  }
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::stop)) {
    const std::size_t end = clause_end(i, Sep::stop);
    if (is_keyword(core_of(i, end), true)) {
      return found(Command::stop, "optout.sentence", i, end);
    }
  }
  return std::nullopt;
}

// "STOP wont need it": the keyword in capitals opens a message that is not in capitals.
std::optional<Request> RequestReader::shouted_keyword() const {
  std::size_t i = 0;
  for (std::size_t end = 0; i < items().size() && polite(i, end); i = end) {
  }
  if (i >= items().size() || !items()[i].upper) return std::nullopt;
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
  if (between >= Sep::comma) return found(Command::stop, "optout.sentence", at, at + 1);
  Request r;
  r.verdict = unclear("optout.number_and_word", m.span_of(0, items().size()), Ask::neutral_stop);
  r.verdict.hold = true;
  r.begin = at;
  r.end = at + 1;
  return r;
}

// Nothing before `i` in its clause but words that lead a request in, or "please", "can you".
bool RequestReader::led_in(std::size_t i) const {
  bool requested = false;
  bool named = false;
  for (std::size_t n = 0; n <= items().size(); ++n) {
    if (i == 0 || items()[i].sep >= Sep::comma) return true;
    std::size_t begin = i;
    bool moved = false;
    for (const Tongue* t : tongues.all) {
      for (const L list : {L::request_lead, L::optout_lead, L::politeness}) {
        std::size_t from = i;
        if (t->list(list).match_before(items(), i, 0, from, Sep::tight) && from < begin) {
          begin = from;
          moved = true;
          requested |= list == L::request_lead;
        }
      }
    }
    if (!moved && items()[i - 1].kind == Item::Kind::emoji) {
      begin = i - 1;
      moved = true;
    }
    // One name or nickname may stand between a greeting and the request: "ta ra cock, stop …".
    if (!moved && !requested && !named && i > 1 &&
        (items()[i - 1].word == 0 || tongues.has(L::filler, items()[i - 1].word))) {
      std::size_t from = i - 1;
      named = tongues.match_before(L::politeness, items(), i - 1, 0, from).pattern != nullptr;
      if (named) {
        begin = i - 1;
        moved = true;
      }
    }
    if (!moved) return requested;
    i = begin;
  }
  return false;
}

// The first name of somebody they share with: "stop telling sam".
bool RequestReader::names_person(std::size_t i) const {
  const std::string_view word = m.word_text(items()[i]);
  return std::any_of(context.people.begin(), context.people.end(), [&](const std::string& name) {
    return !name.empty() && rules::normalise_phrase(name) == word;
  });
}

// A frame narrowed by a time, a while, one measure or a person is a smaller request.
Request RequestReader::narrowed(std::size_t begin, const PatternMatch& frame) const {
  const std::size_t end = clause_end(frame.end - 1, Sep::stop);
  for (std::size_t i = frame.end; i < end; ++i) {
    const bool next = i == frame.end || items()[i].sep <= Sep::tight;
    if (!next) break;
    const auto with = [&](Command c, std::string_view rule, std::size_t from) {
      Request r = found(c, rule, begin, end);
      r.verdict.arg = argument(from, end);
      return r;
    };
    if (tongues.match_any_language(L::narrow_pause, items(), i)) {
      return with(Command::pause, "optout.narrow_pause", i);
    }
    if (tongues.match_any_language(L::narrow_time, items(), i)) {
      return with(Command::time, "optout.narrow_time", i);
    }
    if (const auto about = tongues.match_any_language(L::narrow_about, items(), i);
        about && about.end < end) {
      Request r = with(Command::skip, "optout.narrow_measure", about.end);
      return r;
    }
    if (const auto other = tongues.match_any_language(L::narrow_other, items(), i);
        other && other.end <= end) {
      return with(Command::unshare, "optout.narrow_person", i);
    }
    if (names_person(i)) return with(Command::unshare, "optout.narrow_person", i);
    std::size_t polite_end = i;
    if (!polite(i, polite_end)) break;
    i = polite_end - 1;
  }
  return found(Command::stop, "optout.frame", begin, frame.end);
}

// "this is doing my head in stop texting me": no mark before, but nobody else is spoken of.
std::optional<Request> RequestReader::plain_request() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (!lexicon.starts_anywhere(L::optout_plain, items()[i].word)) continue;
    const auto hit = tongues.match_any_language(L::optout_plain, items(), i);
    if (!hit) continue;
    bool blocked = false;
    for (std::size_t k = i; k > 0 && !blocked && items()[k].sep < Sep::stop; --k) {
      blocked = tongues.has(L::optout_blockers, items()[k - 1].word);
    }
    if (!blocked) return narrowed(i, hit);
  }
  return std::nullopt;
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
  if (keyword == 0 || !tongues.match_before(L::optout_tail, items(), keyword, 0, lead)) {
    return std::nullopt;
  }
  for (std::size_t k = lead; k > 0 && items()[k].sep < Sep::stop; --k) {
    if (tongues.has(L::optout_blockers, items()[k - 1].word)) return std::nullopt;
  }
  return found(Command::stop, "optout.closing", lead, end);
}

std::optional<Request> RequestReader::opt_out_frame() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (!lexicon.starts_anywhere(L::optout_frames, items()[i].word)) continue;
    for (const Tongue* t : tongues.all) {
      const auto hit = t->list(L::optout_frames).match(items(), i);
      if (!hit || !led_in(i)) continue;
      return narrowed(i, hit);
    }
  }
  if (auto r = plain_request()) return r;
  // Frames that stand only as a whole sentence: "remove me", "no texts".
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::comma)) {
    const Items core = core_of(i, clause_end(i, Sep::comma));
    const auto hit = tongues.match_any_language(L::optout_alone, core, 0, Sep::dash);
    if (hit && hit.end == core.size()) {
      return found(Command::stop, "optout.alone", i, clause_end(i, Sep::comma));
    }
  }
  return std::nullopt;
}

std::optional<Request> RequestReader::wrong_number() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    // "wrong number i put": a slip of the thumb, not a stranger.
    const auto typed = tongues.match_any_language(L::correction_alone, items(), i);
    if (typed && typed.end > i + 2) return std::nullopt;
  }
  bool slip = false;
  for (std::size_t i = 0; i < items().size() && !slip; ++i) {
    slip = static_cast<bool>(tongues.match_any_language(L::slip_frames, items(), i, Sep::dash));
  }
  for (std::size_t i = 0; i < items().size(); ++i) {
    const auto hit = tongues.match_any_language(L::wrong_frames, items(), i);
    if (!hit || (!led_in(i) && !slip)) continue;
    if (!slip) return found(Command::wrong, "wrong.number", i, hit.end);
    Request r;
    r.verdict.kind = Kind::note_only;
    r.verdict.own_slip = true;
    r.verdict.rule = "wrong.own_slip";
    r.verdict.spans.push_back(m.span_of(i, hit.end));
    r.begin = 0;
    r.end = items().size();
    return r;
  }
  return std::nullopt;
}

std::optional<Request> RequestReader::held() const {
  const auto hold = [&](std::size_t begin, std::size_t end, std::string_view rule) {
    Request r;
    r.verdict = unclear(rule, m.span_of(begin, end), Ask::neutral_stop);
    r.verdict.hold = true;
    r.begin = begin;
    r.end = end;
    return r;
  };
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::comma)) {
    const std::size_t end = clause_end(i, Sep::comma);
    // With and without politeness: "no thank you" is held, and so is "leave me alone please".
    const Items whole(items().begin() + static_cast<std::ptrdiff_t>(i),
                      items().begin() + static_cast<std::ptrdiff_t>(end));
    for (const Items& form : {whole, core_of(i, end)}) {
      const auto hit = tongues.match_any_language(L::optout_hold, form, 0, Sep::dash);
      if (hit && hit.end == form.size()) return hold(i, end, "optout.hold");
    }
  }
  for (std::size_t i = 0; i < items().size(); ++i) {
    const auto hit = tongues.match_any_language(L::optout_hold_frames, items(), i);
    if (hit && led_in(i)) return hold(i, hit.end, "optout.hold_frame");
  }
  return std::nullopt;
}

std::optional<Request> RequestReader::opt_out() const {
  if (items().empty()) return std::nullopt;
  // "make it stop" is no request; one that stands beside it still is.
  std::vector<std::pair<std::size_t, std::size_t>> never;
  for (std::size_t i = 0; i < items().size(); ++i) {
    const auto hit = tongues.match_any_language(L::optout_never, items(), i);
    if (hit) never.emplace_back(i, hit.end);
  }
  if (!never.empty()) {
    for (const auto& r : {keyword_sentence(), opt_out_frame()}) {
      const bool apart = r && std::none_of(never.begin(), never.end(), [&](const auto& n) {
                           return r->begin < n.second && n.first < r->end;
                         });
      if (apart) return r;
    }
    return wrong_number();
  }
  if (auto r = keyword_sentence()) return r;
  if (auto r = keyword_and_number()) return r;
  if (auto r = shouted_keyword()) return r;
  if (auto r = opt_out_frame()) return r;
  if (auto r = closing_keyword()) return r;
  if (auto r = wrong_number()) return r;
  return held();
}

}  // namespace moodline::replies
