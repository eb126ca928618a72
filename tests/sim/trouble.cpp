#include "tests/sim/trouble.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

#include "daemon/store/migrations/v1.hpp"
#include "daemon/store/migrations/v2.hpp"

namespace moodline::sim {
namespace {

using testing::DiskFault;
using testing::DiskOp;

struct Named {
  const char* name;
  DiskFault fault;
};

Named named(const char* name, DiskOp op, const char* file, int rc) {
  Named n{name, {}};
  n.fault.op = op;
  n.fault.file = file;
  n.fault.rc = rc;
  return n;
}

std::vector<Named> all_disk_faults() {
  std::vector<Named> all{named("disk.full", DiskOp::write, "", SQLITE_FULL),
                         named("disk.full_half_way", DiskOp::write, "", SQLITE_FULL),
                         named("disk.write", DiskOp::write, "-wal", SQLITE_IOERR_WRITE),
                         named("disk.sync", DiskOp::sync, "-wal", SQLITE_IOERR_FSYNC),
                         named("disk.sync_keys", DiskOp::sync, ".keys", SQLITE_IOERR_FSYNC),
                         named("disk.read", DiskOp::read, "moodline.db", SQLITE_IOERR_READ),
                         named("disk.read_log", DiskOp::read, "-wal", SQLITE_IOERR_READ),
                         named("disk.read_keys", DiskOp::read, ".keys", SQLITE_IOERR_READ),
                         named("disk.open", DiskOp::open, "", SQLITE_CANTOPEN)};
  all[1].fault.half_first = true;
  return all;
}

const std::vector<Named>& disk_faults() {
  static const std::vector<Named> all = all_disk_faults();
  return all;
}

// In a disk of memory the copy keeps its first name.
std::string copy_of(const std::string& name) {
  return name + ".partial";
}

constexpr int application_id = 0x4d4f4f44;

}  // namespace

Trouble::Trouble(World& world, testing::FaultDisk& disk, Service& service, std::uint64_t seed)
    : world_(world),
      disk_(disk),
      service_(service),
      dice_(seed ^ 0x7A0B1E5ULL),
      live_(service.live()) {}

void Trouble::count(const std::string& name) {
  ++struck[name];
  world_.trace("trouble " + name);
}

void Trouble::later(std::int64_t from_h, std::int64_t to_h, void (Trouble::*what)()) {
  const auto wait =
      static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>((to_h - from_h) * hour_ms)));
  world_.at(world_.now + Millis{from_h * hour_ms + wait}, [this, what] {
    if (!over_) (this->*what)();
  });
}

void Trouble::begin() {
  later(2, 30, &Trouble::disk_fails);
  later(4, 72, &Trouble::clock_steps);
  later(4, 72, &Trouble::configuration);
  later(4, 60, &Trouble::backup);
}

// ---- The disk ----

void Trouble::disk_fails() {
  const Named& which = disk_faults()[dice_.below(disk_faults().size())];
  later(3, 36, &Trouble::disk_fails);
  if (fault_) return;
  count(which.name);
  fail_for(which.fault,
           Millis{second_ms + static_cast<std::int64_t>(dice_.below(180)) * second_ms});
}

void Trouble::fail_for(const DiskFault& fault, Millis lasts) {
  fault_ = fault;
  if (dice_.below(3) == 0) fault_->times = 1 + dice_.below(3);  // it strikes and passes
  disk_.fail(*fault_);
  world_.at(world_.now + lasts, [this] { disk_heals(); });
}

void Trouble::at_point(std::string_view name) {
  constexpr std::uint64_t of_a_thousand = 4;
  if (over_ || fault_ || dice_.below(1000) >= of_a_thousand) return;
  constexpr std::size_t writing = 4;  // the first of them strike at a commit
  count("disk.at." + std::string(name));
  fail_for(disk_faults()[dice_.below(writing)].fault,
           Millis{100 + static_cast<std::int64_t>(dice_.below(8)) * second_ms});
}

void Trouble::disk_heals() {
  fault_.reset();
  disk_.heal();
}

