// Reads the neutral form. Keys it does not know are an error: a case must not pass unread.
#include "config/cases_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "rules/engine/edits.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::config {

using namespace rules;  // NOLINT: the whole file speaks of them

namespace {

PromptStatus status_of(const YAML::Node& prompt) {
  static const std::map<std::string, PromptStatus> names{{"sent", PromptStatus::sent},
                                                         {"not_sent", PromptStatus::not_sent},
                                                         {"undelivered", PromptStatus::undelivered},
                                                         {"paused", PromptStatus::paused},
                                                         {"held", PromptStatus::held},
                                                         {"unknown", PromptStatus::unknown},
                                                         {"accepted", PromptStatus::accepted},
                                                         {"delivered", PromptStatus::delivered},
                                                         {"due", PromptStatus::due}};
  const auto it = names.find(scalar(prompt, "status"));
  if (it != names.end()) return it->second;
  std::string known;
  for (const auto& [name, status] : names) known += (known.empty() ? "" : ", ") + name;
  bad_case(prompt, fmt::format("prompt status \"{}\" is unknown; write one of {}",
                               scalar(prompt, "status"), known));
}

// Anything else about a case is a note to its reader.
constexpr std::string_view case_keys =
    "timezone rule prompts readings events agreed_at practitioner until expect";
constexpr std::string_view prompt_keys =
    "at status id ingested learned learned_at failed_at receipt_at";
constexpr std::string_view reading_keys =
    "at value text id ingested corrects for_day low low_mark safety";
constexpr std::string_view event_keys = "at type id agreed changes timezone";

class CaseReader {
 public:
  explicit CaseReader(const YAML::Node& node) : node_(node) {}

  CaseInput read() {
    only_keys(node_, "case", case_keys);
    in_.name = scalar(node_, "name");
    if (!node_["expect"] || node_["expect"].IsScalar()) {
      bad_case(node_, "expect is missing; write expect: [] where nothing happens");
    }
    if (!given(node_, "rule")) bad_case(node_, "rule is missing");
    const auto zone = Zone::find(scalar(node_, "timezone"));
    if (!zone) bad_case(node_, zone.error().message);
    in_.zone = *zone;
    in_.until = instant_at(node_, "until");
    in_.rule = version(node_["rule"]);
    newest_ = YAML::Clone(node_["rule"]);
    in_.agreed_at = Instant::min();
    if (node_["agreed_at"]) {
      if (node_["agreed_at"].IsNull()) {
        in_.agreed_at.reset();
      } else {
        in_.agreed_at.reset();
        in_.log.push_back({instant_at(node_, "agreed_at"), Agree{}});
      }
    }
    if (given(node_, "practitioner")) {
      in_.practitioner = read_recipient(node_["practitioner"], "practitioner");
    }
    read_down();
    read_prompts();
    read_texts();
    read_events();
    std::stable_sort(in_.log.begin(), in_.log.end(),
                     [](const Event& a, const Event& b) { return a.learned < b.learned; });
    return std::move(in_);
  }

 private:
  RulePtr version(const YAML::Node& node) {
    Rule rule = read_case_rule(node);
    rule.version = static_cast<int>(in_.versions.size()) + 1;
    if (given(node_, "practitioner")) add_case_steps(node_["practitioner"], node, rule);
    rule.key = fmt::format("case@{}", rule.version);
    auto made = std::make_shared<const Rule>(std::move(rule));
    in_.versions[made->key] = made;
    return made;
  }

  void read_down() {
    std::optional<Instant> from;
    for (const auto& e : node_["events"]) {
      const std::string type = scalar(e, "type");
      if (type == "down") from = instant_at(e, "at");
      if (type == "up" && from) {
        in_.down.emplace_back(*from, instant_at(e, "at"));
        from.reset();
      }
    }
    if (from) in_.down.emplace_back(*from, Instant::max());
  }

  // A daemon that is off learns when it is back.
  [[nodiscard]] Instant learned(Instant at) const {
    for (const auto& [from, to] : in_.down) {
      if (at >= from && at < to) return to;
    }
    return at;
  }

  void read_prompts() {
    int n = 0;
    for (const auto& p : node_["prompts"]) {
      only_keys(p, "prompt", prompt_keys);
      const Instant at = instant_at(p, "at");
      const std::string id = given(p, "id") ? scalar(p, "id") : fmt::format("p{:06}", ++n);
      const PromptStatus status = status_of(p);
      // A status that is learned later: until then the prompt was handed over.
      const char* late = "ingested";
      for (const char* key : {"learned", "learned_at", "failed_at", "receipt_at"}) {
        if (given(p, key)) late = key;
      }
      if (given(p, late) && instant_at(p, late) > at) {
        in_.log.push_back({at, PromptEvent{id, at, PromptStatus::accepted}});
        in_.log.push_back({learned(instant_at(p, late)), PromptEvent{id, at, status}});
      } else {
        in_.log.push_back({at, PromptEvent{id, at, status}});
      }
    }
  }

