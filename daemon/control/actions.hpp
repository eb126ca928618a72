// Actions: everything an admin can do or look at, by name, with JSON in and out. The control
// socket, the HTTP API and the tool with the daemon stopped all run the same functions.
// Thread: the store's (each inside one transaction).
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/setting.hpp"

namespace moodline::actors {
struct Live;
}

namespace moodline::control {

namespace json = boost::json;

struct ActionContext {
  store::Tx& tx;
  const checkins::Setting& s;
  std::string actor;  // "admin:uid=1000", "api:NAME": goes into the audit trail
  /// The configuration with its translators; null where no daemon runs and some credential cannot
  /// be read, and then nobody knows what a route can carry.
  const actors::Live* live = nullptr;
};

struct Action {
  std::string_view name;  // "person.add": POST /api/v1/person.add
  std::string_view help;  // one line
  bool writes = false;
  Result<json::value> (*run)(ActionContext& c, const json::object& args);
};

/// Every action, by file: people.cpp, alerts.cpp, texts.cpp, agreements.cpp, service.cpp,
/// records.cpp, access.cpp, opt_outs.cpp.
const std::vector<Action>& actions();
const Action* find_action(std::string_view name);

std::vector<Action> people_actions();
std::vector<Action> alert_actions();
std::vector<Action> text_actions();
std::vector<Action> agreement_actions();
std::vector<Action> rehearse_actions();
std::vector<Action> service_actions();
std::vector<Action> leaving_actions();
std::vector<Action> record_actions();
std::vector<Action> access_actions();
std::vector<Action> opt_out_actions();

/// What a request says of somebody to enrol, as person.add takes it. Fails with "bad_argument".
Result<checkins::NewPerson> new_person_from(const json::object& args);

/// A window such as "18:00-20:30" in which alone this person is texted; "none" ends one.
Result<void> set_safe_window(std::string_view text, std::optional<TimeOfDay>& from,
                             std::optional<TimeOfDay>& to);

/// What a token of the HTTP API may be allowed; "all" is every one of them.
inline constexpr std::string_view scope_names[] = {"read",    "alerts", "people", "texts",
                                                   "service", "export", "all"};
/// The scope an action needs; "admin" is given to no token.
std::string_view scope_of(const Action& action);
/// Whether a token's scopes (by spaces) hold this one.
bool allows(std::string_view scopes, std::string_view scope);

// Reading arguments: absent gives the fallback; a wrong type is a fault "bad_argument".
std::string text_arg(const json::object& o, std::string_view name);
std::int64_t number_arg(const json::object& o, std::string_view name, std::int64_t fallback);
bool flag_arg(const json::object& o, std::string_view name);
/// true, false, "yes" or "no"; anything else is a fault.
Result<bool> yes_or_no(const json::object& o, std::string_view name);
Result<std::string> needed_arg(const json::object& o, std::string_view name);
/// The person named by "person": their key, or display where it is unique, or number.
Result<store::Person> person_arg(ActionContext& c, const json::object& args);

/// The demo's page, which shows both sides of its story all the time: it is nobody who looks.
constexpr std::string_view demo_screen = "demo:screen";

/// Writes into the trail that the actor looked at what is known of this person, once an hour for
/// each way of looking; LOG and WHO tell the person.
void looked(ActionContext& c, const store::Person& p, std::string_view action);

json::value or_null(const std::optional<Instant>& t);

/// Runs an action by name. Faults: "no_such_action", and the action's own.
Result<json::value> run_action(ActionContext& c, std::string_view name, const json::object& args);

}  // namespace moodline::control
