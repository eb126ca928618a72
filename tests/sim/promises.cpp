#include "tests/sim/promises.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/gate.hpp"
#include "daemon/checkins/sending.hpp"

namespace moodline::sim {
namespace {

using store::Alert;
using store::Message;
using store::MessageStatus;
using store::Purpose;

constexpr int read_max = 100'000;

struct Look {
  const World& world;
  store::ReadTx& tx;
  const actors::Live& live;
  std::vector<std::string>& broken;
  void fail(int promise, const std::string& what) const {
    broken.push_back(fmt::format("promise {}: {}", promise, what));
  }
};

// At most one text per (person, schedule, local date, slot) reached a phone.
void one_text_a_slot(const Look& l) {
  std::map<std::string, int> reached;
  for (const Handed& h : l.world.handed) {
    if (h.reached && !h.slot.empty() && ++reached[h.slot] == 2) {
      l.fail(1, "slot " + h.slot + " was texted twice, again at " + to_iso(h.at));
    }
    if (h.message == 0) l.fail(1, "a text the store does not know of was sent");
    if (h.stale) {
      l.fail(1, fmt::format("text {} ({}) was sent at {}, after its shelf life", h.message,
                            h.template_name, to_iso(h.at)));
    }
  }
}

// Where we cannot know whether a text went, and its kind is not to be repeated, it is not.
void nothing_doubtful_repeated(const Look& l) {
  std::map<std::int64_t, Instant> maybe_taken;
  for (const Handed& h : l.world.handed) {
    if (h.message == 0 || checkins::policy(static_cast<Purpose>(h.purpose)).after_unknown) continue;
    if (const auto it = maybe_taken.find(h.message); it != maybe_taken.end()) {
      l.fail(1, fmt::format("text {} ({}) may have been taken at {} and was sent again at {}",
                            h.message, h.template_name, to_iso(it->second), to_iso(h.at)));
    }
    if (h.maybe_taken) maybe_taken.emplace(h.message, h.at);
  }
}

// What must arrive is repeated while its fate is unknown, as often as it may be.
void doubtful_repeated(const Look& l) {
  for (const Message& m : l.tx.messages_in(MessageStatus::unknown, read_max)) {
    if (!checkins::policy(m.purpose).after_unknown) continue;
    if (m.unknowns > checkins::repeats_after_unknown_max) continue;
    if (m.settled_at && *m.settled_at > l.world.now - Millis{hour_ms}) continue;
    l.fail(2, fmt::format("text {} ({}) is of unknown fate and was not repeated", m.id,
                          m.template_name));
  }
}

bool told(const Look& l, const Alert& a) {
  return std::any_of(l.world.handed.begin(), l.world.handed.end(), [&](const Handed& h) {
    const bool staff = h.purpose == static_cast<int>(Purpose::alert) ||
                       h.purpose == static_cast<int>(Purpose::escalation) ||
                       h.purpose == static_cast<int>(Purpose::digest) ||
                       h.purpose == static_cast<int>(Purpose::admin);
    return h.reached && staff &&
           (h.alert == a.id || std::find(h.alerts.begin(), h.alerts.end(), a.id) != h.alerts.end());
  });
}

bool pending(const Look& l, const Alert& a) {
  for (const Message& m : l.tx.messages_of_alert(a.id)) {
    if (m.status == MessageStatus::queued || m.status == MessageStatus::sending) return true;
  }
  return false;
}

// What became of an alert's texts, for whoever mends it.
std::string story_of(const Look& l, const Alert& a) {
  std::string said = "; chase " + a.chase;
  for (const Message& m : l.tx.messages_of_alert(a.id)) {
    said += fmt::format("; text {} {} to {} status {} after {} tries {} due {}", m.id,
                        m.template_name, m.practitioner, static_cast<int>(m.status), m.attempts,
                        m.outcome_code, to_iso(m.due_at));
  }
  for (const config::Practitioner& p : l.live.service->practitioners) {
    const auto state = l.tx.practitioner(p.id);
    said += fmt::format("; {} {}", p.id,
                        state && state->accepted_at ? to_iso(*state->accepted_at) : "not ready");
    if (state && state->off_until) said += " off until " + to_iso(*state->off_until);
  }
  return said;
}

// Every alert that is open was shown to somebody who may be told, or is waiting to be.
void no_alert_lost(const Look& l) {
  for (const Alert& a : l.tx.alerts_open(read_max)) {
    bool told_by_rule = false;
    for (const auto& g : l.tx.agreements_of(a.person)) {
      if (g.rule == a.rule && !g.recipients.empty()) told_by_rule = true;
    }
    if (!told_by_rule) continue;
    if (!told(l, a) && !pending(l, a)) {
      l.fail(2, fmt::format("alert {} ({}) fired at {} and nobody was told{}", a.code, a.rule,
                            to_iso(a.fired_at), story_of(l, a)));
    }
  }
}

std::string erasure_of(const Look& l, const std::string& number) {
  for (const Erased& e : l.world.erased) {
    if (e.number == number) return "; erased at " + to_iso(e.at);
  }
  return {};
}

// Every text that got a 2xx is stored once.
void nothing_acknowledged_lost(const Look& l) {
  std::map<std::string, int> stored;
  for (const store::RowId id : l.tx.person_ids(0, read_max)) {
    for (const auto& in : l.tx.inbound_of(id, Instant{0})) stored[in.event_id] += 1;
  }
  for (const Acknowledged& a : l.world.acknowledged) {
    const bool gone = a.leaving || std::any_of(l.world.erased.begin(), l.world.erased.end(),
                                               [&](const Erased& e) {
                                                 return e.number == a.from && a.at <= e.at;
                                               });
    if (!gone && !l.tx.inbound_known(a.provider, a.event_id)) {
      l.fail(3, fmt::format("text {} of {} (\"{}\") got a 2xx at {} and is not stored{}",
                            a.event_id, a.from, a.text, to_iso(a.at), erasure_of(l, a.from)));
    }
  }
  for (const auto& [event, n] : stored) {
    if (n > 1) l.fail(3, "text " + event + " is stored more than once");
  }
}

// After an acknowledged STOP only its one confirmation, HELP and crisis texts set out.
void stop_means_silence(const Look& l) {
  for (std::size_t i = 0; i < l.world.acknowledged.size(); ++i) {
    const Acknowledged& stop = l.world.acknowledged[i];
    if (!World::is_stop(stop.text)) continue;
    Instant until = Instant::max();
    for (std::size_t j = i + 1; j < l.world.acknowledged.size(); ++j) {
      const Acknowledged& next = l.world.acknowledged[j];
      const bool ends = next.text == "START" || next.text.starts_with("DELETE ");
      if (next.from != stop.from || (!ends && !World::is_stop(next.text))) continue;
      // A START may be stored and heeded before the try of it that gets its 2xx.
      until = ends ? next.typed_at : next.at;
      break;
    }
    int confirmations = 0;
    for (const Handed& h : l.world.handed) {
      if (h.to != stop.from || h.at <= stop.at || h.at >= until) continue;
      if (h.purpose == static_cast<int>(Purpose::stop_confirmation)) {
        if (h.reached && ++confirmations > 1) l.fail(4, "STOP was confirmed twice");
        continue;
      }
      const bool allowed =
          h.purpose == static_cast<int>(Purpose::crisis) ||
          (h.purpose == static_cast<int>(Purpose::reply) && h.template_name == "help");
      if (!allowed) {
        l.fail(4, fmt::format("text {} ({}) set out at {} after the STOP of {}", h.message,
                              h.template_name, to_iso(h.at), to_iso(stop.at)));
      }
    }
  }
}

// Nobody's alert without the sentence they agreed.
void agreed_first(const Look& l) {
  for (const store::RowId id : l.tx.person_ids(0, read_max)) {
    const auto agreements = l.tx.agreements_of(id);
    for (const Alert& a : l.tx.alerts_of(id)) {
      const bool agreed = std::any_of(agreements.begin(), agreements.end(), [&](const auto& g) {
        return g.rule == a.rule && g.code == a.agreement_code && g.inbound != 0 && g.answered_at &&
               g.status != store::AgreementStatus::offered &&
               g.status != store::AgreementStatus::disagreed;
      });
      if (!agreed) l.fail(5, "alert " + a.code + " (" + a.rule + ") has no agreement");
    }
  }
}

// After an erasure only its one answer, and answers to later HELP, set out.
void erasure_means_silence(const Look& l) {
  for (const Erased& e : l.world.erased) {
    int answers = 0;
    for (const Handed& h : l.world.handed) {
      if (h.to != e.number || h.at <= e.at) continue;
      if (h.template_name == "delete-done") {
        if (h.reached && ++answers > 1) l.fail(4, "an erasure was answered twice");
      } else if (h.purpose != static_cast<int>(Purpose::crisis) && h.template_name != "help") {
        l.fail(4, fmt::format("text {} ({}) set out at {} after the erasure of {}", h.message,
                              h.template_name, to_iso(h.at), to_iso(e.at)));
      }
    }
    if (l.tx.person_by_number(e.number)) l.fail(4, "somebody erased is still there");
    const bool back = std::any_of(l.world.acknowledged.begin(), l.world.acknowledged.end(),
                                  [&](const Acknowledged& a) {
                                    return a.from == e.number && a.text == "START" && a.at > e.at;
                                  });
    if (!back && !l.tx.opt_out(e.number))
      l.fail(4, "the number of somebody erased may be asked again");
  }
}

// What is on record is what they said.
void never_a_wrong_number(const Look& l) {
  for (const store::RowId id : l.tx.person_ids(0, read_max)) {
    std::map<store::RowId, std::string> event_of;
    for (const auto& in : l.tx.inbound_of(id, Instant{0})) event_of[in.id] = in.event_id;
    for (const store::Reading& r : l.tx.readings_of(id, Instant{0})) {
      const auto event = event_of.find(r.inbound);
      if (event == event_of.end()) continue;
      const auto meant = l.world.meant.find(event->second);
      if (meant == l.world.meant.end() || !meant->second.known) continue;
      if (!meant->second.mood || r.value != Decimal::of(*meant->second.mood)) {
        l.fail(6, fmt::format("text {} was read as {} {}", event->second, r.component,
                              to_text(r.value)));
      }
    }
  }
}

// Texts are in the person's language.
void in_their_language(const Look& l) {
  for (const Handed& h : l.world.handed) {
    if (h.slot.empty()) continue;
    const int person = World::person_of(h.to);
    const bool cy = person >= 0 && World::welsh(person);
    if (h.language != (cy ? "cy" : "en")) {
      l.fail(6, fmt::format("text {} ({}) is in \"{}\"", h.message, h.template_name, h.language));
    }
  }
}

// Whoever is on leave is not told while somebody stands in for them.
void leave_is_leave(const Look& l) {
  for (const Handed& h : l.world.handed) {
    if (h.on_leave.empty()) continue;
    l.fail(2, fmt::format("text {} ({}) went to {} at {}, who is on leave and covered", h.message,
                          h.template_name, h.on_leave, to_iso(h.at)));
  }
}

// Whether our process must know that a way is well: it never said no, or took a text that set out
// after it had, and whose answer is surely written down: neither a failing disk nor a crash came
// between.
bool surely_well(const World& w, std::size_t way, Instant when) {
  constexpr Millis written_within{5 * minute_ms};  // disks fail for three
  std::optional<Instant> said_no;
  bool well = true;
  for (const Handed& h : w.handed) {
    if (h.at > when || h.way != way || !h.well) continue;
    if (!*h.well) {
      said_no = said_no ? std::max(*said_no, h.answered_at) : h.answered_at;
      well = false;
    } else if (!well && h.at > *said_no && h.answered_at + written_within < when) {
      well = std::none_of(w.crashes.begin(), w.crashes.end(), [&](Instant c) {
        return c >= h.at && c <= h.answered_at + written_within;
      });
    }
  }
  return well;
}

// An urgent text that one way refused for now does not try it again while the other is well, unless
// somebody got through by it since. What our process did not live to write down it cannot know.
void the_other_way(const Look& l) {
  std::map<std::int64_t, const Handed*> before;  // by message
  std::array<std::size_t, providers.size()> through{};
  for (std::size_t i = 0; i < l.world.handed.size(); ++i) {
    const Handed& h = l.world.handed[i];
    const bool urgent = h.purpose == static_cast<int>(Purpose::alert) ||
                        h.purpose == static_cast<int>(Purpose::escalation) ||
                        h.purpose == static_cast<int>(Purpose::crisis);
    if (const auto it = before.find(h.message); urgent && it != before.end()) {
      const Handed& last = *it->second;
      const bool known = last.failed && last.unknowns == h.unknowns;
      const bool since =
          through.at(h.way) > static_cast<std::size_t>(&last - l.world.handed.data());
      if (known && last.way == h.way && !since && surely_well(l.world, 1 - h.way, h.at)) {
        l.fail(2, fmt::format("text {} ({}) tried {} again at {} while {} was well", h.message,
                              h.template_name, providers.at(h.way), to_iso(h.at),
                              providers.at(1 - h.way)));
      }
    }
    before[h.message] = &h;
    if (h.well.value_or(false)) through.at(h.way) = i;
  }
}

// With faults off everything drains.
void drained(const Look& l) {
  for (const MessageStatus s : {MessageStatus::sending}) {
    for (const Message& m : l.tx.messages_in(s, read_max)) {
      // One that set out at the very end is under way, not stuck.
      if (m.claimed_at && *m.claimed_at > l.world.now - Millis{hour_ms}) continue;
      l.fail(2, fmt::format("text {} ({}) is still being sent", m.id, m.template_name));
    }
  }
  for (const Message& m : l.tx.messages_due(l.world.now - Millis{hour_ms}, 100)) {
    l.fail(2, fmt::format("text {} ({}) has been due since {}", m.id, m.template_name,
                          to_iso(m.due_at)));
  }
  for (const Message& m : l.tx.messages_in(MessageStatus::queued, read_max)) {
    if (m.due_at > l.world.now + Millis{32 * day_ms}) {
      l.fail(2,
             fmt::format("text {} ({}) waits until {}", m.id, m.template_name, to_iso(m.due_at)));
    }
  }
  for (const auto& t : l.tx.timers_due(l.world.now - Millis{hour_ms}, 100)) {
    l.fail(2, fmt::format("timer {} has been due since {}", t.kind, to_iso(t.due_at)));
  }
  if (l.tx.setting(checkins::rules_seen_setting) != l.live.service->hash) {
    l.fail(5, "the rules of the configuration in use were not told to everybody");
  }
  if (const auto row = l.tx.audit_broken_at()) {
    l.fail(3, fmt::format("the audit trail does not verify at row {}", *row));
  }
}

}  // namespace

std::vector<std::string> broken_promises(const World& world, store::Store& store,
                                         const actors::Live& live) {
  std::vector<std::string> broken;
  store.read([&](store::ReadTx& tx) {
    const Look l{world, tx, live, broken};
    one_text_a_slot(l);
    nothing_doubtful_repeated(l);
    doubtful_repeated(l);
    no_alert_lost(l);
    nothing_acknowledged_lost(l);
    stop_means_silence(l);
    agreed_first(l);
    erasure_means_silence(l);
    never_a_wrong_number(l);
    in_their_language(l);
    leave_is_leave(l);
    the_other_way(l);
    drained(l);
  });
  return broken;
}

}  // namespace moodline::sim
