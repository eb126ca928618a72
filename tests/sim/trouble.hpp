// Trouble: what goes wrong inside the machine, at moments that the seed chooses and under names
// that are counted: the disk fills, fails to write, sync or read; the clock steps; a configuration
// is damaged or edited; backups are made and cut short; the first start meets an older schema and
// is stopped in the midst of its migration.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/process.hpp"
#include "tests/sim/service.hpp"

namespace moodline::sim {

using Struck = std::map<std::string, int>;  // by name of the fault point

class Trouble {
 public:
  Trouble(World& world, testing::FaultDisk& disk, Service& service, std::uint64_t seed);

  /// The process that runs; null while it is down.
  std::function<Process*()> process;
  /// A promise that broke here, in words.
  std::vector<std::string> broken;
  Struck struck;

  void begin();
  /// Before the very first start: perhaps an older schema is on the disk, perhaps the start is cut.
  void before_first_start();
  /// Before every start: trouble with the disk outlives the process.
  void before_start();
  void after_start();
  /// At a named point the disk may begin to fail, so that the very next commit meets it.
  void at_point(std::string_view name);
  /// Everything is well from here on.
  void end();
  /// One more of these has struck.
  void count(const std::string& name);
  [[nodiscard]] Millis clock_off() const { return clock_off_; }
  [[nodiscard]] std::shared_ptr<const actors::Live> live() const { return live_; }

 private:
  void later(std::int64_t from_h, std::int64_t to_h, void (Trouble::*what)());
  void disk_fails();
  void fail_for(const testing::DiskFault& fault, Millis lasts);
  void disk_heals();
  void clock_steps();
  void step(Millis by);
  void configuration();
  void backup();
  void forget_copy(const std::string& name);
  void old_schema(int version);

  World& world_;
  testing::FaultDisk& disk_;
  Service& service_;
  Dice dice_;
  std::optional<testing::DiskFault> fault_;
  Millis clock_off_{0};
  std::shared_ptr<const actors::Live> live_;
  int backups_ = 0;
  bool over_ = false;
};

}  // namespace moodline::sim
