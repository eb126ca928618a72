// Requests to stop that are likely none of ours: held for a human, never carried out.
#include <algorithm>

#include "daemon/replies/requests.hpp"
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {
constexpr std::size_t doubt_words_max = 6;  // how far before a request its doubts may stand
}  // namespace

Request RequestReader::held_request(std::size_t begin, std::size_t end,
                                    std::string_view rule) const {
  Request r;
  r.verdict = unclear(rule, m.span_of(begin, end), Ask::neutral_stop);
  r.verdict.hold = true;
  r.begin = begin;
  r.end = end;
  return r;
}

// "stop sending | rockets", "stop calling me | names": an English request goes on with words that
// do not follow a request, so its object is likely none of ours.
bool RequestReader::goes_on_elsewhere(std::size_t begin, std::size_t end) const {
  const Tongue* english = lexicon.find("en");
  if (english == nullptr) return false;
  bool known = false;
  for (const L list : {L::optout_frames, L::optout_plain}) {
    const auto hit = english->list(list).match(items(), begin);
    known = known || hit;
    end = std::max(end, hit.end);
  }
  if (!known || end >= items().size() || items()[end].sep >= Sep::comma) return false;
  std::size_t polite_end = end;
  if (items()[end].kind != Item::Kind::word || polite(end, polite_end)) return false;
  return !tongues.match_any_language(L::optout_goes_on, items(), end, Sep::comma);
}

// "my wife wants to leave the programme", "what if i want to stop these", "stop it he said": asked
// by nobody, of somebody else, or by another.
bool RequestReader::not_of_us(std::size_t begin, std::size_t end) const {
  if (goes_on_elsewhere(begin, end)) return true;
  std::size_t start = begin;
  while (start > 0 && begin - start < doubt_words_max && items()[start].sep < Sep::comma) --start;
  const std::size_t stop = clause_end(end - 1, Sep::stop);
  for (std::size_t i = start; i < stop; ++i) {
    if (!lexicon.starts_anywhere(L::optout_doubts, items()[i].word)) continue;
    if (tongues.match_any_language(L::optout_doubts, items(), i)) return true;
  }
  const bool ours = std::any_of(items().begin() + static_cast<std::ptrdiff_t>(begin),
                                items().begin() + static_cast<std::ptrdiff_t>(end),
                                [&](const Item& i) { return tongues.has(L::optout_us, i.word); });
  if (ours) return false;
  bool another = false;
  for (std::size_t i = start; i <= begin; ++i) {
    const bool who = tongues.match(L::others, items(), i) || tongues.match(L::people, items(), i);
    another = who || (another && !tongues.has(L::subject, items()[i].word));
  }
  return another && !speaks_for();
}

}  // namespace moodline::replies
