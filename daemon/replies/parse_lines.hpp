// Verdicts for replies on a stream: what `moodline parse` does.
#pragma once
#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "daemon/replies/question.hpp"
#include "daemon/replies/reader.hpp"

namespace moodline::replies {

struct ParseCount {
  std::size_t lines = 0;  // replies read
  std::size_t faults =
      0;  // lines that were no reply; each is answered with {"line": N, "error": …}
};

/// Reads JSON Lines {id, prompt, text} and writes JSON Lines {id, kind, value, values, command,
/// arg, safety, tier, auto, rule, span} with, where they are up, hold, do_not_reply, by, for_day
/// and ask. `prompt` is one measure {measure, min, max, step, unit, labels, lang} or {measures:
/// [...]}; without one, no question is open. Empty lines are skipped. Blocks on the streams; pure
/// otherwise.
ParseCount parse_lines(std::istream& in, std::ostream& out, const Reader& reader);

/// The context that one `prompt` object describes. Throws std::invalid_argument on bad JSON.
Context context_of_prompt(std::string_view prompt_json);

/// One verdict as one line of JSON, without the line break.
std::string verdict_json(std::string_view id, const Verdict& v);

}  // namespace moodline::replies
