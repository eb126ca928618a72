// Service: the sample service as the simulation configures it, and edits of it that reloads bring.
// Read once and shared by all seeds.
#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "daemon/actors/live.hpp"
#include "rules/base/dice.hpp"
#include "tests/support/virtual_daemon.hpp"

namespace moodline::sim {

class Service {
 public:
  /// `tree`: whose config/ it reads.
  explicit Service(const std::filesystem::path& tree);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// The sample; with a rule that needs more days (narrower) or fewer (wider); read when first
  /// asked for.
  enum class Edit { none, narrower, wider };
  std::shared_ptr<const actors::Live> live(Edit edit = Edit::none);
  /// Spoils one file in one of several ways and reads all as a reload does. Empty where that was
  /// refused; else what was wrong and yet was taken.
  std::string taken_though_damaged(Dice& dice);

  testing::Wire wire;

 private:
  std::shared_ptr<const actors::Live> load();
  [[nodiscard]] actors::LiveOptions options() const;

  std::filesystem::path dir_;
  std::array<std::shared_ptr<const actors::Live>, 3> lives_;
};

}  // namespace moodline::sim
