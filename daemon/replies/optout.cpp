// The opt-out half of RequestReader. See docs/replies.md, "Opt-out".
#include <algorithm>

#include "daemon/replies/requests.hpp"
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
bool RequestReader::polite(std::size_t i, std::size_t& end) const {
  if (i >= items().size()) return false;
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  if (known_polite.empty()) {
    known_polite.assign(items().size(), none);
    for (std::size_t k = 0; k < items().size(); ++k) {
      if (!find_polite(k, known_polite[k])) known_polite[k] = none;
    }
  }
  if (known_polite[i] == none) {
    if (items()[i].kind == Item::Kind::emoji) end = i + 1;
    return false;
  }
  end = known_polite[i];
  return true;
}

bool RequestReader::find_polite(std::size_t i, std::size_t& end) const {
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

// "need to cancel the milk", "how do i stop this cough": the frame broke off before its object,
// and that is none of ours.
bool RequestReader::other_object(std::size_t end) const {
  if (end == 0 || end >= items().size() || items()[end].sep >= Sep::comma) return false;
  // "no more texts from my ex": whose they are is still to come.
  if (tongues.match_any_language(L::optout_not_ours, items(), end)) return true;
  if (items()[end].kind != Item::Kind::word) return false;
  if (tongues.match_any_language(L::optout_object_ok, items(), end, Sep::comma)) return false;
  std::size_t polite_end = end;
  if (polite(end, polite_end)) return false;
  std::size_t begin = end;
  for (const Tongue* t : tongues.all) {
    if (t->list(L::optout_determiners).match_before(items(), end, 0, begin)) return true;
  }
  return false;
}

// Nothing before `i` in its clause but words that lead a request in, or "please", "can you".
bool RequestReader::led_in(std::size_t i) const {
  return led_in(i, false);
}

// What is known of a place is kept, and no step calls itself: a text of nothing but leads is walked
// once, however long.
bool RequestReader::led_in(std::size_t i, bool named) const {
  std::vector<std::int8_t*> walked;
  bool led = true;
  while (i > 0 && i < items().size() && items()[i].sep < Sep::comma) {
    auto& known = known_led[named ? 1 : 0];
    if (known.empty()) known.assign(items().size(), unknown_led);
    if (known[i] != unknown_led) {
      led = known[i] == 1;
      break;
    }
    walked.push_back(&known[i]);
    const StepBack step = step_back(i, named);
    if (step.said) {
      led = *step.said;
      break;
    }
    i = step.next;
    named = step.named;
  }
  for (std::int8_t* place : walked) *place = led ? 1 : 0;
  return led;
}

RequestReader::StepBack RequestReader::step_back(std::size_t i, bool named) const {
  std::size_t begin = i;
  const int last = items()[i - 1].word;
  for (const Tongue* t : tongues.all) {
    for (const L list : {L::request_lead, L::optout_lead, L::politeness}) {
      std::size_t from = i;
      if ((lexicon.ends(list, last) & t->bit) == 0) continue;
      if (!t->list(list).match_before(items(), i, 0, from, Sep::tight) || from > begin) continue;
      // Other languages' politeness may be the same word: that it asks counts.
      if (list == L::request_lead) return {true};
      begin = from;
    }
  }
  if (begin == i && items()[i - 1].kind == Item::Kind::emoji) begin = i - 1;
  if (begin < i) return {std::nullopt, begin, named};
  // One name or nickname may stand between a greeting and the request: "ta ra cock, stop …".
  if (named || i < 2) return {false};
  if (items()[i - 1].word != 0 && !tongues.has(L::filler, items()[i - 1].word)) return {false};
  std::size_t from = i - 1;
  if (!tongues.match_before(L::politeness, items(), i - 1, 0, from).pattern) return {false};
  return {std::nullopt, i - 1, true};
}

// The first name of somebody they share with: "stop telling sam".
bool RequestReader::names_person(std::size_t i) const {
  const std::string_view word = m.word_text(items()[i]);
  return std::any_of(context.people.begin(), context.people.end(), [&](const std::string& name) {
    return !name.empty() && rules::normalise_phrase(name) == word;
  });
}

// "dont msg me my husband goes through my phone": who is spoken to is said already.
bool RequestReader::asked_for_self(std::size_t begin, std::size_t end) const {
  for (std::size_t i = begin; i < end; ++i) {
    const std::string_view word = m.word_text(items()[i]);
    if (word == "me" || word == "us") return true;
  }
  return false;
}

bool RequestReader::owned(std::size_t i) const {
  const std::string_view word = m.word_text(items()[i]);
  return word == "my" || word == "our";
}

// A frame narrowed by a time, a while, one measure or a person is a smaller request. What narrows
// it may begin at `tail`, among the words that the frame takes in.
Request RequestReader::narrowed(std::size_t begin, const PatternMatch& frame,
                                std::size_t tail) const {
  const std::size_t end = clause_end(frame.end - 1, Sep::stop);
  // "no me escriban por una semana".
  for (std::size_t i = tail; i < frame.end; ++i) {
    if (!tongues.match_any_language(L::narrow_pause, items(), i)) continue;
    Request r = found(Command::pause, "optout.narrow_pause", begin, end);
    r.verdict.arg = argument(i, end);
    return r;
  }
  for (std::size_t i = tail; i < end; ++i) {
    const bool next = i == tail || items()[i].sep <= Sep::tight;
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
        about && about.end <= end) {
      // "the sleep one" names the measure itself; "about" has it still to come.
      return with(Command::skip, "optout.narrow_measure", about.end < end ? about.end : i);
    }
    // "stop sending my scores to my brother": their own data, and who no longer gets it.
    if (const auto data = tongues.match_any_language(L::narrow_data, items(), i);
        data && data.end <= end) {
      return with(Command::unshare, "optout.narrow_data", std::min(data.end, end));
    }
    if (const auto other = tongues.match_any_language(L::narrow_other, items(), i);
        other && other.end <= end && !(asked_for_self(begin, frame.end) && owned(i))) {
      // "stop texting my mum she has dementia": it is her phone, and somebody speaks for her.
      if (tongues.match_any_language(L::narrow_spoken_for, items(), other.end, Sep::line) ||
          speaks_for()) {
        return found(Command::stop, "optout.spoken_for", begin, frame.end);
      }
      return with(Command::unshare, "optout.narrow_person", i);
    }
    if (names_person(i)) return with(Command::unshare, "optout.narrow_person", i);
    std::size_t polite_end = i;
    if (!polite(i, polite_end)) break;
    i = polite_end - 1;
  }
  if (not_of_us(begin, frame.end)) return held_request(begin, frame.end, "optout.unsure");
  return found(Command::stop, "optout.frame", begin, frame.end);
}

