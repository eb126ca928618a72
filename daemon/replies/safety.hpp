// The safety scan: words of suicide, self-harm, despair or danger in a reply, in any active
// language. Pure and deterministic; every hit names its rule and span. A list of words finds what
// its writers thought of: it claims no more (docs/safety.md).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/language_pack.hpp"
#include "daemon/replies/verdict.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies {

namespace safety {
struct Machine;
}

/// What may keep words from being the person's own, and nothing else does.
struct SafetyContext {
  /// Texts we sent this number in the last 30 days; a whole copy of one inside the reply is ours.
  std::vector<rules::Normalised> sent;
  /// The message was recognised whole as machine text: nothing is scanned.
  bool machine = false;
  /// A yes-or-no question is open (medication taken): "took all my tablets" answers it.
  bool yes_no_asked = false;
};

struct SafetyScan {
  Safety safety;
  bool hold = false;                  // words of leaving or wanting to be left: a human reads first
  bool deceased = false;              // first-hand news that the person has died
  std::optional<Span> deceased_span;  // of the original
};

/// Every pack's safety.yaml, compiled. Immutable: any thread. Cheap to copy.
class SafetyScanner {
 public:
  /// Faults in the packs (unknown class or veto, a pattern of gaps alone) are appended to
  /// `problems` with their place; what is sound is compiled all the same.
  static SafetyScanner compile(const config::LanguagePacks& packs,
                               std::vector<config::PackProblem>& problems);
  /// Never fails; takes at most 1 ms for 1,600 characters.
  [[nodiscard]] SafetyScan scan(const rules::Normalised& text,
                                const SafetyContext& context = {}) const;
  /// How many rules and patterns are active, for metrics and docs.
  [[nodiscard]] std::size_t rules() const;
  [[nodiscard]] std::size_t patterns() const;

 private:
  explicit SafetyScanner(std::shared_ptr<const safety::Machine> machine)
      : machine_(std::move(machine)) {}
  std::shared_ptr<const safety::Machine> machine_;
};

}  // namespace moodline::replies
