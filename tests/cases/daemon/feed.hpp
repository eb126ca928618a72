// Feed: one neutral case as the daemon meets it: prompts through the outbox, texts through the
// inbox's webhook, yes and no by text, edits by reload, acknowledgements from a practitioner's
// phone.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/cases_desk.hpp"
#include "config/cases_read.hpp"
#include "tests/cases/daemon/town.hpp"

namespace moodline::casetest {

/// What no text can say and so comes in another way, by kind of event, with how often.
using ByHand = std::map<std::string, int>;

class Feed {
 public:
  Feed(std::shared_ptr<const actors::Live> sample, Wire& wire, const config::CaseInput& in,
       bool restart);
  /// Everything that happened, as a case lists it.
  std::vector<config::CaseLine> run();
  ByHand by_hand;
  [[nodiscard]] int starts() const { return town_->starts; }

 private:
  struct Happening {
    Instant at;
    int order = 0;
    std::size_t index = 0;
    bool desk = false;
  };
  [[nodiscard]] std::vector<Happening> order() const;
  void enrol();
  void join();
  void offer(const rules::RulePtr& rule);
  void say_agree();
  void say_code(const std::string& verb);
  void feed(const rules::Event& e);
  void feed_desk(const config::DeskCaseEvent& e);
  void prompt(const rules::PromptEvent& p);
  void inbound(const rules::Inbound& text);
  void edit(const rules::Edit& e);
  [[nodiscard]] std::string words_for(const rules::Inbound& text, const std::string& id);
  void staff_text(const std::string& verb);
  void erase();
  [[nodiscard]] std::vector<config::CaseLine> events();
  void messages(std::vector<config::CaseLine>& lines);
  [[nodiscard]] store::Person person();
  void with_person(const std::function<void(checkins::Desk&)>& work);

  const config::CaseInput& in_;
  std::unique_ptr<Town> town_;
  rules::RulePtr current_;
  store::RowId person_ = 0;
  std::map<std::string, store::RowId> prompts_;  // by the case's id
  std::map<std::string, std::string> words_;     // by event id: a double has the same
  int slots_ = 0;
  bool gone_ = false;                     // erased, and no new yes yet
  std::vector<config::CaseLine> erased_;  // what was said before the erasure
};

/// The sample with one measure, one programme and the case's practitioner in every role.
std::shared_ptr<const actors::Live> live_for(const actors::Live& sample,
                                             const std::optional<rules::Recipient>& practitioner,
                                             const Zone& zone, bool higher_is_worse);

inline constexpr const char* person_number = "+447700900200";

}  // namespace moodline::casetest
