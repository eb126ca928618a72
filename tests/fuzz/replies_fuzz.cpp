// The reply reader and the safety scan on any bytes: the first byte chooses what was asked, the
// rest is the text. Run from the root of the source tree, where the packs are.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/replies/parse_lines.hpp"
#include "daemon/replies/reader.hpp"

namespace {

using namespace moodline;
using namespace moodline::replies;

constexpr const char* prompts[] = {
    R"({"measure":"mood","min":1,"max":10,"labels":{"1":"very low","10":"very good"}})",
    R"({"measure":"medication","min":0,"max":1,"labels":{"0":"no","1":"yes"}})",
    R"({"measure":"sleep","min":0,"max":24,"unit":"hours"})",
    R"({"measures":[{"measure":"systolic","min":60,"max":260,"unit":"mmHg"},)"
    R"({"measure":"diastolic","min":30,"max":160,"unit":"mmHg"}]})",
    R"({"measures":[{"measure":"mood","min":1,"max":10},)"
    R"({"measure":"sleep","min":0,"max":24,"unit":"hours"}]})",
    R"({"measure":"mood","min":1,"max":10,"lang":"pl"})",
    R"({"measure":"mood","min":1,"max":10,"lang":"ur"})",
    R"({"measure":"mood","min":1,"max":10,"lang":"cy"})",
};

void must(bool holds) {
  if (!holds) std::abort();
}

const Reader& reader() {
  static const Reader* one = [] {
    const char* from = std::getenv("MOODLINE_LANGUAGES");
    const auto packs = config::load_language_packs(
        from != nullptr ? from : MOODLINE_SOURCE_DIR "/config/languages");
    std::vector<config::PackProblem> problems = packs.problems;
    must(problems.empty());
    auto* made = new Reader(packs, problems);
    must(problems.empty());
    return made;
  }();
  return *one;
}

}  // namespace

// Eleven packs take seconds to load under sanitizers: before the first text, not during it.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  (void)reader();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const auto contexts = [] {
    std::vector<Context> all;
    for (const char* p : prompts) all.push_back(context_of_prompt(p));
    return all;
  }();
  const Context& context = contexts[data[0] % contexts.size()];
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const Verdict v = reader().read(text, context);
  must(!v.rule.empty());
  for (const Span& s : v.spans) must(s.begin <= s.end && s.end <= text.size());
  for (const SafetyHit& h : v.safety.hits) must(h.span.end <= text.size());
  must(!v.auto_reply || (!v.value && v.values.empty() && v.command == Command::none));
  must(v.kind != Kind::reading || v.value.has_value());
  must(verdict_json("x", v) == verdict_json("x", reader().read(text, context)));
  return 0;
}
