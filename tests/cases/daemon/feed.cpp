#include "tests/cases/daemon/feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config/resolve.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::casetest {
namespace {

using config::CaseLine;

constexpr Millis minute{60'000};
constexpr Millis hour{3'600'000};
const std::vector<std::string> roles{"practitioner", "deputy", "lead", "duty", "admin"};

std::string staff_number(std::size_t i) {
  return fmt::format("+447700900{}", 101 + i);
}

config::Practitioner staff(const std::string& id, std::size_t i,
                           const std::optional<rules::Recipient>& like) {
  config::Practitioner p;
  p.id = id;
  p.name = "Sam Reed";
  p.initials = "SR";
  p.number = E164::parse(staff_number(i), number_plan("GB").value()).value();
  p.timezone = "UTC";
  p.languages = {"en"};
  p.roles = {id};
  p.daily_cap = 0;
  const bool always = !like || id == "admin";
  for (int d = 0; d < 7; ++d) {
    const auto day = static_cast<Weekday>(d);
    if (always) {
      p.hours[day] = {{TimeOfDay{0}, TimeOfDay{86'400}}};
      continue;
    }
    for (const rules::OpenHours& h : like->calendar.week[static_cast<std::size_t>(d)]) {
      p.hours[day].push_back({h.from, h.to});
    }
  }
  if (!always) {
    p.timezone = like->calendar.zone.name();
    p.holidays = like->calendar.holidays;
    p.daily_cap = like->texts_a_day;
  }
  if (id == "practitioner") {
    p.deputy = "deputy";
    p.lead = "lead";
  }
  return p;
}

// Templates are the daemon's own: the form has none.
rules::RulePtr with_templates(const rules::Rule& rule) {
  rules::Rule r = rule;
  for (rules::Step& s : r.then) s.template_id = "please-look";
  for (rules::Step& s : r.escalate) s.template_id = "please-look";
  r.says = r.says_text = "The case's sentence.";
  return std::make_shared<const rules::Rule>(std::move(r));
}

}  // namespace

std::shared_ptr<const actors::Live> live_for(const actors::Live& sample,
                                             const std::optional<rules::Recipient>& practitioner,
                                             const Zone& zone, bool higher_is_worse) {
  auto service = std::make_shared<config::Service>(*sample.service);
  config::Settings& st = service->settings;
  st.mode = config::Mode::test;
  st.timezone = zone.name();
  st.sending = {TimeOfDay{0}, TimeOfDay{86'400}};
  st.retention = {0, 4000};
  st.contacts.duty = "duty";
  st.contacts.admin = "admin";
  service->practitioners.clear();
  for (std::size_t i = 0; i < roles.size(); ++i) {
    service->practitioners.push_back(staff(roles[i], i, practitioner));
  }
  config::Measure mood = *sample.service->measure("mood");
  mood.direction =
      higher_is_worse ? config::Direction::higher_is_worse : config::Direction::higher_is_better;
  mood.labels.clear();
  mood.alarm = {};
  mood.components = {{"mood", Decimal::of(1), Decimal::of(20), Decimal{Decimal::one / 10}, 1}};
  service->measures = {mood};
  config::Programme programme;
  programme.id = "case";
  programme.name = "case";
  programme.review_days = 4000;
  config::Prompt ask;
  ask.id = "ask";
  ask.measures = {"mood"};
  programme.prompts = {ask};
  service->programmes = {programme};
  service->rules.clear();
  for (config::Route& r : service->routes) r.segments_per_s = Decimal::of(1'000'000);
  auto live = std::make_shared<actors::Live>(sample);
  live->service = service;
  return live;
}

Feed::Feed(std::shared_ptr<const actors::Live> sample, Wire& wire, const config::CaseInput& in,
           bool restart)
    : in_(in) {
  const bool worse = in.rule->when.line.test == rules::Test::above ||
                     in.rule->when.line.test == rules::Test::at_least;
  Instant first = in.log.empty() ? in.until : in.log.front().learned;
  for (const rules::Event& e : in.log) {
    if (const auto* p = std::get_if<rules::PromptEvent>(&e.what)) first = std::min(first, p->at);
    if (const auto* t = std::get_if<rules::Inbound>(&e.what)) first = std::min(first, t->at);
  }
  auto live = live_for(*sample, in.practitioner, in.zone, worse);
  auto service = std::make_shared<config::Service>(*live->service);
  const auto& window = in.rule->reply_window;
  service->programmes[0].prompts[0].reply_window =
      std::chrono::seconds{window.s + window.days * std::int64_t{86'400}};
  auto own = std::make_shared<actors::Live>(*live);
  own->service = service;
  town_ = std::make_unique<Town>(own, wire, first - hour, restart);
}

store::Person Feed::person() {
  store::Person p;
  town_->read([&](store::ReadTx& tx) { p = tx.person(person_).value(); });
  return p;
}

void Feed::with_person(const std::function<void(checkins::Desk&)>& work) {
  town_->write([&](store::Tx& tx, const checkins::Setting& s) {
    checkins::Desk d(tx, s, tx.person(person_).value());
    work(d);
  });
}

void Feed::enrol() {
  town_->write([&](store::Tx& tx, const checkins::Setting& s) {
    for (const std::string& id : roles) {
      store::PractitionerState st = tx.practitioner(id).value_or(store::PractitionerState{});
      st.id = id;
      st.invited_at = st.accepted_at = s.now;
      tx.put(st);
    }
    checkins::NewPerson n;
    n.number = person_number;
    n.display = "P1";
    n.programme = "case";
    n.practitioner = "practitioner";
    n.zone = in_.zone.name();
    n.agreed_with = "Sam Reed";
    n.agreed_on = s.now;
    n.measures = {{"mood", "to see what helps", {}}};
    const auto added = checkins::add_person(tx, s, n, "admin:case");
    if (!added) throw std::runtime_error(added.error().message);
    person_ = added->id;
  });
  join();
}

void Feed::join() {
  town_->text(person_number, "AGREE " + person().agree_code, town_->now(), {});
  if (person().status != store::PersonStatus::active) throw std::runtime_error("AGREE did nothing");
}

void Feed::offer(const rules::RulePtr& rule) {
  current_ = with_templates(*rule);
  with_person([&](checkins::Desk& d) {
    const checkins::ResolvedRule resolved{
        current_, current_->says_text, config::rule_hash(*current_), {"practitioner"}};
    (void)checkins::rule_changed(d, resolved);
  });
}

void Feed::say_agree() {
  if (person().status != store::PersonStatus::active) {
    town_->text(person_number, "START", town_->now(), {});
    join();
    with_person([&](checkins::Desk& d) {
      checkins::offer_resolved(
          d, {current_, current_->says_text, config::rule_hash(*current_), {"practitioner"}});
    });
  }
  say_code("AGREE");
}

// About the newest sentence.
void Feed::say_code(const std::string& verb) {
  std::string code;
  town_->read([&](store::ReadTx& tx) {
    for (const store::Agreement& a : tx.agreements_of(person_)) {
      if (a.status != store::AgreementStatus::superseded) code = a.code;
    }
  });
  town_->text(person_number, verb + " " + code, town_->now(), {});
}

void Feed::prompt(const rules::PromptEvent& p) {
  using rules::PromptStatus;
  if (const auto it = prompts_.find(p.id); it != prompts_.end()) {
    std::string reference;
    town_->read([&](store::ReadTx& tx) {
      for (const store::Message& m : tx.messages_of(person_, Instant::min())) {
        if (m.prompt == it->second) reference = m.reference;
      }
    });
    if (reference.empty()) throw std::runtime_error("no text was sent for prompt " + p.id);
    town_->receipt(reference, p.status == PromptStatus::undelivered ? "failed" : "delivered");
    town_->settle();
    return;
  }
  Fate fate = Fate::delivered;
  if (p.status == PromptStatus::undelivered) fate = Fate::undelivered;
  if (p.status == PromptStatus::unknown) fate = Fate::lost;
  if (p.status == PromptStatus::accepted) fate = Fate::accepted;
  const auto with = [&](auto&& change) {
    with_person([&](checkins::Desk& d) {
      change(d.person);
      d.save();
    });
  };
  // A prompt that is paused or held is asked of a person who is so at that moment.
  if (p.status == PromptStatus::paused) {
    with([](store::Person& x) { x.paused_until = Instant::max(); });
  }
  if (p.status == PromptStatus::held) with([](store::Person& x) { x.hold = true; });
  with_person([&](checkins::Desk& d) {
    schedule::Slot slot;
    slot.id = {d.today(), slots_++};
    slot.due = p.at;
    slot.expires = p.status == PromptStatus::not_sent ? p.at : p.at + 2 * hour;
    checkins::write_slot(d, d.programme()->prompts.front(), slot);
    const auto row = d.tx.prompt_of_slot(person_, "ask", slot.id.date, slot.id.index);
    prompts_[p.id] = row.value().id;
    town_->fates[row->id] = fate;  // before the transaction ends, and so before it is sent
  });
  if (p.status == PromptStatus::paused) with([](store::Person& x) { x.paused_until.reset(); });
  if (p.status == PromptStatus::held) with([](store::Person& x) { x.hold = false; });
}

// The case's own words where they are read as the case means them, else plainer ones; nothing
// where no text can say it.
std::string Feed::words_for(const rules::Inbound& text, const std::string& id) {
  const std::string value = text.value ? to_text(*text.value) : std::string{};
  std::vector<std::string> tries{text.text_key};
  const bool safety = !text.lists.empty();
  if (safety) tries.push_back(value.empty() ? "I want to die" : value + " want to die");
  if (text.corrects) {
    tries.push_back("sorry meant " + value);
    tries.push_back("sorry, " + value);
  } else if (text.for_day) {
    tries.push_back("yesterday " + value);
    tries.push_back(fmt::format("{} {}", short_name(text.for_day->weekday()), value));
    tries.push_back(fmt::format("last {} {}", short_name(text.for_day->weekday()), value));
  } else if (text.value) {
    tries.push_back(value);
  } else if (text.low) {
    for (const char* low : {"0", "-3"}) tries.emplace_back(low);
  } else {
    tries.emplace_back("busy just now");
  }
  for (const std::string& words : tries) {
    bool right = false;
    town_->probe([&](store::Tx& tx, const checkins::Setting& s) {
      providers::Event e{.event_id = id, .from = person_number, .to = "+447700900000"};
      e.type = providers::EventType::mo;
      e.at = text.at;
      e.text = words;
      store::RowId before = 0;
      for (const auto& row : tx.log_of(person_, 0, 1'000'000)) before = row.id;
      (void)checkins::take_inbound(tx, s, "phones", e);
      for (const auto& row : tx.log_of(person_, before, 10)) {
        const auto entry = checkins::person_event_from(row.payload);
        if (!entry || entry->type != "inbound") continue;
        const auto seen = checkins::as_rule_sees(*entry, *in_.rule, "mood", s.now);
        const auto& in = std::get<rules::Inbound>(seen->what);
        const bool danger = std::find(in.lists.begin(), in.lists.end(), "safety") != in.lists.end();
        right = in.value == text.value && in.low == text.low && in.corrects == text.corrects &&
                in.for_day == text.for_day && danger == safety && in.at == text.at;
      }
    });
    if (right) return words;
  }
  return {};
}

void Feed::inbound(const rules::Inbound& text) {
  const std::string id = "case-" + text.id;
  if (const auto known = words_.find(id); known != words_.end()) {
    if (!known->second.empty()) town_->text(person_number, known->second, text.at, id);
    return;
  }
  const std::string words = words_for(text, id);
  words_[id] = words;
  if (!words.empty()) {
    town_->text(person_number, words, text.at, id);
    return;
  }
  std::string what = "a text";
  if (text.corrects) what = "a correction that its text cannot name";
  if (text.for_day) what = "a reading for a day that no words name";
  if (person().status != store::PersonStatus::active) what = "a text of somebody who has left";
  ++by_hand[what];
  checkins::PersonEvent e;
  e.type = "inbound";
  e.id = id;
  e.at = text.at;
  if (text.value) e.values["mood"] = *text.value;
  if (text.low) e.low = {"mood"};
  e.corrects = text.corrects;
  e.for_day = text.for_day;
  e.lists = text.lists;
  with_person([&](checkins::Desk& d) { checkins::learn(d, {e}); });
}

void Feed::edit(const rules::Edit& e) {
  offer(e.rule);
  if (e.agreed) say_agree();
}

void Feed::staff_text(const std::string& verb) {
  std::string code;
  std::string from;
  town_->read([&](store::ReadTx& tx) {
    for (const store::Alert& a : tx.alerts_of(person_)) {
      code = a.code;
      for (const store::Message& m : tx.messages_of_alert(a.id)) {
        for (std::size_t i = 0; i < roles.size(); ++i) {
          if (m.practitioner == roles[i] && m.claimed_at) from = staff_number(i);
        }
      }
    }
  });
  if (from.empty()) {  // the case has no practitioner: by the admin
    ++by_hand["an answer of a practitioner whom the case does not name"];
    const char* name = verb == "ACK" ? "alert.ack" : verb == "PASS" ? "alert.pass" : "alert.done";
    return with_person([&](checkins::Desk& d) {
      control::ActionContext c{d.tx, d.s, "admin:case"};
      const auto done = control::run_action(c, name, {{"alert", code}, {"note", "seen"}});
      if (!done) throw std::runtime_error(done.error().message);
    });
  }
  town_->text(from, verb + " " + code, town_->now(), {});
}

// Nothing of theirs is left in the store, the events included: what had been said before is kept
// here.
void Feed::erase() {
  erased_ = events();
  int open = 0;
  for (const CaseLine& line : erased_) {
    if (line.what == "fire") open = 1;
    if (line.what == "clear" || line.what == "withdraw" || line.what == "close") open = 0;
  }
  with_person([&](checkins::Desk& d) {
    control::ActionContext c{d.tx, d.s, "admin:case"};
    const auto done = control::run_action(c, "person.erase",
                                          {{"person", d.person.key}, {"confirm", d.person.key}});
    if (!done) throw std::runtime_error(done.error().message);
  });
  town_->read([&](store::ReadTx& tx) {
    if (tx.person(person_) || !tx.alerts_of(person_).empty()) {
      throw std::runtime_error("something of them is left");
    }
  });
  if (open > 0) erased_.push_back({town_->now(), "close"});
  gone_ = true;
}

void Feed::feed(const rules::Event& e) {
  if (gone_) {  // nobody is asked; a yes is that of somebody new
    if (!std::holds_alternative<rules::Agree>(e.what)) return;
    gone_ = false;
    prompts_.clear();
    town_->text(person_number, "START", town_->now(), {});  // until then the number is left alone
    enrol();
    with_person([&](checkins::Desk& d) {
      checkins::offer_resolved(
          d, {current_, current_->says_text, config::rule_hash(*current_), {"practitioner"}});
    });
  }
  if (const auto* p = std::get_if<rules::PromptEvent>(&e.what)) return prompt(*p);
  if (const auto* t = std::get_if<rules::Inbound>(&e.what)) return inbound(*t);
  if (const auto* x = std::get_if<rules::Edit>(&e.what)) return edit(*x);
  const auto say = [&](const std::string& words) {
    town_->text(person_number, words, town_->now(), {});
  };
  if (std::holds_alternative<rules::Agree>(e.what)) return say_agree();
  if (std::holds_alternative<rules::Stop>(e.what)) return say("STOP");
  if (std::holds_alternative<rules::Undo>(e.what)) return say("UNDO");
  if (std::holds_alternative<rules::Unshare>(e.what)) return say("UNSHARE Sam");
  if (std::holds_alternative<rules::Erase>(e.what)) return erase();
  // By the admin: a person's PAUSE is also a text, and the case has none.
  const auto action = [&](const char* name, const char* key = nullptr,
                          const std::string& value = {}) {
    with_person([&](checkins::Desk& d) {
      control::ActionContext c{d.tx, d.s, "admin:case"};
      boost::json::object args{{"person", d.person.key}};
      if (key != nullptr) args[key] = value;
      const auto done = control::run_action(c, name, args);
      if (!done) throw std::runtime_error(done.error().message);
    });
  };
  if (std::holds_alternative<rules::Pause>(e.what)) return action("person.pause");
  if (std::holds_alternative<rules::Resume>(e.what)) return action("person.resume");
  if (std::holds_alternative<rules::Disagree>(e.what)) return say_code("DISAGREE");
  if (std::holds_alternative<rules::Retire>(e.what)) {
    return action("rules.retire", "rule", current_->id);  // the programme offers it no more
  }
  if (const auto* move = std::get_if<rules::MoveZone>(&e.what)) {
    return action("person.set", "timezone", move->zone.name());
  }
}

void Feed::feed_desk(const config::DeskCaseEvent& e) {
  if (e.type == "ack") return staff_text("ACK");
  if (e.type == "pass") return staff_text("PASS");
  if (e.type == "done") return staff_text("DONE");
  if (e.type != "failed") return;  // the rest comes through the log
  std::string reference;
  for (const Sent& s : town_->sent) {
    if (!s.message.practitioner.empty() && s.message.alert != 0) reference = s.message.reference;
  }
  town_->receipt(reference, "failed");
  town_->settle();
}

std::vector<Feed::Happening> Feed::order() const {
  std::vector<Happening> all;
  for (std::size_t i = 0; i < in_.log.size(); ++i) {
    const rules::Event& e = in_.log[i];
    // What a practitioner does is in the log too, for the engine's own runs.
    if (std::holds_alternative<rules::Ack>(e.what) || std::holds_alternative<rules::Done>(e.what) ||
        std::holds_alternative<rules::Pass>(e.what)) {
      continue;
    }
    int order = 2;
    if (std::holds_alternative<rules::Edit>(e.what) ||
        std::holds_alternative<rules::Agree>(e.what) ||
        std::holds_alternative<rules::MoveZone>(e.what)) {
      order = 0;
    }
    if (std::holds_alternative<rules::PromptEvent>(e.what)) order = 1;
    all.push_back({e.learned, order, i, false});
  }
  for (std::size_t i = 0; i < in_.desk.size(); ++i) all.push_back({in_.desk[i].at, 3, i, true});
  std::stable_sort(all.begin(), all.end(), [](const Happening& a, const Happening& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  });
  return all;
}

std::vector<CaseLine> Feed::run() {
  enrol();
  offer(in_.rule);
  if (in_.agreed_at) say_agree();
  struct Span {
    Instant at;
    bool up;
  };
  std::vector<Span> power;
  for (const auto& [from, to] : in_.down) {
    power.push_back({from, false});
    if (to != Instant::max()) power.push_back({to, true});
  }
  std::size_t next = 0;
  const auto switches = [&](Instant t) {
    for (; next < power.size() && power[next].at <= t; ++next) {
      town_->go_to(power[next].at);
      if (power[next].up) {
        town_->start();
      } else {
        town_->stop();
      }
    }
  };
  for (const Happening& h : order()) {
    if (h.at > in_.until) break;
    switches(h.at);
    town_->go_to(h.at);
    if (h.desk) {
      feed_desk(in_.desk[h.index]);
    } else {
      feed(in_.log[h.index]);
    }
  }
  switches(in_.until);
  town_->go_to(in_.until);
  town_->settle();
  auto lines = events();
  messages(lines);
  config::sort_lines(lines);
  return lines;
}

std::vector<CaseLine> Feed::events() {
  std::vector<CaseLine> lines = erased_;
  if (gone_) return lines;
  town_->read([&](store::ReadTx& tx) {
    for (const store::EmittedEvent& e : tx.events_of(person_, Instant::min())) {
      if (e.at > in_.until || e.type == "unstale" || e.type == "match" ||
          e.type == "reply_person") {
        continue;
      }
      lines.push_back({e.at, e.type});
    }
  });
  return lines;
}

void Feed::messages(std::vector<CaseLine>& lines) {
  std::set<std::pair<store::RowId, std::string>> noticed;
  const auto add = [&](Instant at, store::RowId alert, const std::string& what) {
    const bool notice = what == "resolve_notice" || what == "corrected_notice";
    if (notice && !noticed.emplace(alert, what).second) return;
    lines.push_back({at, what});
  };
  for (const Sent& s : town_->sent) {
    const store::Message& m = s.message;
    // The form lists the crisis text only where the rule under test is about it.
    const bool phrase = in_.rule->when.kind == rules::Kind::phrase;
    if (m.purpose == store::Purpose::crisis && phrase) lines.push_back({s.at, "reply_person"});
    if (m.practitioner.empty() || m.alerts.empty() || !in_.practitioner) continue;
    if (m.purpose == store::Purpose::admin) continue;
    static const std::map<std::string, std::string> notices{{"cleared-note", "note"},
                                                            {"resolved", "resolve_notice"},
                                                            {"withdrawn", "corrected_notice"},
                                                            {"unsettled", "unsettled"}};
    const bool escalated = m.purpose == store::Purpose::escalation;
    const auto kind = notices.find(m.template_name);
    if (m.template_name != "alert-list") {
      add(s.at, m.alerts.front(),
          kind != notices.end() ? kind->second
          : escalated           ? "escalate"
                                : "notify");
      continue;
    }
    // A list of several: an item that is over says so.
    std::string list = m.values.at("list");
    for (const store::RowId alert : m.alerts) {
      const std::string item = list.substr(0, list.find("; "));
      list.erase(0, std::min(list.size(), item.size() + 2));
      const bool over = item.find("cleared") != std::string::npos;
      bool told = false;
      for (const Sent& before : town_->sent) {
        if (&before == &s) break;
        told = told ||
               (before.message.alert == alert && before.message.practitioner == m.practitioner);
      }
      add(s.at, alert,
          over        ? (told ? "resolve_notice" : "note")
          : escalated ? "escalate"
                      : "notify");
    }
  }
}

}  // namespace moodline::casetest
