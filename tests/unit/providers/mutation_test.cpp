// Seeded random damage to every capture: nothing crashes, nothing hangs, and nothing that a
// signature covers is accepted. The same readers have libFuzzer targets in tests/fuzz.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "providers/replay.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

constexpr int rounds_per_capture = 40;
constexpr unsigned seed = 20261121;

void damage(std::string& text, std::mt19937& random) {
  const auto pick = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
  switch (random() % 6) {
    case 0:
      if (!text.empty()) text[pick(text.size())] = static_cast<char>(random());
      break;
    case 1:
      text.insert(pick(text.size() + 1), 1, static_cast<char>(random()));
      break;
    case 2:
      if (!text.empty()) text.erase(pick(text.size()), 1 + pick(8));
      break;
    case 3:
      text.resize(pick(text.size() + 1));
      break;
    case 4: {
      static const char* const hard[] = {"%",    "%%0",   "\\u0000", "\xff\xfe", "{{",
                                         "[[[[", "\"",    "&",       "=",        "\r\n\r\n",
                                         "-1",   "1e999", "null",    ";",        "/"};
      text.insert(pick(text.size() + 1), hard[random() % std::size(hard)]);
      break;
    }
    default:
      if (!text.empty()) text += text.substr(pick(text.size()), 64);
  }
}

TEST_CASE("seeded damage to every capture") {
  std::mt19937 random(seed);
  int tried = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(MOODLINE_SOURCE_DIR "/tests/vectors")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const json::value all = json::parse(text);
    for (const auto& v : all.as_array()) {
      const json::object& vector = v.as_object();
      const std::string name = vector_text(vector, "provider");
      if (const SpoolType* type = find_spool_type(name)) {
        const auto spool = type->make(type->replay.settings(vector));
        REQUIRE(spool.has_value());
        for (int i = 0; i < rounds_per_capture; ++i, ++tried) {
          SpoolFile file{vector_text(vector, "url"), vector_body(vector).value_or("")};
          damage(random() % 3 == 0 ? file.name : file.bytes, random);
          (void)(*spool)->read_files({&file, 1});
          (void)(*spool)->group_key(file.name);
        }
        continue;
      }
      const auto provider = vector_provider(vector);
      if (!provider) continue;
      const Webhook whole = *vector_webhook(vector);
      for (int i = 0; i < rounds_per_capture; ++i, ++tried) {
        Webhook hook = whole;
        const auto n = random() % (hook.headers.size() + 3);
        damage(n < hook.headers.size()    ? hook.headers[n].second
               : n == hook.headers.size() ? hook.url
                                          : hook.body,
               random);
        (void)(*provider)->authenticate(hook, vector_now(vector));
        (void)(*provider)->read_events(hook);
        (void)(*provider)->read_reply({static_cast<int>(random() % 600), hook.headers, hook.body});
        (void)(*provider)->read_lookup({200, {}, hook.body});
      }
    }
  }
  CHECK(tried > 8000);
}

}  // namespace
}  // namespace moodline::providers
