// Digest: a week of the people who agreed to it, in one look: a broken gateway, nobody replying and
// all being well read differently. No score, no threshold. Thread: the store's.
#pragma once
#include <string>
#include <vector>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Such as "Not asked or not delivered: AB 4/7 Mon 2-Wed 4; No reply: KL 0/7; K7: MJ 6/7; All well:
/// CD 7/7". `alerts`: the digest rule's alert of each person, fired when the week was over.
std::string digest_list(store::ReadTx& tx, const Setting& s,
                        const std::vector<store::RowId>& alerts, const std::string& language);

/// The same for a friend: "MJ 6/7", how many questions were answered, and nothing else.
std::string friend_digest_list(store::ReadTx& tx, const std::vector<store::RowId>& alerts);

/// One person's week before `until`: what the text and the email are made from.
struct Week {
  enum class Picture { all_well, crossed, nobody_replied, gateway_broken, nothing_due };
  Picture picture = Picture::nothing_due;
  int due = 0;       // questions that fell due and were not paused
  int asked = 0;     // reached the phone, as far as is known
  int answered = 0;  // by a reading or words
  int broken = 0;    // not sent or not delivered
  std::optional<LocalDate> broken_from;
  std::optional<LocalDate> broken_to;
  std::vector<std::string> codes;  // alerts of the week
};
Week week_of(store::ReadTx& tx, const store::Person& person, Instant until);

/// The alert belongs to a rule that only sends the digest.
bool is_digest(store::ReadTx& tx, const store::Alert& alert);

}  // namespace moodline::checkins
