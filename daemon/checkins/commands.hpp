// Commands: what a person may ask by text, each answered in one text. Thread: the store's.
#pragma once
#include <string>
#include <vector>

#include "daemon/checkins/desk.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::checkins {

/// A request read from a text. `inbound` is the row of that text.
struct Request {
  replies::Command command = replies::Command::none;
  std::string arg;
  store::RowId inbound = 0;
  bool safety = false;  // the same text raised the safety flag: it has its crisis reply already
  std::size_t words_at =
      0;  // byte of the text as it came where the command's word ends; 0: unknown
};

/// Carries the request out and answers it. Changes the desk's person; the caller saves.
void carry_out(Desk& desk, const Request& request);

// Parts, by file -----------------------------------------------------------------------------

// commands_basic.cpp: STOP, START, HELP, WRONG, PAUSE, RESUME, SKIP, LANG, UNDO
void do_stop(Desk& desk, const Request& r);
void do_start(Desk& desk, const Request& r);
void do_help(Desk& desk, const Request& r);
void do_wrong(Desk& desk, const Request& r);
void do_pause(Desk& desk, const Request& r);
void do_resume(Desk& desk, const Request& r);
void do_skip(Desk& desk, const Request& r);
void do_lang(Desk& desk, const Request& r);
void do_undo(Desk& desk, const Request& r);

// commands_times.cpp: TIME, DAYS
void do_time(Desk& desk, const Request& r);
void do_days(Desk& desk, const Request& r);

/// What TIME or DAYS did, and the text that answers it.
struct TimesAnswer {
  bool done = false;  // false: nothing was changed, and the text says why
  std::string_view template_name;
  TextValues values;
};
/// "19:30", "sleep 8:00 mood 19:30", "mon wed fri", "sleep weekdays": changes the desk's person.
/// The caller plans anew (plan_person) and saves.
TimesAnswer choose_times(Desk& desk, std::string_view arg);
TimesAnswer choose_days(Desk& desk, std::string_view arg);

// commands_views.cpp: HISTORY, WHY, WHO, PLAN, LOG, DATA
void do_history(Desk& desk, const Request& r);
void do_why(Desk& desk, const Request& r);
void do_who(Desk& desk, const Request& r);
void do_plan(Desk& desk, const Request& r);
void do_log(Desk& desk, const Request& r);
void do_data(Desk& desk, const Request& r);

// commands_sharing.cpp: SHARE, UNSHARE, AGREE, DISAGREE, DELETE
void do_share(Desk& desk, const Request& r);
void do_unshare(Desk& desk, const Request& r);
void do_agree(Desk& desk, const Request& r);
void do_disagree(Desk& desk, const Request& r);
void do_erase(Desk& desk, const Request& r);

/// DELETE is carried out so long after its one answer, which must leave first.
constexpr Millis erase_after{10 * 60'000};

/// "3 days", "2 weeks", "until monday", "": how long a pause lasts. Nothing: not understood.
std::optional<Instant> pause_end(const Desk& desk, std::string_view arg);
/// Words with the measures that they are said of: "mood 19:30 sleep 8:00" has two parts, "19:30"
/// one without a measure.
struct NamedPart {
  std::vector<std::string> measures;  // ids
  std::string words;
};
/// Takes out the names (in any language of the service, or ids) of measures the person tracks.
/// Never empty. A part follows its names where a name stands first, else goes before them.
std::vector<NamedPart> parts_by_measure(const Desk& desk, std::string_view arg);

/// "19:30", "7.30pm", "8 am" and several of them.
std::optional<std::vector<TimeOfDay>> times_from(std::string_view arg);
/// "mon wed fri", "weekdays", "every day".
std::optional<std::vector<Weekday>> days_from(const Desk& desk, std::string_view arg);

}  // namespace moodline::checkins