  void read_texts() {
    int n = 0;
    for (const auto& r : node_["readings"]) {
      only_keys(r, "reading", reading_keys);
      Inbound text;
      text.at = instant_at(r, "at");
      if (given(r, "value")) text.value = decimal(r, "value");
      // 2 and 2.0 are one value.
      const std::string said = text.value ? to_text(*text.value) : std::string();
      text.text_key = scalar(r, "text", said);
      // Without a provider's id, place in the file breaks ties; doubles go by time and text.
      text.id = given(r, "id") ? scalar(r, "id") : known_twin(text, ++n);
      text.low = yes(r, "low") || yes(r, "low_mark");
      text.corrects = yes(r, "corrects");
      if (given(r, "for_day")) {
        text.for_day = date_from_iso(scalar(r, "for_day"));
        if (!text.for_day) bad_case(r["for_day"], "for_day is no date");
      }
      if (yes(r, "safety")) text.lists.emplace_back("safety");
      const Instant at = given(r, "ingested") ? instant_at(r, "ingested") : text.at;
      in_.log.push_back({learned(at), text});
    }
  }

  std::string known_twin(const Inbound& text, int n) {
    auto& id = twins_[fmt::format("{}|{}", text.at.ms, text.text_key)];
    if (id.empty()) id = fmt::format("r{:06}", n);
    return id;
  }

  void read_edit(const YAML::Node& e, Instant at) {
    if (!given(e, "changes")) bad_case(e, "an edit needs changes: {key: value}");
    YAML::Node next = YAML::Clone(newest_);
    for (const auto& change : e["changes"]) next[change.first.Scalar()] = change.second;
    newest_ = next;
    in_.log.push_back({at, Edit{version(newest_), yes(e, "agreed")}});
  }

  // The reading with that id, or without one the newest before.
  void read_undo(const YAML::Node& e, Instant at) {
    const Inbound* found = nullptr;
    for (const Event& known : in_.log) {
      const auto* text = std::get_if<Inbound>(&known.what);
      if (text == nullptr || (!text->value && !text->low) || known.learned > at) continue;
      const bool meant =
          given(e, "id") ? text->id == scalar(e, "id") : found == nullptr || text->at >= found->at;
      if (meant) found = text;
    }
    if (found == nullptr) bad_case(e, "there is no reading to undo");
    in_.log.push_back({at, Undo{found->id, found->at}});
  }

  void read_events() {
    for (const auto& e : node_["events"]) {
      only_keys(e, "event", event_keys);
      const Instant at = learned(instant_at(e, "at"));
      const std::string type = scalar(e, "type");
      if (type == "down" || type == "up") continue;
      if (type == "undo") {
        read_undo(e, at);
        continue;
      }
      if (type == "rule_edit" || type == "edit") {
        read_edit(e, at);
        continue;
      }
      if (type == "zone") {
        const auto zone = Zone::find(scalar(e, "timezone"));
        if (!zone) bad_case(e, zone.error().message);
        in_.log.push_back({at, MoveZone{*zone}});
        continue;
      }
      static const std::map<std::string, What> known{
          {"agree", Agree{}},     {"disagree", Disagree{}}, {"stop", Stop{}},
          {"unshare", Unshare{}}, {"erase", Erase{}},       {"retire", Retire{}},
          {"pause", Pause{}},     {"resume", Resume{}},     {"ack", Ack{}},
          {"done", Done{}},       {"pass", Pass{}},         {"clock_jump", ClockJump{}},
          {"clock_ok", ClockOk{}}};
      const auto it = known.find(type);
      const bool desk_only = type == "failed" || type == "release" || type == "drop";
      if (it == known.end() && !desk_only) {
        bad_case(
            e, fmt::format("event type \"{}\" is unknown; write ack, agree, clock_jump, clock_ok, "
                           "disagree, done, down, erase, failed, pass, pause, resume, retire, "
                           "rule_edit, stop, undo, unshare, up or zone",
                           type));
      }
      if (it != known.end()) in_.log.push_back({at, it->second});
      in_.desk.push_back({at, type});
    }
  }

  const YAML::Node& node_;
  YAML::Node newest_;
  CaseInput in_;
  std::map<std::string, std::string> twins_;
};

}  // namespace

Instant read_instant(const YAML::Node& node) {
  if (!node || !node.IsScalar()) throw std::runtime_error("an instant is missing");
  const auto at = from_iso(node.Scalar());
  if (!at) bad_case(node, node.Scalar() + " is no instant");
  return *at;
}

CaseInput read_case(const YAML::Node& node) {
  return CaseReader(node).read();
}

}  // namespace moodline::config
