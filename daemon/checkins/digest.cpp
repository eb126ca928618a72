#include "daemon/checkins/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "daemon/checkins/about.hpp"
#include "daemon/checkins/person_log.hpp"

namespace moodline::checkins {
namespace {

using Picture = Week::Picture;
using store::PromptStatus;

constexpr Millis week{7LL * 86'400'000};

std::string day_of_month(const config::Service& service, const std::string& language, LocalDate d) {
  return fmt::format("{} {}", short_day(service, language, d), civil(d).day);
}

std::string item(const config::Service& service, const std::string& language,
                 const std::string& who, const Week& w) {
  std::string out = fmt::format("{} {}/{}", who, w.answered, w.due);
  if (w.picture == Picture::gateway_broken && w.broken_from) {
    out += " " + day_of_month(service, language, *w.broken_from);
    if (w.broken_to != w.broken_from) out += "-" + day_of_month(service, language, *w.broken_to);
  }
  for (const std::string& code : w.codes) out += " " + code;
  return out;
}

void count(Week& w, const store::Prompt& p, const std::set<store::RowId>& with_reading) {
  switch (p.status) {
    case PromptStatus::paused:
    case PromptStatus::held:
    case PromptStatus::due:
    case PromptStatus::sending:
      return;
    case PromptStatus::not_sent:
    case PromptStatus::undelivered:
      ++w.due;
      ++w.broken;
      if (!w.broken_from || p.local_date < *w.broken_from) w.broken_from = p.local_date;
      if (!w.broken_to || p.local_date > *w.broken_to) w.broken_to = p.local_date;
      return;
    case PromptStatus::sent:
    case PromptStatus::delivered:
    case PromptStatus::unknown:
      ++w.due;
      ++w.asked;
      if (with_reading.contains(p.id)) ++w.answered;
      return;
  }
}

}  // namespace

Week week_of(store::ReadTx& tx, const store::Person& person, Instant until) {
  Week w;
  std::set<store::RowId> with_reading;
  for (const store::Reading& r : tx.readings_of(person.id, until - week - week)) {
    if (r.prompt != 0) with_reading.insert(r.prompt);
  }
  // Words without a number are an answer too: to the question before them.
  const auto prompts = tx.prompts_of(person.id, until - week);
  for (const store::Inbound& in : tx.inbound_of(person.id, until - week)) {
    if (in.kind != "note_only" && in.kind != "unclear" && in.kind != "safety") continue;
    const store::Prompt* before = nullptr;
    for (const store::Prompt& p : prompts) {
      if (p.sent_at && *p.sent_at <= in.at) before = &p;
    }
    if (before != nullptr) with_reading.insert(before->id);
  }
  for (const store::Prompt& p : prompts) {
    if (p.due_at < until) count(w, p, with_reading);
  }
  for (const store::Alert& a : tx.alerts_of(person.id)) {
    if (a.fired_at >= until - week && a.fired_at < until && !is_digest(tx, a) &&
        told_to_staff(tx, a)) {
      w.codes.push_back(a.code);
    }
  }
  if (w.broken > 0) {
    w.picture = Picture::gateway_broken;
  } else if (w.asked > 0 && w.answered == 0) {
    w.picture = Picture::nobody_replied;
  } else if (!w.codes.empty()) {
    w.picture = Picture::crossed;
  } else if (w.asked > 0) {
    w.picture = Picture::all_well;
  }
  return w;
}

bool is_digest(store::ReadTx& tx, const store::Alert& alert) {
  for (const store::Agreement& a : tx.agreements_of(alert.person)) {
    if (a.rule != alert.rule || a.snapshot.empty()) continue;
    const auto rule = rule_from_text(a.snapshot);
    return rule && std::any_of(rule->then.begin(), rule->then.end(), [](const rules::Step& step) {
             return step.kind == rules::StepKind::digest;
           });
  }
  return false;
}

std::string friend_digest_list(store::ReadTx& tx, const std::vector<store::RowId>& alerts) {
  std::string out;
  for (const store::RowId id : alerts) {
    const auto a = tx.alert(id);
    const auto person = a ? tx.person(a->person) : std::nullopt;
    if (!person) continue;
    const Week w = week_of(tx, *person, a->fired_at);
    out += fmt::format("{}{} {}/{}", out.empty() ? "" : ", ", person->display, w.answered, w.due);
  }
  return out;
}

std::string digest_list(store::ReadTx& tx, const Setting& s,
                        const std::vector<store::RowId>& alerts, const std::string& language) {
  struct Group {
    Picture picture;
    std::string title;
    std::string items;
  };
  const config::Service& service = s.service;
  // What may be cut off for want of room comes last: those who are well.
  const config::LanguageWords& words = service.words(language);
  std::array groups{
      Group{Picture::gateway_broken, words.word("gateway_broken"), {}},
      Group{Picture::nobody_replied, words.word("nobody_replied"), {}},
      Group{Picture::crossed, words.word("alert"), {}},
      Group{Picture::nothing_due, words.word("paused"), {}},
      Group{Picture::all_well, words.word("all_well"), {}},
  };
  for (const store::RowId id : alerts) {
    const auto a = tx.alert(id);
    const auto person = a ? tx.person(a->person) : std::nullopt;
    if (!person) continue;
    const Week w = week_of(tx, *person, a->fired_at);
    for (Group& g : groups) {
      if (g.picture != w.picture) continue;
      g.items += (g.items.empty() ? "" : ", ") + item(service, language, person->display, w);
    }
  }
  std::string out;
  for (const Group& g : groups) {
    if (g.items.empty()) continue;
    out += (out.empty() ? "" : "; ") + g.title + ": " + g.items;
  }
  return out;
}

}  // namespace moodline::checkins
