// Thousands of texts to a provider that misbehaves in every way of docs/providers/policy.md, each
// held to its cell of the table there. MOODLINE_TEXTS=10000 for the whole; fewer in CI. They come
// in rounds: a route rests after each refusal, and more at once would queue for weeks behind the
// rests.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "daemon/checkins/gate.hpp"
#include "tests/unit/actors/script.hpp"

namespace moodline::actors::test {
namespace {

using ports::HttpFailureKind;
using store::MessageStatus;
using store::Purpose;

constexpr int texts_a_round = 1'120;            // and in CI, which plays one
constexpr Millis much_later{30 * 3'600'000LL};  // when every second try has long been made
const Instant start{1'795'290'000'000};

std::vector<std::vector<std::string>> rows_under(const std::string& heading) {
  std::ifstream in(MOODLINE_SOURCE_DIR "/docs/providers/policy.md");
  std::vector<std::vector<std::string>> rows;
  std::string line;
  bool here = false;
  while (std::getline(in, line)) {
    if (line.starts_with("## ")) here = line == "## " + heading;
    if (!here || !line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream cut(line.substr(1));
    std::string cell;
    while (std::getline(cut, cell, '|')) {
      const auto a = cell.find_first_not_of(" `");
      const auto b = cell.find_last_not_of(" `");
      cells.push_back(a == std::string::npos ? "" : cell.substr(a, b - a + 1));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string word(MessageStatus s) {
  static const char* const words[] = {"queued", "sending", "accepted",  "delivered", "undelivered",
                                      "failed", "unknown", "cancelled", "expired"};
  return words[static_cast<int>(s)];
}

const std::vector<std::pair<std::string, Purpose>>& purposes() {
  static const std::vector<std::pair<std::string, Purpose>> all{
      {"prompt", Purpose::prompt},         {"reminder", Purpose::reminder},
      {"reply", Purpose::reply},           {"crisis", Purpose::crisis},
      {"invitation", Purpose::invitation}, {"stop_confirmation", Purpose::stop_confirmation},
      {"agreement", Purpose::agreement},   {"person_notice", Purpose::person_notice},
      {"alert", Purpose::alert},           {"escalation", Purpose::escalation},
      {"notice", Purpose::notice},         {"digest", Purpose::digest},
      {"admin", Purpose::admin},           {"practitioner_reply", Purpose::practitioner_reply},
      {"webhook", Purpose::webhook}};
  return all;
}

bool to_practitioner(Purpose p) {
  return p == Purpose::alert || p == Purpose::escalation || p == Purpose::notice ||
         p == Purpose::digest || p == Purpose::admin || p == Purpose::practitioner_reply ||
         p == Purpose::webhook;
}

TEST_CASE("which purposes are sent again after silence is what the page says") {
  const auto rows = rows_under("Whose fate is unknown");
  REQUIRE(rows.size() == purposes().size());
  for (const auto& [name, purpose] : purposes()) {
    CAPTURE(name);
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r[0] == name; });
    REQUIRE(row != rows.end());
    CHECK((*row)[1] == (checkins::policy(purpose).after_unknown ? "sent again" : "stays unknown"));
  }
}

// What each case does, by text and call.
class Misbehaving {
 public:
  Misbehaving(Script& script, std::vector<std::string> cases)
      : s_(script), cases_(std::move(cases)) {
    s_.answer = [this](Script::Call c) { return answer(std::move(c)); };
  }
  std::map<int, std::vector<Instant>> calls;  // by text

 private:
  asio::awaitable<ports::HttpResult> answer(Script::Call call) {
    // The admin is told of a bad number or a halted route: words, and they are taken.
    if (call.text.find_first_not_of("0123456789") != std::string::npos) {
      co_return reply(200, "{\"id\":\"told" + std::to_string(++ids_) + "\"}");
    }
    const int text = std::stoi(call.text);
    const std::string& what = cases_[static_cast<std::size_t>(text) % cases_.size()];
    calls[text].push_back(call.at);
    const auto turn = calls[text].size();
    co_await s_.rig->monotonic.sleep_for(Millis{40});
    const std::string id = "id" + std::to_string(++ids_);
    if (turn == 1 || what == "timeout-always" || what == "never-well") {
      if (const auto bad = refusal(what)) co_return *bad;
      if (what.starts_with("timeout") || what == "earlier-failed") {
        if (what == "timeout-taken") s_.receipt(Millis{60'000}, id, call.reference, "delivered");
        if (what == "timeout-late") s_.receipt(much_later, id, call.reference, "delivered");
        if (what == "earlier-failed") s_.receipt(much_later, id, call.reference, "failed");
        co_await s_.rig->monotonic.sleep_for(Millis{30'000});
        co_return failure(HttpFailureKind::maybe_sent, "timeout");
      }
    } else if (turn == 2 && what == "429-then-timeout") {
      co_await s_.rig->monotonic.sleep_for(Millis{30'000});
      co_return failure(HttpFailureKind::maybe_sent, "timeout");
    }
    receipts(what, id, call.reference);
    if (what == "receipt-first") co_await s_.rig->monotonic.sleep_for(Millis{5'000});
    co_return reply(200, "{\"id\":\"" + id + "\"}");
  }

  static std::optional<ports::HttpResult> refusal(const std::string& what) {
    if (what == "cut") return failure(HttpFailureKind::maybe_sent, "cut");
    if (what == "no-connection") return failure(HttpFailureKind::could_not_connect, "connect");
    if (what == "500" || what == "never-well") return reply(500, "oops");
    if (what == "503-retry-after") return reply(503, "", {{"retry-after", "60"}});
    if (what == "504") return reply(504, "<html>gateway time-out</html>");
    if (what == "429" || what == "429-then-timeout") return reply(429);
    if (what == "429-retry-after") return reply(429, "{}", {{"retry-after", "90"}});
    if (what == "400") return reply(400, "{\"code\":\"no_such_number\"}");
    if (what == "garbage") return reply(200, std::string("\xff\x00<html>", 8));
    if (what == "half") return reply(200, "{\"id\":\"id");
    if (what == "no-id") return reply(200, "{}");
    return std::nullopt;
  }

  void receipts(const std::string& what, const std::string& id, const std::string& ref) {
    const auto say = [&](int seconds, const char* status) {
      s_.receipt(Millis{seconds * 1000LL}, id, ref, status);
    };
    if (what == "silent") return;
    if (what == "undelivered") return say(30, "failed");
    if (what == "strangers") {
      s_.receipt(Millis{30'000}, "nobody-" + id, "m-nobody", "delivered");
      s_.receipt(Millis{30'000}, id, "", "delivered", "+447700900999");
      return;
    }
    if (what == "unknown-word") return say(30, "frobnicated");
    if (what == "out-of-order") {
      say(30, "delivered");
      say(31, "sent");
      return say(32, "queued");
    }
    if (what == "failed-then-delivered") {
      say(30, "failed");
      return say(40, "delivered");
    }
    say(what == "receipt-first" ? 1 : 30, "delivered");
    if (what == "receipt-twice") say(31, "delivered");
    if (what == "delivered-then-failed") say(40, "failed");
  }

  Script& s_;
  std::vector<std::string> cases_;
  int ids_ = 0;
};

int texts_wanted() {
  const char* said = std::getenv("MOODLINE_TEXTS");
  return said == nullptr ? texts_a_round : std::max(1, std::atoi(said));
}

store::Message text_of(int i, const std::string& what, Purpose purpose, store::RowId person,
                       Instant now) {
  store::Message m;
  m.purpose = purpose;
  m.to = "+447700900123";
  m.language = "en";
  m.template_name = "t";
  m.values["n"] = std::to_string(i);
  m.due_at = m.created_at = now;
  if (what == "never-well") m.expires_at = now + Millis{40 * 3'600'000LL};
  if (to_practitioner(purpose)) {
    m.practitioner = "admin";
  } else {
    m.person = person;
  }
  return m;
}

Purpose purpose_of(int i, std::size_t cases) {
  return purposes()[static_cast<std::size_t>(i) / cases % purposes().size()].second;
}

using Rows = std::vector<std::vector<std::string>>;

void check_text(int i, const Rows& rows, const std::string& status,
                const std::vector<Instant>& calls, std::map<std::string, int>& wrong) {
  const auto& row = rows[static_cast<std::size_t>(i) % rows.size()];
  const Purpose purpose = purpose_of(i, rows.size());
  const std::string& expected = row[checkins::policy(purpose).after_unknown ? 3 : 2];
  std::string seen = status;
  if (expected != "expired") {
    seen += ", " + std::to_string(calls.size()) + (calls.size() == 1 ? " call" : " calls");
  }
  if (seen != expected && ++wrong[row[0]] == 1) {
    FAIL_CHECK(row[0], ", text ", i, ", purpose ", static_cast<int>(purpose), ": ", seen,
               "; the page says ", expected);
  }
  const auto pause = calls.size() < 2 ? Millis{0} : calls[1] - calls[0];
  if (row[0] == "429-retry-after") CHECK(pause >= Millis{90'000});
  if (row[0] == "503-retry-after") CHECK(pause >= Millis{60'000});
  if (row[0] == "429" || row[0] == "500") CHECK(pause >= checkins::retry_first);
}

// Texts `from` to `to` are queued at once, and all must be settled two days later.
void round(Rig& rig, Misbehaving& provider, const Rows& rows, store::RowId person, int from, int to,
           std::map<std::string, int>& wrong) {
  std::vector<store::RowId> ids;
  const Instant now = rig.time.now();
  rig.write([&](store::Tx& tx) {
    for (int i = from; i < to; ++i) {
      const std::string& what = rows[static_cast<std::size_t>(i) % rows.size()][0];
      store::Message m = text_of(i, what, purpose_of(i, rows.size()), person, now);
      REQUIRE(tx.put(m).has_value());
      ids.push_back(m.id);
    }
  });
  // Long enough for every pause: the route rests after each refusal, and texts queue behind it.
  rig.pass(Millis{48 * 3'600'000LL});
  for (int i = from; i < to; ++i) {
    const store::RowId id = ids[static_cast<std::size_t>(i - from)];
    check_text(i, rows, word(rig.message(id).status), provider.calls[i], wrong);
  }
}

TEST_CASE("every text is settled as the page says, whatever the provider does") {
  const auto rows = rows_under("Every way a provider can behave");
  REQUIRE(rows.size() >= 25);
  std::vector<std::string> cases;
  for (const auto& r : rows) cases.push_back(r[0]);
  const int n = texts_wanted();
  Script script;
  const auto live = sample_with([](config::Service& s) {
    plain_texts(s);
    s.routes = {route("main")};
    s.routes[0].from = "main";
  });
  live->providers["main"] = carried("main", script, any_wire());
  Rig rig(live, script, start);
  script.rig = &rig;
  Misbehaving provider(script, cases);

  store::Person person;
  person.key = "p-rig";
  person.status = store::PersonStatus::active;
  person.number = "+447700900123";
  person.zone = "UTC";
  person.language = "en";
  rig.write([&](store::Tx& tx) { tx.put(person); });
  rig.start();
  std::map<std::string, int> wrong;
  for (int from = 0; from < n; from += texts_a_round) {
    round(rig, provider, rows, person.id, from, std::min(n, from + texts_a_round), wrong);
  }
  CHECK(wrong.empty());
  CHECK(script.refused_receipts == 0);
  CHECK(rig.outbox->in_flight() == 0);
  MESSAGE(n, " texts, ", script.calls.size(), " calls");
}

}  // namespace
}  // namespace moodline::actors::test
