#include "daemon/replies/yes_no.hpp"

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

struct Forms {
  bool yes = false, no = false, partial = false, lot = false;
  std::size_t begin = 0, end = 0;  // the form that decided
  std::size_t first = SIZE_MAX;    // where the first form stands
};

Forms forms_in(const Scene& s) {
  Forms f;
  const Items& items = s.items();
  for (std::size_t i = 0; i < items.size();) {
    std::size_t end = i;
    L kind = L::count_;
    // The longest form wins: "not yet" is not "not", "no missed ones" is not "missed".
    for (const L l : {L::yes, L::no, L::not_yet, L::lot}) {
      const auto hit = s.tongues.match(l, items, i);
      // "n" is a no, and stands for "and", which is none.
      const bool joins = hit && hit.end == i + 1 && s.m.word_text(items[i]) == "and";
      if (hit && hit.end > end && !joins) {
        end = hit.end;
        kind = l;
      }
    }
    if (kind == L::count_) {
      ++i;
      continue;
    }
    f.yes |= kind == L::yes || kind == L::lot;
    f.no |= kind == L::no;
    f.partial |= kind == L::not_yet;
    f.lot |= kind == L::lot;
    if (f.first == SIZE_MAX) {
      f.first = i;
      f.begin = i;
      f.end = end;
    }
    i = end;
  }
  // "took 14", "took 1 of 2": how many is not whether.
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item& n = items[i];
    const bool amount = n.mask == Mask::none || n.mask == Mask::count || n.mask == Mask::dose;
    const bool counted = n.kind == Item::Kind::number && n.digits && amount && i > 0 && i == f.end;
    const bool taken = counted && n.sep <= Sep::tight && s.is(i - 1, L::count_verbs);
    f.partial |= n.half_word || taken;
  }
  return f;
}

}  // namespace

std::optional<bool> yes_no_within(const Scene& s) {
  const Forms f = forms_in(s);
  if (f.partial || f.yes == f.no) return std::nullopt;
  return f.yes;
}

std::optional<Verdict> resolve_yes_no(const Scene& s) {
  const Question& q = s.context.questions[0];
  const Forms f = forms_in(s);
  const auto answer = [&](bool yes, Span span, std::string_view rule) {
    Verdict v;
    v.kind = Kind::reading;
    v.measure = q.measure;
    v.value = yes ? Decimal::of(1) : Decimal{};
    v.rule = rule;
    v.urgent_read = f.lot;
    v.spans.push_back(span);
    return v;
  };
  const Span span = s.m.span_of(f.begin, f.end);
  if (f.partial || (f.yes && f.no)) return unclear("yes_no.partial", span);
  if (s.m.asks && (f.yes || f.no)) return unclear("yes_no.question", span);
  if (f.yes || f.no) {
    // The form opens the message or ends it; in mid-sentence it is no answer.
    const bool placed = s.filler_between(0, f.begin) || s.filler_between(f.end, s.items().size()) ||
                        s.items()[f.begin].sep >= Sep::comma;
    if (placed) return answer(f.yes, span, "yes_no.form");
    return unclear("yes_no.place", span);
  }
  // The scale's own digits, alone.
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    if (!s.candidate(i)) continue;
    const Decimal d = s.items()[i].value;
    const bool binary = d == Decimal{} || d == Decimal::of(1);
    if (binary && !s.items()[i].out_of && s.filler_outside(i, i + 1)) {
      return answer(d == Decimal::of(1), s.m.span_of(i, i + 1), "yes_no.digit");
    }
    return unclear("yes_no.number", s.m.span_of(i, i + 1));
  }
  return std::nullopt;
}

}  // namespace moodline::replies