// "this is doing my head in stop texting me": no mark before, but nobody else is spoken of.
std::optional<Request> RequestReader::plain_request() const {
  std::optional<Request> doubtful;
  for (std::size_t i = 0; i < items().size(); ++i) {
    // "not on them tablets now so stop messaging me": a conclusion is the writer's own.
    const auto therefore = tongues.match_any_language(L::optout_therefore, items(), i);
    if (therefore) return narrowed(i, therefore, therefore.end);
    if (!lexicon.starts_anywhere(L::optout_plain, items()[i].word)) continue;
    const auto hit = tongues.match_any_language(L::optout_plain, items(), i);
    if (!hit || other_object(hit.end) || (blocked(i) && !led_in(i))) continue;
    Request r = narrowed(i, hit, hit.end);
    if (!r.verdict.hold) return r;
    if (!doubtful) doubtful = std::move(r);
  }
  return doubtful;
}

// Somebody else speaks or acts in the sentence before `i`. Words that open a request of their own
// ("so please") leave only the surest signs of that to count.
bool RequestReader::blocked(std::size_t i) const {
  bool opened = false;
  std::size_t from = i;
  for (std::size_t begin = i; from > 0 && items()[from].sep < Sep::stop; from = begin) {
    if (!tongues.match_before(L::optout_openers, items(), from, 0, begin, Sep::comma)) break;
    opened = true;
  }
  const L signs = opened ? L::optout_hard_blockers : L::optout_blockers;
  for (std::size_t k = from; k > 0 && items()[k].sep < Sep::stop; --k) {
    const int word = items()[k - 1].word;
    if (tongues.has(signs, word) || tongues.has(L::optout_hard_blockers, word)) return true;
  }
  return false;
}

