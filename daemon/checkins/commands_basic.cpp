#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"

namespace moodline::checkins {
namespace {

using store::PersonStatus;
using store::Purpose;

constexpr Millis readings_back{35LL * 86'400'000};

// Routine texts to them wait for the end of a pause, and leave when it ends early.
void pause_changed(Desk& d) {
  d.save();
  desk_again(d.tx, d.s);
}

std::string lower_ascii(std::string_view s) {
  std::string out;
  for (const char c : s) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// By its own name or one that its texts list under `also` ("welsh").
bool named(const config::LanguageWords& words, const std::string& wanted) {
  if (lower_ascii(words.name) == lower_ascii(wanted)) return true;
  const auto also = words.words.find("also");
  return also != words.words.end() && !wanted.empty() &&
         (" " + lower_ascii(also->second) + " ").find(" " + lower_ascii(wanted) + " ") !=
             std::string::npos;
}

std::string day_month(const Desk& d, LocalDate date) {
  const CivilDate c = civil(date);
  const auto& months = d.words().months_short;
  const auto i = static_cast<std::size_t>(c.month - 1);
  const std::string month = i < months.size() ? months[i] : std::to_string(c.month);
  return fmt::format("{} {} {}", d.day_name(date), c.day, month);
}

}  // namespace

void do_stop(Desk& d, const Request& r) {
  const bool already = d.tx.opt_out(d.person.number).has_value();
  opt_out(d.tx, d.s, d.person, "text");
  d.note("person.stop");
  if (already || d.person.do_not_reply) return;
  // The confirmation of a STOP with risk is the crisis text, which the safety step has queued.
  if (r.safety) return;
  d.reply("stop-confirmed", {}, Purpose::stop_confirmation);
}

void do_start(Desk& d, const Request&) {
  if (d.person.status == PersonStatus::active && !d.tx.opt_out(d.person.number)) {
    d.reply("already-on");
    return;
  }
  if (d.person.status == PersonStatus::wrong_number || d.person.status == PersonStatus::deceased ||
      d.person.status == PersonStatus::discharged) {
    // Whoever holds this number now wants texts: the admin may add them anew.
    d.tx.drop_opt_out(d.person.number);
    d.note("person.start_refused");
    tell_admin(d.tx, d.s, "admin-start-after-leaving", {{"person", d.person.display}},
               "start:" + d.person.key, d.person.id);
    return;
  }
  d.tx.drop_opt_out(d.person.number);
  d.person.status = PersonStatus::invited;
  d.person.agreed_at.reset();
  d.note("person.start");
  invite(d, Asked::by_start);
}

void do_help(Desk& d, const Request&) {
  d.reply("help");
}

void do_wrong(Desk& d, const Request&) {
  opt_out(d.tx, d.s, d.person, "wrong_number");
  d.person.status = PersonStatus::wrong_number;
  d.note("person.wrong_number");
  for (store::Reading& reading : d.tx.readings_of(d.person.id, d.s.now - readings_back)) {
    if (!reading.doubtful) {
      reading.doubtful = true;
      d.tx.put(reading);
    }
  }
  tell_admin(d.tx, d.s, "admin-wrong-number", {{"person", d.person.display}},
             "wrong:" + d.person.key, d.person.id);
}

void do_pause(Desk& d, const Request& r) {
  const auto end = pause_end(d, r.arg);
  if (!end) {
    d.reply("pause-how-long");
    return;
  }
  d.person.paused_until = end;
  d.note("person.pause");
  pause_changed(d);
  cancel_routine(d.tx, d.s, d.person);
  if (*end == Instant::max()) {
    d.reply("paused-open");
  } else {
    d.reply("paused", {{"until", day_month(d, d.zone().local(*end).date)}});
  }
}

void do_resume(Desk& d, const Request&) {
  d.person.paused_until.reset();
  d.note("person.resume");
  pause_changed(d);
  d.reply("resumed");
}

void do_skip(Desk& d, const Request& r) {
  // "no more texts about sleep": that measure is left out from now on; the echo names STOP.
  const auto named = parts_by_measure(d, r.arg);
  const bool one = named.size() == 1 && named.front().measures.size() == 1 &&
                   named.front().words.empty();  // "sleep tonight" is tonight's alone
  const auto it = std::find_if(d.person.measures.begin(), d.person.measures.end(),
                               [&](const store::TrackedMeasure& m) {
                                 return one && m.measure == named.front().measures.front();
                               });
  if (it != d.person.measures.end() && d.person.measures.size() > 1) {
    const std::string name = d.measure_name(it->measure);
    d.person.measures.erase(it);
    d.note("person.measure_left");
    plan_person(d);
    d.reply("measure-left", {{"measure", name}});
    return;
  }
  const Instant tomorrow = d.zone().resolve_or_next(d.today() + 1, TimeOfDay::hm(4, 0));
  d.person.paused_until = tomorrow;
  d.note("person.skip");
  pause_changed(d);
  cancel_routine(d.tx, d.s, d.person);
  d.reply("skipped");
}

void do_lang(Desk& d, const Request& r) {
  for (const std::string& code : d.s.service.settings.languages) {
    const auto it = d.s.service.texts.languages.find(code);
    const bool meant =
        code == r.arg || (it != d.s.service.texts.languages.end() && named(it->second, r.arg));
    if (!meant) continue;
    d.person.language = code;
    d.note("person.language");
    d.reply("lang-set");
    return;
  }
  std::vector<std::string> names;
  for (const std::string& code : d.s.service.settings.languages) {
    const auto it = d.s.service.texts.languages.find(code);
    names.push_back(it == d.s.service.texts.languages.end() ? code : it->second.name);
  }
  d.note("person.language_wanted");
  tell_admin(d.tx, d.s, "admin-language-wanted",
             {{"person", d.person.display}, {"language", r.arg}}, "lang:" + d.person.key,
             d.person.id);
  d.reply("lang-not-yet", {{"languages", fmt::format("{}", fmt::join(names, ", "))}});
}

void do_undo(Desk& d, const Request&) {
  auto readings = d.tx.readings_of(d.person.id, d.s.now - readings_back);
  std::erase_if(readings, [](const store::Reading& x) { return x.corrected_by != 0; });
  if (readings.empty()) {
    d.reply("nothing-to-undo");
    return;
  }
  auto last = std::max_element(readings.begin(), readings.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; });
  const store::RowId inbound = last->inbound;
  const LocalDate day = last->local_day;
  const store::Reading undone = *last;
  for (store::Reading& x : d.tx.readings_of(d.person.id, d.s.now - readings_back)) {
    if (x.inbound == inbound) {
      x.corrected_by = -1;  // taken back, nothing in its place
      d.tx.put(x);
    } else if (const auto by = std::find_if(readings.begin(), readings.end(),
                                            [&](const auto& r) { return r.id == x.corrected_by; });
               by != readings.end() && by->inbound == inbound) {
      x.corrected_by = 0;  // a correction taken back: what it replaced counts again
      d.tx.put(x);
    }
  }
  log_undo(d, undone);
  d.note("person.undo");
  d.reply("undone", {{"day", d.day_name(day)}});
}

}  // namespace moodline::checkins
