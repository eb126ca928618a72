// Rig: one small service at a person's fingertips. The production inbox, outbox, deadlines, rules,
// reader and SQLite (on a disk in memory) on a virtual clock, with simulated phones; a test drives
// it by texts in and reads texts out. One Rig at a time in a process. Thread: the test's.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/actors/gateway.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/store/store.hpp"
#include "tests/support/fault_disk.hpp"

namespace moodline::rig {

namespace json = boost::json;

// The sample service's people, and numbers of nobody for the persons of a test.
inline const std::string sam = "+447700900101";   // practitioner of everybody enrolled by default
inline const std::string ana = "+447700900102";   // Sam's deputy
inline const std::string gwen = "+447700900103";  // lead, duty and admin
inline const std::string mj = "+447700900200";
inline const std::string kit = "+447700900201";

constexpr Millis second{1'000};
constexpr Millis minute{60'000};
constexpr Millis hour{3'600'000};
constexpr Millis day{86'400'000};

/// A text that reached the provider.
struct Text {
  Instant at;
  std::string to;
  std::string text;
  std::string template_name;
  store::Purpose purpose{};
  store::RowId message = 0;
  store::RowId person = 0;
  int segments = 0;
};

/// A call to the outside that is no text (heartbeat, webhook out).
struct Call {
  Instant at;
  std::string method;
  std::string url;
  std::string body;
};

/// The sample's files by relative name, in the test's hands before they are loaded.
using Files = std::map<std::string, std::string>;
/// Replaces the one place where `from` stands; throws where there is none.
void replace_in(Files& files, const std::string& file, const std::string& from,
                const std::string& to);
Files sample_files();

struct Options {
  Instant start = *from_iso("2026-03-02T09:00:00Z");  // a Monday
  std::function<void(Files&)> edit = {};              // of the sample service
  bool staff_accept = true;                           // everybody has accepted their role
  std::uint64_t seed = 1;
};

class Rig {
 public:
  explicit Rig(Options options = {});
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // Texts ---------------------------------------------------------------------------------------
  /// A text comes in through the provider's webhook, and everything that follows at once happens.
  void says(const std::string& number, const std::string& text);
  /// The same text twice, as a provider that lost our 2xx sends it.
  void says_twice(const std::string& number, const std::string& text);
  /// Everything that went to this number since the start, or since `forget`.
  [[nodiscard]] std::vector<std::string> sent_to(const std::string& number) const;
  [[nodiscard]] std::vector<Text> texts_to(const std::string& number) const;
  [[nodiscard]] const std::vector<Text>& texts() const { return texts_; }
  /// The newest text to this number; empty where there is none.
  [[nodiscard]] std::string last_to(const std::string& number) const;
  /// What this number gets in answer to this text, joined by newlines.
  std::string answer(const std::string& number, const std::string& text);
  /// Forgets the texts so far.
  void forget() { texts_.clear(); }

  // Time ----------------------------------------------------------------------------------------
  [[nodiscard]] Instant now() const;
  /// Moves on; everything that falls due happens at its time. Hours may be fractions.
  void advance(double hours);
  void advance_to(Instant t);
  /// The next time it is this o'clock, service time zone, after now.
  void until(TimeOfDay t);
  /// The machine's clock is stepped, forward or back; no time passes.
  void step_clock(Millis by);
  /// `until` that many evenings in turn, answering each check-in at seven with `reply`.
  void evenings(const std::string& number, const std::vector<std::string>& replies);

  // People --------------------------------------------------------------------------------------
  /// MJ by default: evening mood, Sam, English, mood with a goal.
  [[nodiscard]] checkins::NewPerson someone(const std::string& number = mj,
                                            const std::string& display = "MJ") const;
  /// Enrols; the invitation has left when it returns. Throws where it is refused.
  store::Person enrol(const checkins::NewPerson& n);
  /// The same, without throwing.
  Result<store::Person> try_enrol(const checkins::NewPerson& n);
  /// Enrols, texts AGREE and the code, then agrees to these rules and refuses every other.
  store::Person join(const checkins::NewPerson& n, const std::set<std::string>& rules = {});
  /// Answers every sentence on offer: AGREE where its rule is in `rules`, else DISAGREE.
  void answer_offers(const std::string& number, const std::set<std::string>& rules);
  [[nodiscard]] store::Person person(const std::string& number);
  [[nodiscard]] std::vector<store::Alert> alerts_of(const std::string& number);
  /// Code of the newest alert of this person; empty: none.
  [[nodiscard]] std::string code_of(const std::string& number);
  [[nodiscard]] std::vector<store::Agreement> agreements_of(const std::string& number);
  /// The agreement's code for a rule ("L1"); empty: none.
  [[nodiscard]] std::string agreement(const std::string& number, const std::string& rule);

  // Admin and inside ----------------------------------------------------------------------------
  /// An admin's action by name, as the control socket runs it.
  Result<json::value> act(const std::string& action, json::object args = {});
  void write(const store::Write& write);
  void read(const std::function<void(store::ReadTx&)>& read);
  /// Runs `f` with the setting of one transaction.
  void with(const std::function<void(store::Tx&, const checkins::Setting&)>& f);
  /// Another version of the files, as a reload takes it; people's rules follow.
  void reload(const std::function<void(Files&)>& edit);
  [[nodiscard]] const config::Service& service() const;
  [[nodiscard]] std::shared_ptr<const actors::Live> live() const;
  [[nodiscard]] actors::Gateway& gateway();
  [[nodiscard]] store::Store& store();
  testing::FaultDisk& disk();
  /// Everything logged since the rig began, one line each.
  [[nodiscard]] const std::string& log() const;
  /// Stops the process and starts it again over the same disk, `down` later.
  void restart(Millis down = Millis{0});

  // The outside ---------------------------------------------------------------------------------
  std::set<std::string> unreachable;  // numbers whose texts come back undelivered
  std::set<std::string> receiptless;  // numbers whose texts bring no receipt
  std::string undelivered_code;       // of those receipts
  bool provider_down = false;         // the provider answers 503
  std::vector<Call> calls;            // to anybody but the phones' provider
  int call_status = 200;              // what those get
  /// The provider's own events (opt_out, opt_in) about this number.
  void provider_says(const std::string& type, const std::string& number);

 private:
  struct Process;
  friend struct Process;
  void settle();
  void webhook(const json::object& body);

  Options options_;
  Files files_;
  testing::FaultDisk disk_;
  std::vector<Text> texts_;
  Instant now_;
  std::uint64_t ids_ = 0;
  std::multimap<std::int64_t, json::object> receipts_;  // by when they come
  std::shared_ptr<const actors::Live> live_;
  std::unique_ptr<Process> process_;
};

}  // namespace moodline::rig
