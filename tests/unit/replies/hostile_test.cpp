// Anything may arrive: every byte string has a verdict, the same one each time, in time.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <random>

#include "tests/support/long_texts.hpp"
#include "tests/unit/replies/support.hpp"

namespace moodline::replies::test {
namespace {

std::string seeds_text(std::size_t i, const std::vector<Row>& rows) {
  return rows[i % rows.size()].text;
}

// One random change: bytes flipped, cut, doubled, swapped or another reply glued on.
void mutate(std::string& text, std::mt19937_64& random, const std::vector<Row>& rows) {
  const auto pick = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  switch (random() % 7) {
    case 0:
      if (!text.empty()) text[pick(text.size())] = static_cast<char>(random() % 256);
      break;
    case 1:
      text.insert(pick(text.size() + 1), 1, static_cast<char>(random() % 256));
      break;
    case 2:
      if (!text.empty()) text.erase(pick(text.size()), 1 + random() % 4);
      break;
    case 3:
      text += seeds_text(random(), rows);
      break;
    case 4:
      if (text.size() < 1'000) text += text;
      break;
    case 5:
      text.insert(pick(text.size() + 1), std::to_string(random() % 100'000));
      break;
    default:
      text.insert(pick(text.size() + 1), random() % 2 == 0 ? " stop " : "\xF0\x9F\x9B\x91");
      break;
  }
  if (text.size() > 1'600) text.resize(1'600);
}

}  // namespace

TEST_CASE("random and mutated replies: no crash, the same verdict twice") {
  const auto rows = corpus("own.jsonl");
  const char* wanted = std::getenv("MOODLINE_RANDOM_REPLIES");
  const std::size_t count = wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 20'000;
  std::mt19937_64 random(20'260'302);
  for (std::size_t n = 0; n < count; ++n) {
    const Row& row = rows[random() % rows.size()];
    std::string text = row.text;
    for (std::size_t k = 1 + random() % 4; k > 0; --k) mutate(text, random, rows);
    const Verdict v = reader().read(text, row.context);
    for (const Span& s : v.spans) {
      REQUIRE(s.begin <= s.end);
      REQUIRE(s.end <= text.size());
    }
    if (n % 16 == 0) {
      REQUIRE(verdict_json("x", v) == verdict_json("x", reader().read(text, row.context)));
    }
  }
}

TEST_CASE("bad input has a verdict") {
  const Context c = mood();
  const auto kind = [&](const std::string& text) { return reader().read(text, c).kind; };
  CHECK(kind("") == Kind::unclear);
  CHECK(kind(std::string(10'000, '7')) == Kind::unclear);
  CHECK(kind(std::string(400, '9')) == Kind::unclear);
  CHECK(kind(std::string(100'000, 'a')) == Kind::note_only);
  CHECK(kind(std::string("\0\x01\x02\x7F", 4)) == Kind::unclear);
  CHECK(kind("\xFF\xFE\x00\x80") == Kind::unclear);
  CHECK(kind("7٣") == Kind::unclear);
  CHECK(reader().read("7\xFF", c).value == Decimal::of(7));
  CHECK(reader().read(std::string("7\0", 2), c).value == Decimal::of(7));
  std::string words;
  for (int i = 0; i < 2'000; ++i) words += "good ";
  CHECK(kind(words) != Kind::reading);
  std::string numbers;
  for (int i = 0; i < 2'000; ++i) numbers += "7 or ";
  CHECK(kind(numbers) == Kind::unclear);
}

TEST_CASE("a request behind any number of words that lead it in") {
  for (const char* lead : {"please ", "hello please can you ", "pls "}) {
    std::string text;
    while (text.size() < 39'000) text += lead;  // longer ones are cut short
    const Verdict v = reader().read(text + "stop texting me", mood());
    CAPTURE(lead);
    CHECK(v.kind == Kind::command);
    CHECK(v.command == Command::stop);
  }
}

TEST_CASE("1,600 characters, made to be slow, under each kind of prompt") {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  constexpr long us_max = 1'000;
#else
  constexpr long us_max = 150'000;  // no optimisation, or sanitizers; on a busy machine
#endif
  constexpr std::size_t bytes = 1'600;
  constexpr int rounds_max = 40;
  std::vector<Context> contexts;
  for (const char* prompt : tests::long_prompts) contexts.push_back(context_of_prompt(prompt));
  static_cast<void>(reader().read("7", contexts.front()));
  long worst = 0;
  std::string worst_piece;
  for (std::size_t i = 0; i < tests::slow_pieces.size(); ++i) {
    std::string text;
    while (text.size() < bytes) text += std::string(tests::slow_pieces[i]) + ' ';
    text.resize(bytes);
    const Context& context = contexts[i % contexts.size()];
    // The least of a few rounds, of the processor's time: the machine may be busy.
    long us = us_max + 1;
    for (int n = 0; n < rounds_max && us > us_max; ++n) {
      const std::clock_t start = std::clock();
      static_cast<void>(reader().read(text, context));
      us = std::min(
          us, static_cast<long>(1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC));
    }
    CAPTURE(tests::slow_pieces[i]);
    CHECK(us <= us_max);
    if (us > worst) worst_piece = tests::slow_pieces[i];
    worst = std::max(worst, us);
  }
  MESSAGE(worst, " microseconds at worst, for 1,600 characters of: ", worst_piece);
}

}  // namespace moodline::replies::test
