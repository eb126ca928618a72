// Town: the production inbox, outbox, deadlines and store on a virtual clock, and the phones around
// them, for one case. It may be killed and started again between any two things that happen.
// Thread: the only one.
#pragma once
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/checkins/setting.hpp"
#include "tests/support/virtual_daemon.hpp"

namespace moodline::casetest {

namespace asio = boost::asio;

/// A text as it was handed to the provider, with what our store says it is.
struct Sent {
  Instant at;
  store::Message message;
};

/// What the provider does with a prompt.
enum class Fate { delivered, accepted, undelivered, lost };

using testing::Wire;

/// The sample service's live set, for its language packs, texts and simulated phones.
std::shared_ptr<const actors::Live> sample_live(Wire& wire);

class Process;

class Town {
 public:
  /// `restart`: kill and start again after everything that happens.
  Town(std::shared_ptr<const actors::Live> live, Wire& wire, Instant start, bool restart);
  ~Town();
  Town(const Town&) = delete;
  Town& operator=(const Town&) = delete;

  [[nodiscard]] Instant now() const { return now_; }
  /// Runs everything due before `t`, one instant at a time, and stands at `t`.
  void go_to(Instant t);
  /// Runs what is due at the instant where it stands.
  void settle();
  /// A text from a phone through the inbox's webhook; the answer must be a 2xx.
  void text(const std::string& from, const std::string& words, Instant stamped,
            const std::string& event_id);
  void receipt(const std::string& reference, const std::string& status);
  using Work = std::function<void(store::Tx&, const checkins::Setting&)>;
  /// What an admin or the planner writes, as the daemon runs it.
  void write(Work work);
  /// Does it and takes it back.
  void probe(Work work);
  void read(const std::function<void(store::ReadTx&)>& read);
  /// A reload: from here the daemon has this configuration.
  void swap(std::shared_ptr<const actors::Live> live);
  void stop();
  void start();

  std::vector<Sent> sent;
  std::map<store::RowId, Fate> fates;  // by prompt; delivered where none is given
  int starts = 0;

 private:
  friend class Process;
  void deliver(boost::json::object body);
  void happened();
  Wire& wire_;
  std::shared_ptr<const actors::Live> live_;
  bool restart_;
  Instant now_;
  testing::FaultDisk disk_;
  std::unique_ptr<Process> process_;
  std::uint64_t ids_ = 0;
  std::uint64_t seeds_ = 1;
};

}  // namespace moodline::casetest
