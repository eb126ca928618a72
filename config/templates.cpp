#include "config/templates.hpp"

#include <array>

namespace moodline::config {
namespace {
constexpr auto one = Length::one;
constexpr auto two = Length::two;
constexpr auto three = Length::three;
constexpr auto person = Audience::person;
constexpr auto staff = Audience::practitioner;
constexpr auto admin = Audience::admin;

constexpr std::array rows{
    // Joining, agreeing, leaving.
    SystemTemplate{"invitation", two, person, "inviter code"},
    SystemTemplate{"welcome", two, person, ""},
    SystemTemplate{"agree-unknown", one, person, "list"},
    SystemTemplate{"rule-request", two, person, "sentence rule"},
    SystemTemplate{"rule-agreed", one, person, "rule"},
    SystemTemplate{"rule-disagreed", one, person, "rule"},
    SystemTemplate{"rule-changed", two, person, "sentence rule"},
    SystemTemplate{"rule-narrowed", one, person, "rule"},
    SystemTemplate{"rule-retired", one, person, "rule"},
    SystemTemplate{"rule-same-plan", two, person, "sentence rule"},
    SystemTemplate{"rule-lapsed", one, person, "rule"},
    SystemTemplate{"stop-confirmed", two, person, ""},
    SystemTemplate{"already-on", one, person, ""},
    SystemTemplate{"discharged", two, person, "name"},
    SystemTemplate{"transferred", two, person, "name"},
    // In a bad moment.
    SystemTemplate{"help", two, person, ""},
    SystemTemplate{"crisis", two, person, ""},
    SystemTemplate{"crisis-numbers", two, person, ""},
    SystemTemplate{"way-out", two, person, ""},
    SystemTemplate{"plan-fired", two, person, "plan"},
    // Asking and echoing.
    SystemTemplate{"ask", one, person, "question"},
    SystemTemplate{"confirmed", one, person, "value day"},
    SystemTemplate{"confirmed-list", one, person, "list day"},
    SystemTemplate{"confirmed-partial", one, person, "list measure"},
    SystemTemplate{"confirmed-converted", one, person, "value converted day"},
    SystemTemplate{"corrected", one, person, "value day"},
    SystemTemplate{"noted", one, person, "day"},
    SystemTemplate{"ask-number", one, person, "measure low high"},
    SystemTemplate{"ask-between", one, person, "first second"},
    SystemTemplate{"ask-range", one, person, "measure low high"},
    SystemTemplate{"ask-label", one, person, "low low_label high high_label"},
    SystemTemplate{"ask-yes-no", one, person, "measure"},
    SystemTemplate{"ask-blood-pressure", one, person, ""},
    SystemTemplate{"ask-measure", one, person, "measure"},
    SystemTemplate{"ask-which-measure", one, person, "value first second"},
    SystemTemplate{"tap-not-received", one, person, ""},
    // Changing the schedule.
    SystemTemplate{"pause-how-long", one, person, ""},
    SystemTemplate{"paused", one, person, "until"},
    SystemTemplate{"paused-open", one, person, ""},
    SystemTemplate{"resumed", one, person, ""},
    SystemTemplate{"time-how", one, person, ""},
    SystemTemplate{"time-outside", one, person, "from to"},
    SystemTemplate{"time-by-lot", one, person, ""},
    SystemTemplate{"time-set", one, person, "times"},
    SystemTemplate{"time-set-one", one, person, "measure times"},
    SystemTemplate{"time-set-all", one, person, "measure times"},
    SystemTemplate{"days-how", one, person, ""},
    SystemTemplate{"days-set", one, person, "days"},
    SystemTemplate{"days-set-one", one, person, "measure days"},
    SystemTemplate{"measure-left", one, person, "measure"},
    SystemTemplate{"skipped", one, person, ""},
    SystemTemplate{"lang-set", one, person, ""},
    SystemTemplate{"lang-not-yet", one, person, "languages"},
    SystemTemplate{"undone", one, person, "day"},
    SystemTemplate{"nothing-to-undo", one, person, ""},
    // Looking at what is held.
    SystemTemplate{"history", three, person, "measure list"},
    SystemTemplate{"history-empty", one, person, ""},
    SystemTemplate{"why", one, person, "measure goal"},
    SystemTemplate{"why-none", one, person, ""},
    SystemTemplate{"plan", three, person, "plan"},
    SystemTemplate{"plan-set", three, person, "plan"},
    SystemTemplate{"plan-none", two, person, ""},
    SystemTemplate{"who", three, person, "list"},
    SystemTemplate{"who-nobody", one, person, ""},
    SystemTemplate{"log", three, person, "list"},
    SystemTemplate{"log-empty", one, person, ""},
    SystemTemplate{"data-choice", two, person, ""},
    SystemTemplate{"data-link", two, person, "link hours"},
    SystemTemplate{"delete-code", two, person, "code kept"},
    SystemTemplate{"delete-done", one, person, ""},
    SystemTemplate{"delete-wrong-code", one, person, ""},
    SystemTemplate{"share-on", one, person, "name"},
    SystemTemplate{"unshared", one, person, "name"},
    SystemTemplate{"unshare-who", one, person, "list"},
    SystemTemplate{"seen", one, person, "name words"},
    SystemTemplate{"seen-plain", one, person, "name"},
    SystemTemplate{"told-when", two, person, "rule role when"},
    // To practitioners.
    SystemTemplate{"role-request", two, staff, "inviter role code"},
    SystemTemplate{"role-accepted", one, staff, "role"},
    SystemTemplate{"role-declined", one, staff, "role"},
    SystemTemplate{"alert-list", one, staff, "list count"},
    SystemTemplate{"unsettled", one, staff, "who rule code"},
    SystemTemplate{"resolved", one, staff, "who rule code"},
    SystemTemplate{"withdrawn", one, staff, "who rule code"},
    SystemTemplate{"cleared-note", one, staff, "code"},
    SystemTemplate{"lapsed", one, staff, "who rule"},
    SystemTemplate{"ack-ok", one, staff, "code until"},
    SystemTemplate{"done-ok", one, staff, "code"},
    SystemTemplate{"pass-ok", one, staff, "code name"},
    SystemTemplate{"which-code", one, staff, "list"},
    SystemTemplate{"unknown-code", one, staff, "list"},
    SystemTemplate{"no-open", one, staff, ""},
    SystemTemplate{"link", two, staff, "link code hours"},
    SystemTemplate{"status", three, staff, "list"},
    SystemTemplate{"status-none", one, staff, ""},
    SystemTemplate{"staff-off", one, staff, "until name"},
    SystemTemplate{"staff-off-open", one, staff, "name"},
    SystemTemplate{"staff-on", one, staff, ""},
    SystemTemplate{"handed-over", one, staff, "count name"},
    SystemTemplate{"digest", three, staff, "list"},
    SystemTemplate{"cap-digest", three, staff, "list count"},
    SystemTemplate{"duty-look", one, staff, "who"},
    SystemTemplate{"seen-ok", one, staff, "who"},
    SystemTemplate{"seen-who", one, staff, ""},
    SystemTemplate{"staff-help", two, staff, ""},
    // To a friend or carer, and from them.
    SystemTemplate{"friend-digest", one, staff, "list"},
    SystemTemplate{"friend-over", one, staff, "who code"},
    SystemTemplate{"friend-ok", one, staff, "code"},
    SystemTemplate{"friend-off", one, staff, ""},
    SystemTemplate{"friend-help", two, staff, ""},
    SystemTemplate{"friend-word", one, person, "name words"},
    // To the admin.
    SystemTemplate{"admin-unaccepted", one, admin, "name role"},
    SystemTemplate{"admin-wrong-number", one, admin, "person"},
    SystemTemplate{"admin-start-after-leaving", one, admin, "person"},
    SystemTemplate{"admin-language-wanted", one, admin, "person language"},
    SystemTemplate{"admin-opted-out", one, admin, "person"},
    SystemTemplate{"admin-blocked", one, admin, "person"},
    SystemTemplate{"admin-bad-number", one, admin, "person"},
    SystemTemplate{"admin-deceased", one, admin, "person"},
    SystemTemplate{"admin-watched", one, admin, "person"},
    SystemTemplate{"admin-hold", one, admin, "person"},
    SystemTemplate{"admin-data-wanted", one, admin, "person"},
    SystemTemplate{"admin-unread", one, admin, "count days"},
    SystemTemplate{"admin-nobody-answered", one, admin, "code"},
    SystemTemplate{"admin-undelivered", one, admin, "code"},
    SystemTemplate{"admin-lapsed", one, admin, "person rule"},
    SystemTemplate{"admin-mass-silence", one, admin, "count"},
    SystemTemplate{"admin-spend", one, admin, "count"},
    SystemTemplate{"admin-route-halted", one, admin, "name"},
    SystemTemplate{"admin-reload-failed", one, admin, "count"},
    SystemTemplate{"admin-clock", one, admin, ""},
    SystemTemplate{"admin-daily", two, admin, "list"},
};

constexpr std::array<std::string_view, 18> words{
    "kept",   "today",  "nobody",       "all_well", "nobody_replied", "gateway_broken",
    "paused", "looked", "needs",        "texts",    "alerts_open",    "unread",
    "held",   "alert",  "acknowledged", "open",     "closed",         "cleared"};
}  // namespace

std::span<const std::string_view> small_words() {
  return words;
}

std::span<const SystemTemplate> system_templates() {
  return rows;
}

std::string_view common_placeholders() {
  return "service contact_name contact_number reads crisis";
}

std::string_view alert_placeholders() {
  return "who code rule since service count role";
}

std::string_view prompt_placeholders() {
  return "question measure low high day";
}

std::string_view message_placeholders() {
  return "rule measure day";
}

std::optional<std::vector<std::string>> placeholders_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}') return std::nullopt;
    if (text[i] != '{') continue;
    const auto end = text.find_first_of("{}", i + 1);
    if (end == std::string_view::npos || text[end] == '{' || end == i + 1) return std::nullopt;
    out.emplace_back(text.substr(i + 1, end - i - 1));
    i = end;
  }
  return out;
}

}  // namespace moodline::config
