// Friends: a friend or carer whom a person chose may be told under sentences of their own: asked to
// be in touch, or how many questions were answered. Never an answer, a sum, a need, a plan or what
// has happened. Thread: the store's.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/friends.hpp"
#include "daemon/checkins/desk.hpp"

namespace moodline::checkins {

inline constexpr std::string_view friend_role = "friend";

/// The id of this person's friend as practitioners.yaml has it; empty: none, or gone from there.
std::string friend_of(const config::Service& service, const store::Person& p);
/// An id of practitioners.yaml that may be nothing but a friend.
bool is_friend(const config::Service& service, std::string_view id);
/// An agreement that names a friend; by the loader's check it then names nobody else.
bool names_friend(const std::vector<std::string>& roles);

/// An id that set_friend takes, or empty. Fails with "unknown_friend".
Result<void> check_friend(const config::Service& service, const std::string& id);

/// Chooses a friend as agreed with the person; their sentences are offered one by one. "none"
/// takes the one there is away. What another friend was told ends. Fails with "unknown_friend".
Result<void> set_friend(Desk& desk, const std::string& id);

/// UNSHARE: every sentence that names a friend (or everybody but one) ends now, open ones too.
void end_told(Desk& desk, bool the_friend, store::RowId inbound);

/// A kind word of a friend, passed on. They have read nothing, so nothing counts as read.
void relay_word(store::Tx& tx, const Setting& s, store::Person person,
                const config::Practitioner& by, std::string words);

}  // namespace moodline::checkins
