// The whole service as typed values: what `config/sample/` becomes once every file is checked.
// Immutable after load; share it as std::shared_ptr<const Service>. Safe from any thread.
// Docs: docs/configuration.md. Units stand in the names.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/block.hpp"
#include "config/rule_spec.hpp"
#include "rules/base/decimal.hpp"
#include "rules/base/e164.hpp"
#include "rules/base/instant.hpp"
#include "rules/base/zones.hpp"

namespace moodline::config {

/// Language code ("en", "cy") to words. After load it has every language of the service.
using Wording = std::map<std::string, std::string>;

/// Scaled clocks and simulated handsets are refused in `live`.
enum class Mode { live, demo, test };

struct Endpoint {
  std::string address;     // "127.0.0.1", "::1"
  int port = 0;            // 0: any free port (demo and test only)
  std::string public_url;  // as the outside sees it; empty where only local
};

/// Where emails leave. No URL: no email is sent.
struct EmailSettings {
  std::string smtp_url;  // "smtps://host:465" or "smtp://host:587"
  std::string from;
  std::string user;
  std::string password_secret;  // the name of a credential; may be empty
};

/// Where another system is told of what happens to alerts.
struct OutgoingWebhook {
  std::string name;
  std::string url;
  std::string secret;               // the name of a credential that holds "whsec_..."
  std::vector<std::string> events;  // "alert.open"; empty: every one
  Place place;
};

struct StorePaths {
  std::string database;       // the SQLite file
  std::string keys;           // person keys, with their own backups
  std::string erasures;       // erasure journal, kept outside backups
  std::string master_secret;  // the name of the credential that holds the master key
};

struct ProviderInstance {
  std::string name;  // unique; the last part of its webhook path
  std::string type;  // a row of the provider registry
  Block settings;
  Place place;
};

/// Which way an outgoing text takes: the first route that matches is tried first.
struct Route {
  std::string name;
  std::string provider;               // ProviderInstance::name
  std::string from;                   // sender: number, short code or name; may be empty
  std::vector<std::string> purposes;  // prompt, reply, alert, notice, bulk; empty: every purpose
  std::vector<std::string> prefixes;  // "+44"; empty: every country
  bool opt_out_confirmed_by_us = true;
  std::optional<Decimal> segments_per_s;  // nothing: the provider's own default
  Place place;
};

/// "08:00-21:00" in the person's zone.
struct SendingWindow {
  TimeOfDay opens = TimeOfDay::hm(8, 0);
  TimeOfDay closes = TimeOfDay::hm(21, 0);
};

struct SpendCeiling {
  int segments_per_day = 0;    // 0: none
  int segments_per_month = 0;  // 0: none
};

struct Retention {
  int readings_days = 0;  // 0: kept until erased
  int texts_days = 30;    // sealed rendered texts
};

/// Who is called what outside programmes. Ids of practitioners.
struct Contacts {
  std::string duty;
  std::string admin;
  std::string person_name;    // the one name given to a person who asks for help
  std::string person_number;  // and the one number; as people dial it
};

struct TestClock {
  Decimal scale = Decimal::of(1);  // service seconds in one real second
  std::optional<Instant> start;
};

/// How `fields of service.yaml` read; see the sample.
struct Settings {
  Mode mode = Mode::live;
  std::string name;                    // who runs this, as the invitation says it
  std::string country;                 // ISO 3166, for national numbers
  std::string timezone;                // the service's own zone
  std::vector<std::string> languages;  // the first is the default
  Endpoint webhooks;
  Endpoint pages;
  Endpoint api;  // no address: no HTTP API
  std::string control_socket;
  StorePaths store;
  SendingWindow sending;
  std::chrono::seconds expire_after{2 * 3600};  // shelf life of a prompt
  Wording texts_are_read;                       // "Mon to Fri 9 to 5": when a human reads texts
  std::chrono::seconds hold_escalates_after{24 * 3600};  // a hold nobody read
  Wording crisis;                                        // crisis numbers, as sent
  SpendCeiling spend;
  Retention retention;
  Contacts contacts;
  TestClock clock;
  EmailSettings email;
  std::vector<OutgoingWebhook> outgoing;
  std::string heartbeat_url;  // dead-man's switch; may be empty
  int unread_flag_days = 3;   // replies nobody looked at for so long are flagged to the admin
};

// --- measures ----------------------------------------------------------------------------------

enum class Shape { scale, number, blood_pressure, yes_no, note };
enum class Direction { higher_is_better, higher_is_worse, neither };

/// One number of a reading, such as "mood" or "bp.systolic".
struct Component {
  std::string id;
  Decimal min;
  Decimal max;
  Decimal step = Decimal::of(1);
  int decimals = 0;  // fixed for ever once readings exist
};

/// Values in it need a person's attention; what the low mark is judged by.
struct AlarmBand {
  std::optional<Decimal> at_most;
  std::optional<Decimal> at_least;
};

struct MeasureLabel {
  Decimal value;
  Wording words;
};

struct Measure {
  std::string id;
  Shape shape = Shape::scale;
  Wording name;  // "mood"
  Wording ask;   // the question, as texted; a person may have their own wording
  Wording unit;  // "kg"; may be empty
  std::vector<Component> components;  // one, or two for blood pressure; none for a note
  std::vector<MeasureLabel> labels;
  Direction direction = Direction::neither;
  AlarmBand alarm;
  Place place;
  [[nodiscard]] const Component* component(std::string_view component_id) const;
};

// --- practitioners -----------------------------------------------------------------------------

struct HoursSpan {
  TimeOfDay opens;
  TimeOfDay closes;  // half-open; 24:00 is written as 86,400 s
};

struct Leave {
  LocalDate from;
  LocalDate to;  // the last day away
};

struct Practitioner {
  std::string id;
  std::string name;      // as persons and colleagues see it
  std::string initials;  // as one alert sees it
  std::optional<E164> number;
  std::string email;
  std::string timezone;
  std::vector<std::string> languages;
  std::vector<std::string> roles;  // practitioner, deputy, lead, duty, admin
  std::map<Weekday, std::vector<HoursSpan>> hours;
  std::vector<LocalDate> holidays;
  std::vector<Leave> leave;
  std::string deputy;  // id; may be empty
  std::string lead;    // id; may be empty
  int daily_cap = 20;  // routine alert texts a day
  Place place;
};

// --- programmes --------------------------------------------------------------------------------

/// Several times a day, drawn anew each day from the person's seed.
struct RandomTimes {
  int count = 1;
  TimeOfDay from;
  TimeOfDay to;
  std::chrono::minutes min_gap{60};
};

struct Schedule {
  std::vector<Weekday> days;     // sorted; all seven where not said
  std::vector<TimeOfDay> times;  // sorted; empty where `random` is set
  std::optional<RandomTimes> random;
  std::optional<LocalDate> starts;
  std::optional<LocalDate> ends;  // the last day asked
};

struct Prompt {
  std::string id;                     // unique in its programme
  std::vector<std::string> measures;  // answered in one reply, in this order
  std::string template_name;          // from texts/*.yaml prompts; empty: the measure's own `ask`
  Schedule schedule;
  std::chrono::seconds reply_window{18 * 3600};
  std::chrono::seconds expire_after{2 * 3600};
  std::optional<std::chrono::seconds> reminder_after;
  std::string reminder_template;
  Place place;
};

struct RuleRef {
  std::string id;
  int version = 0;
  Place place;
};

struct Programme {
  std::string id;
  std::string name;
  std::vector<Prompt> prompts;
  std::vector<RuleRef> rules;
  int review_days = 182;  // "same plan?"
  Place place;
};

// --- texts -------------------------------------------------------------------------------------

/// How long a text may get with the longest values.
enum class Length {
  one,    // 1 segment
  two,    // 2 in GSM-7 or 3 in UCS-2: HELP, STOP, invitation, agreement, crisis
  three,  // 3: WHO, LOG, PLAN, HISTORY
};

enum class Audience { person, practitioner, admin };

/// A text with {placeholders}, in every language of the service.
struct Template {
  std::string name;
  Length length = Length::one;
  Audience audience = Audience::person;
  std::vector<std::string> placeholders;  // that may stand in it
  Wording words;
  std::map<std::string, Place> places;  // by language
};

/// Words a language needs besides whole texts.
struct LanguageWords {
  std::string name;                   // "Cymraeg"
  std::vector<std::string> weekdays;  // Monday first, 7
  std::vector<std::string> weekdays_short;
  std::vector<std::string> months_short;                  // 12
  std::map<std::string, std::string> roles;               // practitioner, deputy, lead, duty, admin
  std::map<std::string, std::string, std::less<>> words;  // small_words() and optional ones
  /// A small word, or what a role is called. The loader has seen to it that each is there: one
  /// that is not is our own bug and shows as its key.
  [[nodiscard]] std::string word(std::string_view key) const;
  [[nodiscard]] std::string role(std::string_view id) const;
};

struct Texts {
  std::map<std::string, Template, std::less<>> templates;
  std::map<std::string, LanguageWords> languages;
  [[nodiscard]] const Template* find(std::string_view name) const;
};

// --- the whole ---------------------------------------------------------------------------------

struct Service {
  Settings settings;
  std::vector<ProviderInstance> providers;
  std::vector<Route> routes;  // in the order they are tried
  std::vector<Measure> measures;
  std::vector<Practitioner> practitioners;
  std::vector<Programme> programmes;
  std::vector<RuleSpec> rules;  // every version, sorted by id, version
  Texts texts;
  std::string hash;  // SHA-256 in hex over every file's name and bytes

