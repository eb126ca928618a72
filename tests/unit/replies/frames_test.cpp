// Frames of risk: who, intent, act, means, harm and sign in one clause, beside everyday sentences
// built of the same words.
#include <doctest/doctest.h>

#include <string_view>

#include "support.hpp"

namespace moodline::replies::test {
namespace {

Safety scan(std::string_view text) {
  return reader().read(text, mood()).safety;
}

struct Case {
  std::string_view frame;
  Tier at_least;
  std::string_view flagged[3];
  std::string_view plain[3];
};

constexpr Case cases[] = {
    {"fall",
     Tier::direct,
     {"keep picturing stepping off the viaduct", "tempted to swerve into a lorry",
      "imagine lying down on the train tracks"},
     {"walked over the bridge to tesco", "train was late so i walked", "drove into town at 5"}},
    {"means",
     Tier::direct,
     {"ive hidden a noose in the loft", "keep staring at the scalpel", "been pricing up helium"},
     {"bought rope for the boat", "got a new shaver", "bleach to clean the sink"}},
    {"dead",
     Tier::direct,
     {"honestly dont mind if death comes", "googled painless death", "counting down to my funeral"},
     {"planning grandads funeral", "dead good film that", "dying for a brew"}},
    {"self",
     Tier::direct,
     {"could just delete myself", "gutted i survived", "mum found out i cut again"},
     {"finished it myself", "i cut the grass", "the plant survived"}},
    {"life",
     Tier::direct,
     {"so tired of existing", "want to check out of this world", "finished with breathing"},
     {"life insurance renewal came", "tired of work", "ended the world cup on a high"}},
    {"flesh",
     Tier::direct,
     {"scratching my wrists raw", "relapsed with the blade", "gouged lines into my thigh"},
     {"scratched my new car", "stitches out on monday", "picked some apples"}},
    {"tablets",
     Tier::direct,
     {"tempted to swallow every last paracetamol", "been stockpiling my zopiclone",
      "how many sertraline to be fatal"},
     {"picked up my tablets", "one paracetamol for a headache", "need more ibuprofen gel"}},
    {"blow",
     Tier::danger,
     {"my stepdad whips the kids", "my husband throttled me", "got battered by my boyfriend"},
     {"dad beat me at chess", "my nephew beat me at snap", "my mate battered us at fifa"}},
    {"control",
     Tier::danger,
     {"my husband wont let me see my sister", "mother in law keeps my passport",
      "he says i cannot go to work"},
     {"boss wont let me have friday off", "my son took my charger", "dog keeps my slippers"}},
    {"body",
     Tier::danger,
     {"my left arm is numb and my speech slurred", "he is clutching his chest",
      "i cant get my breath at all"},
     {"my arms are tired", "chest freezer is full", "breathing exercises again"}},
    {"other",
     Tier::danger,
     {"my neighbour has collapsed", "the toddler is floppy", "nan left alone with no food in"},
     {"my neighbour has moved", "the toddler is napping", "nan had no dinner as she was full"}},
    {"dose",
     Tier::danger,
     {"swallowed a whole strip of codeine", "the baby drank bleach", "smell gas and feel dizzy"},
     {"took my tablets as usual", "baby drank her milk", "smell of toast in here"}},
    {"threat",
     Tier::danger,
     {"i swear ill stab that landlord", "he knows where she lives, he will pay",
      "ill kill his boss"},
     {"my landlord is killing it at golf", "i know where she lives now", "ill cut the cake"}},
    {"last",
     Tier::indirect,
     {"cant see myself making christmas", "hoping thats me done", "cant see me reaching thirty"},
     {"cant see my glasses", "hope thats it fixed", "cant see the fireworks from here"}},
    {"go-on",
     Tier::indirect,
     {"no strength to carry on like this", "dont think ill see christmas",
      "too tired to face life"},
     {"cant carry all the shopping", "too tired to face the washing up", "cant see the telly"}},
    {"absent",
     Tier::indirect,
     {"they would all be lighter without me", "easier for everyone if i vanished",
      "wouldnt even notice if i wasnt here"},
     {"the team won without me", "easier if i get the bus", "didnt notice the rain"}},
    {"vanish",
     Tier::indirect,
     {"if only i could evaporate", "pray i dont wake", "wish my mum never had me"},
     {"snow will disappear soon", "wish i was on a beach", "hope the rain stops"}},
    {"stay",
     Tier::indirect,
     {"nothing keeping me here", "sorry for everything, goodbye", "remember me kindly"},
     {"nothing on telly", "thanks for everything today", "remember me to your mum"}},
    {"unsafe",
     Tier::indirect,
     {"scared of what i might do", "dont trust myself alone", "cant be left alone tonight"},
     {"scared of heights", "dont trust the weather", "cant be late"}},
};

}  // namespace

TEST_CASE("frames of risk flag what is built of their words, and leave everyday sentences") {
  for (const Case& c : cases) {
    CAPTURE(c.frame);
    for (const std::string_view text : c.flagged) {
      CAPTURE(text);
      CHECK(scan(text).tier >= c.at_least);
    }
    for (const std::string_view text : c.plain) {
      CAPTURE(text);
      CHECK_FALSE(scan(text).flagged());
    }
  }
}

}  // namespace moodline::replies::test
