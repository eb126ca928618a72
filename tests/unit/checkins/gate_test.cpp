// The gate itself: every reason to hold a text back, at the moment of sending, over one view.
#include "daemon/checkins/gate.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace moodline;
using namespace moodline::checkins;
using store::PersonStatus;
using store::Purpose;

namespace {

// Tuesday, 12:00 in London.
const Instant noon{1'795'521'600'000};

struct Scene {
  config::Settings settings;
  store::Message text;
  GateView view;

  explicit Scene(Purpose purpose = Purpose::prompt) {
    settings.sending = {TimeOfDay::hm(8, 0), TimeOfDay::hm(21, 0)};
    text.purpose = purpose;
    text.expires_at = noon + Millis{3'600'000};
    store::Person p;
    p.zone = "Europe/London";
    p.status = PersonStatus::active;
    view.person = p;
  }
  GateVerdict now() const { return gate(settings, text, view, noon); }
};

const std::vector<Purpose>& to_people() {
  static const std::vector<Purpose> all{Purpose::prompt,        Purpose::reminder,
                                        Purpose::reply,         Purpose::agreement,
                                        Purpose::person_notice, Purpose::invitation};
  return all;
}

}  // namespace

TEST_CASE("gate: open for whom nothing stands against it") {
  for (const Purpose p : to_people()) CHECK(Scene(p).now().gate == Gate::send);
}

TEST_CASE("gate: a text past its shelf life never leaves, not even as a retry") {
  Scene s;
  s.text.attempts = 3;
  s.text.expires_at = noon;
  CHECK(s.now().gate == Gate::expire);
  s.text.expires_at = noon + Millis{1};
  CHECK(s.now().gate == Gate::send);
}

TEST_CASE(
    "gate: a number on the list of opt-outs gets nothing routine, whoever the person says it is") {
  for (const Purpose p : to_people()) {
    Scene s(p);
    s.view.opted_out = true;  // the person is active: somebody else's STOP, or a provider's
    CHECK(s.now().gate == Gate::cancel);
    CHECK(s.now().reason == "opted_out");
    s.view.opted_out = false;
    s.view.person->status = PersonStatus::stopped;
    CHECK(s.now().reason == "opted_out");
  }
  for (const Purpose p : {Purpose::stop_confirmation, Purpose::crisis}) {
    Scene s(p);
    s.view.opted_out = true;
    CHECK(s.now().gate == Gate::send);
    s.view.opt_out_by_provider = true;  // the provider would refuse it
    CHECK(s.now().reason == "provider_block");
  }
}

TEST_CASE("gate: ends that outweigh everything") {
  for (const Purpose p : to_people()) {
    Scene s(p);
    s.view.person->do_not_reply = true;
    CHECK(s.now().reason == "do_not_reply");
    s.view.person->do_not_reply = false;
    s.view.person->status = PersonStatus::deceased;
    CHECK(s.now().reason == "deceased");
    s.view.person->status = PersonStatus::wrong_number;
    CHECK(s.now().reason == "wrong_number");
    s.view.person.reset();
    CHECK(s.now().reason == "erased");
  }
}

TEST_CASE("gate: hold and pause stop routine texts and no answers") {
  Scene s;
  s.view.person->hold = true;
  CHECK(s.now().reason == "hold");
  s.view.person->hold = false;
  s.view.person->paused_until = noon + Millis{1};
  CHECK(s.now().reason == "paused");
  s.view.person->paused_until = noon;
  CHECK(s.now().gate == Gate::send);
  Scene answer(Purpose::reply);
  answer.view.person->hold = true;
  answer.view.person->paused_until = noon + Millis{1};
  CHECK(answer.now().gate == Gate::send);
}

TEST_CASE("gate: outside the window a text waits for it, or expires where that is too late") {
  Scene s;
  s.settings.sending = {TimeOfDay::hm(13, 0), TimeOfDay::hm(21, 0)};
  s.text.expires_at = noon + Millis{2 * 3'600'000};
  CHECK(s.now().gate == Gate::wait);
  CHECK(s.now().until == noon + Millis{3'600'000});
  s.text.expires_at = noon + Millis{3'600'000};
  CHECK(s.now().gate == Gate::expire);
}

TEST_CASE("gate: about a person only while an agreement names who is told") {
  for (const Purpose p : {Purpose::alert, Purpose::escalation, Purpose::notice, Purpose::digest}) {
    Scene s(p);
    s.text.practitioner = "sam";
    CHECK(s.now().gate == Gate::send);
    s.view.may_be_told = false;
    CHECK(s.now().reason == "not_shared");
  }
  Scene hook(Purpose::webhook);
  hook.text.practitioner = "hook";
  CHECK(hook.now().reason == "not_shared");
  hook.view.person->sharing = true;
  CHECK(hook.now().gate == Gate::send);
  hook.view.opted_out = true;
  CHECK(hook.now().reason == "opted_out");
}
