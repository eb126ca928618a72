// One reader over the packs of the source tree, and the corpora, for every test of this folder.
#pragma once
#include <boost/json.hpp>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/replies/parse_lines.hpp"
#include "daemon/replies/reader.hpp"

namespace moodline::replies::test {

inline const config::LanguagePacks& packs() {
  static const auto loaded =
      config::load_language_packs(std::string(MOODLINE_SOURCE_DIR) + "/config/languages");
  return loaded;
}

inline const Reader& reader() {
  static const Reader one = [] {
    std::vector<config::PackProblem> problems = packs().problems;
    for (const auto& p : problems) throw std::runtime_error(config::to_text(p));
    Reader made(packs(), problems);
    for (const auto& p : problems) throw std::runtime_error(config::to_text(p));
    return made;
  }();
  return one;
}

inline Context mood(std::string language = "en") {
  Context c;
  c.languages = {std::move(language)};
  Question q;
  q.measure = "mood";
  q.labels = {{Decimal::of(1), "very low"}, {Decimal::of(10), "very good"}};
  c.questions.push_back(q);
  return c;
}

struct Row {
  std::string id;
  std::string text;
  Context context;
  boost::json::object prompt;
  boost::json::object expect;
};

inline std::vector<Row> corpus(const std::string& name) {
  std::vector<Row> rows;
  std::ifstream in(std::string(MOODLINE_SOURCE_DIR) + "/tests/corpus/" + name);
  for (std::string line; std::getline(in, line);) {
    const auto o = boost::json::parse(line).as_object();
    Row row;
    row.id = std::string(o.at("id").as_string());
    row.text = std::string(o.at("text").as_string());
    row.context = context_of_prompt(boost::json::serialize(o.at("prompt")));
    row.prompt = o.at("prompt").as_object();
    row.expect = o.at("expect").as_object();
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace moodline::replies::test
