#include "daemon/commands/command.hpp"

namespace moodline::commands {

void add_all(CLI::App& app, Common& c) {
  add_demo(app, c);
  add_check(app, c);
  add_rules(app, c);
  add_rehearse(app, c);
  add_parse(app, c);
  add_people(app, c);
  add_alerts(app, c);
  add_service(app, c);
  add_provider(app, c);
  add_store(app, c);
  add_records(app, c);
  add_manual(app, c);
}

}  // namespace moodline::commands