void Trouble::before_start() {
  if (fault_) disk_.fail(*fault_);
}

// ---- The first start ----

void Trouble::old_schema(int version) {
  sqlite3* db = nullptr;
  std::string sql = std::string(store::migrations::v1);
  if (version > 1) sql += store::migrations::v2;
  sql = "BEGIN;" + sql + "PRAGMA application_id=" + std::to_string(application_id) +
        ";PRAGMA user_version=" + std::to_string(version) + ";COMMIT";
  const int opened = sqlite3_open_v2("moodline.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                     disk_.vfs().c_str());
  const int made =
      opened == SQLITE_OK ? sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) : opened;
  sqlite3_close(db);
  if (made != SQLITE_OK) throw std::runtime_error("an older schema cannot be made");
}

void Trouble::before_first_start() {
  if (const auto version = static_cast<int>(dice_.below(3)); version > 0) {
    old_schema(version);
    count("migration.old_schema");
  }
  if (dice_.below(2) == 0) return;
  count("migration.killed");
  disk_.freeze_after(dice_.below(90));
}

void Trouble::after_start() {
  if (!fault_) disk_.heal();  // a start that ended before it was cut
}

// ---- The clock ----

void Trouble::step(Millis by) {
  clock_off_ += by;
  if (Process* p = process()) p->step(by);
}

void Trouble::clock_steps() {
  const bool forward = dice_.below(2) == 0;
  const bool small = dice_.below(4) == 0;  // not noticed as a step
  const std::int64_t far = small ? 4 * minute_ms : 6 * hour_ms;
  const Millis by{second_ms +
                  static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(far)))};
  count(forward ? "clock.forward" : "clock.back");
  step(forward ? by : -by);
  const Millis lasts{minute_ms + static_cast<std::int64_t>(dice_.below(12 * 60)) * minute_ms};
  world_.at(world_.now + lasts, [this] {
    if (over_) return;
    count("clock.right_again");
    step(-clock_off_);
  });
  later(30, 96, &Trouble::clock_steps);
}

// ---- Configuration ----

void Trouble::configuration() {
  later(10, 80, &Trouble::configuration);
  if (dice_.below(2) == 0) {
    count("config.damaged");
    if (const std::string what = service_.taken_though_damaged(dice_); !what.empty()) {
      broken.push_back("promise 7: a damaged configuration: " + what);
    }
    return;
  }
  count("config.edited");
  live_ = service_.live(static_cast<Service::Edit>(dice_.below(3)));
  if (Process* p = process()) p->reload(live_);
}

// ---- Backups ----

void Trouble::backup() {
  later(12, 72, &Trouble::backup);
  Process* p = process();
  if (p == nullptr) return;
  const std::string name = "backup-" + std::to_string(++backups_);
  std::optional<std::uint64_t> stop_after;
  if (dice_.below(2) == 0) stop_after = dice_.below(60);
  count(stop_after ? "backup.killed" : "backup.made");
  const auto made = p->back_up(name, stop_after);
  if (p->crashed()) {  // what was copied stays, as long as copies of keys do
    world_.at(world_.now + Millis{store::key_copies_kept_ms}, [this, name] { forget_copy(name); });
    return;
  }
  if (stop_after && !fault_) disk_.heal();  // it was done before it was cut
  const std::string copy = copy_of(name);
  disk_.hold(true);
  if (made) {
    const auto whole = store::restore_check(copy, sim_store_options(disk_));
    if (!whole) {
      broken.push_back("promise 3: a backup was made and does not verify: " +
                       whole.error().message);
    }
  } else if (!fault_) {
    broken.push_back("promise 3: no backup was made: " + made.error().message);
  }
  disk_.hold(false);
  forget_copy(name);
}

void Trouble::forget_copy(const std::string& name) {
  for (const std::string& file : {copy_of(name), name + ".keys-copy.partial"}) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) disk_.forget(file + suffix);
  }
}

void Trouble::end() {
  over_ = true;
  disk_heals();
  if (clock_off_ != Millis{0}) step(-clock_off_);
}

}  // namespace moodline::sim