// "moved to leeds so take me off this": what follows from it is the writer's own.
bool RequestReader::concludes(std::size_t i) const {
  std::size_t begin = i;
  return tongues.match_before(L::optout_concludes, items(), i, 0, begin, Sep::comma) && !blocked(i);
}

// "this is her phone", "on behalf of my father": said for the person whose texts they are.
bool RequestReader::speaks_for() const {
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (tongues.match_any_language(L::optout_speaks_for, items(), i, Sep::dash)) return true;
  }
  return false;
}

// A frame may end in words of any kind ("..."): what narrows it can stand among them.
PatternMatch RequestReader::without_tail(const PatternList& list, std::size_t begin,
                                         PatternMatch hit) const {
  if (hit.pattern->elements.back().wild_max == 0) return hit;
  const std::size_t first = std::max(begin + 2, hit.end - std::min(hit.end, wild_words_max));
  for (std::size_t end = first; end < hit.end; ++end) {
    if (const auto shorter = list.match(items(), begin, Sep::comma, end)) return shorter;
  }
  return hit;
}

std::optional<Request> RequestReader::opt_out_frame() const {
  std::optional<Request> doubtful;
  for (std::size_t i = 0; i < items().size(); ++i) {
    if (!lexicon.starts_anywhere(L::optout_frames, items()[i].word)) continue;
    const TongueBits may = lexicon.starts(L::optout_frames, items()[i].word);
    for (const Tongue* t : tongues.all) {
      if ((may & t->bit) == 0) continue;
      const auto hit = t->list(L::optout_frames).match(items(), i);
      if (!hit || other_object(hit.end) || (!led_in(i) && !concludes(i))) continue;
      Request r = narrowed(i, hit, without_tail(t->list(L::optout_frames), i, hit).end);
      if (!r.verdict.hold) return r;
      if (!doubtful) doubtful = std::move(r);
    }
  }
  auto plain = plain_request();
  if (plain && !plain->verdict.hold) return plain;
  // Frames that stand only as a whole sentence: "remove me", "no texts".
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::comma)) {
    const Items core = core_of(i, clause_end(i, Sep::comma));
    const auto hit = tongues.match_any_language(L::optout_alone, core, 0, Sep::dash);
    if (hit && hit.end == core.size()) {
      return found(Command::stop, "optout.alone", i, clause_end(i, Sep::comma));
    }
  }
  return doubtful ? doubtful : plain;
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
  for (std::size_t i = 0; i < items().size(); i = clause_end(i, Sep::comma)) {
    const std::size_t end = clause_end(i, Sep::comma);
    // With and without politeness: "no thank you" is held, and so is "leave me alone please".
    const Items whole(items().begin() + static_cast<std::ptrdiff_t>(i),
                      items().begin() + static_cast<std::ptrdiff_t>(end));
    for (const Items& form : {whole, core_of(i, end)}) {
      const auto hit = tongues.match_any_language(L::optout_hold, form, 0, Sep::dash);
      if (hit && hit.end == form.size()) return held_request(i, end, "optout.hold");
    }
  }
  for (std::size_t i = 0; i < items().size(); ++i) {
    const auto hit = tongues.match_any_language(L::optout_hold_frames, items(), i);
    if (hit && led_in(i)) return held_request(i, hit.end, "optout.hold_frame");
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
  if (auto r = opening_keyword()) return r;
  if (auto r = opt_out_frame()) return r;
  if (auto r = closing_keyword()) return r;
  if (auto r = wrong_number()) return r;
  return held();
}

}  // namespace moodline::replies
