#include "daemon/checkins/commands.hpp"

#include <array>

namespace moodline::checkins {
namespace {

using replies::Command;

struct Row {
  Command command;
  void (*act)(Desk&, const Request&);
};

constexpr std::array rows{
    Row{Command::stop, do_stop},         Row{Command::start, do_start},
    Row{Command::help, do_help},         Row{Command::wrong, do_wrong},
    Row{Command::pause, do_pause},       Row{Command::resume, do_resume},
    Row{Command::time, do_time},         Row{Command::days, do_days},
    Row{Command::skip, do_skip},         Row{Command::lang, do_lang},
    Row{Command::undo, do_undo},         Row{Command::history, do_history},
    Row{Command::why, do_why},           Row{Command::who, do_who},
    Row{Command::plan, do_plan},         Row{Command::log, do_log},
    Row{Command::data, do_data},         Row{Command::share, do_share},
    Row{Command::unshare, do_unshare},   Row{Command::agree, do_agree},
    Row{Command::disagree, do_disagree}, Row{Command::erase, do_erase},
};

// Before AGREE, and after STOP or a discharge, these still work; all else waits for agreement.
bool works_without_agreement(Command c) {
  return c == Command::stop || c == Command::start || c == Command::help || c == Command::wrong ||
         c == Command::agree || c == Command::erase || c == Command::who || c == Command::data ||
         c == Command::lang || c == Command::log;
}

}  // namespace

void carry_out(Desk& desk, const Request& request) {
  if (desk.person.status != store::PersonStatus::active &&
      !works_without_agreement(request.command)) {
    return;
  }
  for (const Row& row : rows) {
    if (row.command != request.command) continue;
    row.act(desk, request);
    return;
  }
}

}  // namespace moodline::checkins
