// Replies read per second on one core, beside a reader that takes the first number in range.
// replies_bench SOURCE_DIR [N]   of the long texts, every Nth alone
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <random>
#include <vector>

#include "daemon/replies/parse_lines.hpp"
#include "tests/support/long_texts.hpp"

namespace {
using namespace moodline;

struct Row {
  std::string text;
  replies::Context context;
  std::optional<double> value;
};

std::vector<Row> rows_of(const std::string& file) {
  std::vector<Row> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto o = boost::json::parse(line).as_object();
    Row row{std::string(o.at("text").as_string()),
            o.contains("prompt")
                ? replies::context_of_prompt(boost::json::serialize(o.at("prompt")))
                : replies::Context{},
            {}};
    const auto& e = o.at("expect").as_object();
    const auto* kind = e.if_contains("kind");
    const bool reads = kind != nullptr && (*kind == "reading" || *kind == "correction");
    if (reads && e.contains("value")) row.value = e.at("value").to_number<double>();
    rows.push_back(std::move(row));
  }
  return rows;
}

// What flow engines do: the first run of digits that lies on the scale.
std::optional<double> first_number(const Row& row) {
  const auto& q = row.context.questions.front();
  for (std::size_t i = 0; i < row.text.size(); ++i) {
    if (row.text[i] < '0' || row.text[i] > '9') continue;
    char* end = nullptr;
    const double d = std::strtod(row.text.c_str() + i, &end);
    if (d >= static_cast<double>(q.min.micro) / 1e6 &&
        d <= static_cast<double>(q.max.micro) / 1e6) {
      return d;
    }
    i = static_cast<std::size_t>(end - row.text.c_str());
  }
  return std::nullopt;
}

template <class Read>
void run(const char* name, const std::vector<Row>& rows, int rounds, Read read) {
  std::size_t emitted = 0;
  std::size_t right = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int n = 0; n < rounds; ++n) {
    for (const Row& row : rows) {
      const std::optional<double> got = read(row);
      if (!got) continue;
      ++emitted;
      right += row.value && *row.value == *got ? 1 : 0;
    }
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double replies = static_cast<double>(rows.size()) * rounds;
  std::cout << name << ": " << static_cast<long>(replies / s) << " replies/s, " << s / replies * 1e6
            << " us each, single readings right "
            << 100.0 * static_cast<double>(right) / static_cast<double>(emitted) << " %\n";
}

constexpr std::size_t long_bytes = 1'600;
constexpr int shown_max = 12;
constexpr double us_aim = 1'000;
constexpr int rounds_of_slow = 60;
constexpr int mixes = 8;  // a prompt

std::string repeated(const std::string& piece) {
  std::string text;
  while (text.size() < long_bytes) text += piece + ' ';
  text.resize(long_bytes);
  return text;
}

// Words that begin many phrases, no two neighbours alike.
std::string mixed(std::mt19937_64& random) {
  std::string text;
  while (text.size() < long_bytes) {
    text += tests::heavy_words.at(random() % tests::heavy_words.size());
    text += ' ';
  }
  text.resize(long_bytes);
  return text;
}

struct Timed {
  double us = 0;
  std::string piece;
};

// The least of a few rounds, of the processor's time: the machine may be busy.
double time_us(const replies::Reader& reader, const std::string& text,
               const replies::Context& context, int rounds) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t start = std::clock();
    static_cast<void>(reader.read(text, context));
    best = std::min(best, 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

// Every reply of the corpora, and every piece made to be slow, repeated to 1,600 characters under
// each kind of prompt; then replies joined at random.
void long_texts(const replies::Reader& reader, const std::string& source, std::size_t share) {
  std::vector<std::pair<std::string, replies::Context>> pieces;
  std::vector<std::string> joined;
  for (const char* name : {"replies_dev.jsonl", "replies_dev2.jsonl", "own.jsonl", "blind.jsonl",
                           "blind2.jsonl", "safety_own.jsonl"}) {
    for (const Row& row : rows_of(source + "/tests/corpus/" + name)) {
      if (joined.size() % share == 0) pieces.emplace_back(repeated(row.text), row.context);
      joined.push_back(row.text);
    }
  }
  for (const char* prompt : tests::long_prompts) {
    const auto context = replies::context_of_prompt(prompt);
    for (const char* piece : tests::slow_pieces) pieces.emplace_back(repeated(piece), context);
    pieces.emplace_back(std::string(long_bytes, '7'), context);
    std::mt19937_64 random(20'260'302);
    for (int n = 0; n < mixes; ++n) pieces.emplace_back(mixed(random), context);
    for (int n = 0; n < 400 / static_cast<int>(share); ++n) {
      std::string text;
      while (text.size() < long_bytes) text += joined[random() % joined.size()] + ' ';
      text.resize(long_bytes);
      pieces.emplace_back(std::move(text), context);
    }
  }
  std::vector<Timed> times;
  std::size_t over = 0;
  double total = 0;
  for (const auto& [text, context] : pieces) {
    double us = time_us(reader, text, context, 1);
    total += us;
    if (us > 700) us = time_us(reader, text, context, rounds_of_slow);
    over += us > us_aim ? 1 : 0;
    times.push_back({us, text.substr(0, 60)});
  }
  std::sort(times.begin(), times.end(), [](const Timed& a, const Timed& b) { return a.us > b.us; });
  std::cout << "1,600 characters, " << times.size()
            << " texts: " << total / static_cast<double>(times.size()) << " us on average, " << over
            << " over " << us_aim << ", worst\n";
  for (int i = 0; i < shown_max; ++i) {
    const Timed& t = times[static_cast<std::size_t>(i)];
    std::cout << "  " << t.us << " us: " << t.piece << "\n";
  }
}
}  // namespace

int main(int argc, char** argv) {
  const std::string source = argc > 1 ? argv[1] : ".";
  const auto packs = config::load_language_packs(source + "/config/languages");
  std::vector<config::PackProblem> problems = packs.problems;
  const auto loading = std::chrono::steady_clock::now();
  const replies::Reader reader(packs, problems);
  std::cout << "compiled in "
            << std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now() - loading)
                   .count()
            << " ms\n";
  for (const auto& p : problems) std::cerr << config::to_text(p) << '\n';
  if (!problems.empty()) return 2;
  for (const char* name : {"replies_dev.jsonl", "replies_dev2.jsonl"}) {
    if (argc > 2) break;
    const auto rows = rows_of(source + "/tests/corpus/" + name);
    std::cout << name << '\n';
    run("  reader      ", rows, 5, [&](const Row& row) -> std::optional<double> {
      const auto v = reader.read(row.text, row.context);
      const bool reading = v.kind == replies::Kind::reading || v.kind == replies::Kind::correction;
      if (!reading || !v.value) return std::nullopt;
      return static_cast<double>(v.value->micro) / 1e6;
    });
    run("  first number", rows, 50, first_number);
  }
  long_texts(reader, source, argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
}
