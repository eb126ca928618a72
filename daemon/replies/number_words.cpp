#include "daemon/replies/number_words.hpp"

#include <algorithm>

#include "daemon/replies/message.hpp"

namespace moodline::replies {
namespace {

// A typo of a short word is often another word. English packs list those; no other does.
constexpr std::size_t typo_letters_min = 4;
constexpr std::size_t typo_letters_min_elsewhere = 5;

struct WordReader {
  Message& m;
  const Lexicon& lexicon;
  const Tongues& tongues;
  Items out;

  [[nodiscard]] const NumberWord* number_at(std::size_t at) const {
    for (const Tongue* t : tongues.own) {
      const auto it = t->numbers.find(m.items[at].word);
      if (m.items[at].word <= 0 || it == t->numbers.end()) continue;
      for (const NumberWord& n : it->second) {
        if (at + n.words.size() > m.items.size()) continue;
        bool same = true;
        for (std::size_t k = 0; k < n.words.size(); ++k) {
          const Item& item = m.items[at + k];
          same = same && item.word == n.words[k] && item.kind == Item::Kind::word &&
                 (k == 0 || item.sep <= Sep::tight);
        }
        if (same) return &n;
      }
    }
    return nullptr;
  }
  [[nodiscard]] bool near(std::size_t at) const {
    return at < m.items.size() && m.items[at].sep <= Sep::tight;
  }
  static bool whole_tens(Decimal d) {
    return d >= Decimal::of(20) && d <= Decimal::of(90) && d.micro % (10 * Decimal::one) == 0;
  }
  // "twenty five", "treinta y cinco", "two hundred", "ten thousand".
  std::size_t compose(std::size_t at, Decimal& value) const {
    if (!near(at)) return at;
    std::size_t next = at;
    if (whole_tens(value)) {
      const PatternMatch join = tongues.match(L::join, m.items, at);
      if (join) next = join.end;
      const NumberWord* unit = next < m.items.size() && near(next) ? number_at(next) : nullptr;
      if (unit != nullptr && unit->value >= Decimal::of(1) && unit->value <= Decimal::of(9)) {
        value = value + unit->value;
        return next + unit->words.size();
      }
      return at;
    }
    if (value >= Decimal::of(1) && value <= Decimal::of(99)) {
      if (tongues.has(L::thousand, m.items[at].word)) {
        value.micro *= 1000;
        return at + 1;
      }
      if (value <= Decimal::of(9) && tongues.has(L::hundred, m.items[at].word)) {
        value.micro *= 100;
        return at + 1;
      }
    }
    return at;
  }
  // "sevenish", "sixxx": a number word with "ish" or kisses run on.
  [[nodiscard]] std::optional<Decimal> with_suffix(std::string_view word) const {
    std::string_view stem = word;
    if (stem.ends_with("ish")) stem.remove_suffix(3);
    while (stem.size() > 3 && stem.ends_with("xx")) stem.remove_suffix(1);
    if (stem.size() < 3) return std::nullopt;
    const std::string drawn = drawn_out(stem) ? squeezed(stem) : std::string{};
    for (const Tongue* t : tongues.own) {
      for (const Spelling& s : t->spellings) {
        if (s.text == stem && stem.size() != word.size()) return s.value;
        if (!drawn.empty() && squeezed(s.text) == drawn) return s.value;
      }
    }
    return std::nullopt;
  }
  // "fiveee", "thrrree": a letter three times or more in a row.
  static bool drawn_out(std::string_view word) {
    for (std::size_t i = 2; i < word.size(); ++i) {
      if (word[i] == word[i - 1] && word[i] == word[i - 2]) return true;
    }
    return false;
  }
  static std::string squeezed(std::string_view word) {
    std::string out;
    for (const char c : word) {
      if (out.empty() || out.back() != c) out += c;
    }
    return out;
  }
  Item as_number(std::size_t at, std::size_t end, Decimal value) const {
    Item item = m.items[at];
    item.kind = Item::Kind::number;
    item.last = m.items[end - 1].last;
    item.asks = m.items[end - 1].asks;
    item.value = value;
    return item;
  }
  std::size_t read_word(std::size_t at) {
    const NumberWord* n = number_at(at);
    if (n != nullptr) {
      Decimal value = n->value;
      const std::size_t after = at + n->words.size();
      const std::size_t end = compose(after, value);
      Item item = as_number(at, end, value);
      item.own_language = n->own_language && end == after;
      item.pronoun = tongues.has(L::pronoun_number, m.items[at].word);
      out.push_back(item);
      return end;
    }
    if (const auto half = tongues.match(L::half, m.items, at)) {
      Item item = as_number(at, half.end, {Decimal::one / 2});
      item.half_word = true;
      out.push_back(item);
      return half.end;
    }
    if (m.items[at].word == 0) {
      if (const auto value = with_suffix(m.word_text(m.items[at]))) {
        out.push_back(as_number(at, at + 1, *value));
        return at + 1;
      }
      if (const auto value = misspelt_number(m.word_text(m.items[at]), tongues)) {
        Item item = as_number(at, at + 1, *value);
        item.from_typo = true;
        out.push_back(item);
        return at + 1;
      }
    }
    out.push_back(m.items[at]);
    return at + 1;
  }
  void words() {
    out.reserve(m.items.size());
    for (std::size_t at = 0; at < m.items.size();) {
      if (m.items[at].kind == Item::Kind::word) {
        at = read_word(at);
      } else {
        out.push_back(m.items[at++]);
      }
    }
    m.items.swap(out);
    out.clear();
  }
  static bool plain_number(const Item& i) {
    return i.kind == Item::Kind::number && i.mask == Mask::none && !i.half_word;
  }
  // "and a half", "point five", "minus two", "saadhe chhe", "six out of ten", "7/10".
  void joins() {
    for (std::size_t at = 0; at < m.items.size();) at = join_at(at);
    m.items.swap(out);
  }
  std::size_t join_at(std::size_t at) {
    const Items& items = m.items;
    Item item = items[at];
    std::size_t approx = at;  // "más o menos 5" is no -5
    if (const auto sign = tongues.match(L::minus, items, at);
        sign && !(tongues.match_before(L::approx, items, sign.end, 0, approx) && approx < at) &&
        sign.end < items.size() && plain_number(items[sign.end]) && near(sign.end)) {
      item = items[sign.end];
      item.value = -item.value;
      item.sep = items[at].sep;
      item.first = items[at].first;
      out.push_back(item);
      return sign.end + 1;
    }
    if (const auto half = tongues.match(L::half_before, items, at);
        half && half.end < items.size() && plain_number(items[half.end]) && near(half.end)) {
      item = items[half.end];
      item.value.micro += Decimal::one / 2;
      item.own_language = false;
      item.sep = items[at].sep;
      item.first = items[at].first;
      out.push_back(item);
      return half.end + 1;
    }
    if (!plain_number(item)) {
      out.push_back(item);
      return at + 1;
    }
    std::size_t end = at + 1;
    end = decimals(end, item);
    end = ratio(end, item);
    out.push_back(item);
    return end;
  }
  std::size_t decimals(std::size_t end, Item& item) const {
    const Items& items = m.items;
    if (const auto half = tongues.match(L::half_after, items, end); half && near(end)) {
      item.value.micro += Decimal::one / 2;
      item.last = items[half.end - 1].last;
      item.own_language = false;
      return half.end;
    }
    const auto point = tongues.match(L::point, items, end);
    if (!point || !near(end) || point.end >= items.size() || !near(point.end)) return end;
    const Item& digit = items[point.end];
    if (!plain_number(digit) || digit.value < Decimal{} || digit.value > Decimal::of(9)) return end;
    item.value.micro += digit.value.micro / 10;
    item.last = digit.last;
    return point.end + 1;
  }
  std::size_t ratio(std::size_t end, Item& item) const {
    const Items& items = m.items;
    if (end < items.size() && items[end].tie == '/' && plain_number(items[end]) &&
        (end + 1 >= items.size() || items[end + 1].tie == 0)) {
      item.out_of = items[end].value;
      item.last = items[end].last;
      item.plus |= items[end].plus;
      item.asks = items[end].asks;
      item.unit = items[end].unit;
      return end + 1;
    }
    // "das mein se chhe": the scale's top stands first.
    const auto first = tongues.match(L::out_of_first, items, end);
    if (first && near(end) && first.end < items.size() && near(first.end) &&
        plain_number(items[first.end]) && items[first.end].value <= item.value) {
      item.out_of = item.value;
      item.value = items[first.end].value;
      item.last = items[first.end].last;
      item.asks = items[first.end].asks;
      item.own_language = item.pronoun = false;
      return first.end + 1;
    }
    const auto out_of = tongues.match(L::out_of, items, end);
    if (!out_of || !near(end) || out_of.end >= items.size() || !near(out_of.end)) return end;
    const Item& top = items[out_of.end];
    if (!plain_number(top) || top.tie != 0) return end;
    item.out_of = top.value;
    item.last = top.last;
    item.asks = top.asks;
    item.own_language = item.pronoun = false;
    return out_of.end + 1;
  }
};

// One letter wrong, missing, extra, or two swapped. Of views.
template <class Letters>
bool one_edit(Letters a, Letters b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t i = 0;
  while (i < a.size() && a[i] == b[i]) ++i;
  if (a.size() == b.size()) {
    if (i == a.size()) return true;
    if (a.substr(i + 1) == b.substr(i + 1)) return true;
    return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] &&
           a.substr(i + 2) == b.substr(i + 2);
  }
  return a.substr(i) == b.substr(i + 1);
}

// "24/7", "one of those days", "50/50": numbers only by their look.
void mask_idioms(Message& m, const Tongues& tongues) {
  for (std::size_t at = 0; at < m.items.size(); ++at) {
    const auto idiom = tongues.match(L::idioms, m.items, at);
    if (!idiom) continue;
    for (std::size_t i = at; i < idiom.end; ++i) {
      if (m.items[i].mask == Mask::none) m.items[i].mask = Mask::idiom;
    }
  }
}

}  // namespace

