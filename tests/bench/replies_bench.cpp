// Replies read per second on one core, beside a reader that takes the first number in range.
// replies_bench SOURCE_DIR
#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <vector>

#include "daemon/replies/parse_lines.hpp"

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
            replies::context_of_prompt(boost::json::serialize(o.at("prompt"))),
            {}};
    const auto& e = o.at("expect").as_object();
    const auto kind = e.at("kind").as_string();
    if (e.contains("value") && (kind == "reading" || kind == "correction")) {
      row.value = e.at("value").to_number<double>();
    }
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
  std::string worst;
  while (worst.size() < 1'600) worst += "please can you i am not a 7 today or ";
  worst.resize(1'600);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) static_cast<void>(reader.read(worst, {}));
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  std::cout << "1,600 characters: " << ms / 50 << " ms\n";
}
