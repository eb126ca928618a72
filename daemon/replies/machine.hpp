// Machine text: what a device or a network wrote by itself, and copies of our own texts.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "daemon/replies/lexicon.hpp"
#include "daemon/replies/message.hpp"
#include "daemon/replies/question.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

struct MachineResult {
  std::optional<Verdict> decided;  // the whole message is a machine's
  bool edited = false;             // "Edited to “…”": only the quote is the message
  bool unsure = false;             // decided, but words of risk in it count all the same
  std::vector<std::pair<std::uint32_t, std::uint32_t>> skip;  // bytes of the normalised text
};

/// `plain`: the message with nothing left out.
MachineResult read_machine(const Message& plain, const Tongues& tongues, const Context& context);

}  // namespace moodline::replies