  [[nodiscard]] const Measure* measure(std::string_view id) const;
  /// The measure that owns a component such as "bp.systolic" (or a plain measure's own id).
  [[nodiscard]] const Measure* measure_of_component(std::string_view component_id) const;
  [[nodiscard]] const Practitioner* practitioner(std::string_view id) const;
  [[nodiscard]] const Programme* programme(std::string_view id) const;
  [[nodiscard]] const RuleSpec* rule(std::string_view id, int version) const;
  /// The newest version of a rule.
  [[nodiscard]] const RuleSpec* rule(std::string_view id) const;
  [[nodiscard]] const ProviderInstance* provider(std::string_view name) const;
  /// `language` where the service has it, else its first language.
  [[nodiscard]] const std::string& language_or_default(const std::string& language) const;
  /// The small words of that language, or of the service's first one.
  [[nodiscard]] const LanguageWords& words(const std::string& language) const;
};

using Values = std::map<std::string, std::string, std::less<>>;

/// Fills a template's {placeholders} in. A missing value is our own bug and shows as its name.
std::string render(std::string_view words, const Values& values);
/// The template in a language (or the default); empty where the name is unknown.
std::string render(const Service& service, std::string_view template_name,
                   const std::string& language, const Values& values);

}  // namespace moodline::config