bool one_edit_apart(std::string_view a, std::string_view b) {
  return one_edit(a, b);
}

std::u32string letters_of(std::string_view word) {
  std::u32string out;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U && !out.empty()) {
      out.back() = out.back() << 6U | (byte & 0x3FU);
    } else {
      out += byte;
    }
  }
  return out;
}

std::optional<Decimal> misspelt_number(std::string_view word, const Tongues& tongues) {
  // Only of the person's own language: Bengali "onek" is no "one".
  const Tongue& own = *tongues.own.front();
  const std::size_t least = own.code == "en" ? typo_letters_min : typo_letters_min_elsewhere;
  const std::u32string letters = letters_of(word);
  if (letters.size() < least) return std::nullopt;
  std::optional<Decimal> found;
  for (const Spelling& s : own.spellings) {
    if (s.letters.size() + 1 < least) continue;
    if (!one_edit(std::u32string_view(letters), std::u32string_view(s.letters))) continue;
    if (found && *found != s.value) return std::nullopt;
    found = s.value;
  }
  return found;
}

void read_number_words(Message& m, const Lexicon& lexicon, const Tongues& tongues) {
  WordReader reader{m, lexicon, tongues, {}};
  reader.words();
  mask_idioms(m, tongues);
  reader.joins();
}

}  // namespace moodline::replies
