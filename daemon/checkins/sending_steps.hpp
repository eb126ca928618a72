// What the steps of a text's life share; of no use elsewhere. Thread: the store's.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "daemon/checkins/sending.hpp"

namespace moodline::checkins {

/// Writes a text that is there already back.
void save(store::Tx& tx, store::Message& m);
/// The prompt's own status follows its text's; a delivered or undelivered one stays so.
void set_prompt(store::Tx& tx, const Setting& s, store::RowId id, store::PromptStatus status,
                std::optional<Instant> sent_at = std::nullopt);
/// 5 s doubling to 15 min.
Millis back_off(int attempts);
/// What a route's answer says about the route itself: rests after a failure, halts where the
/// account is refused (the admin is told), opens again after a success.
void note_route(store::Tx& tx, const Setting& s, const store::Message& m,
                const providers::SendReply& reply);

// Notes of our own stand beside the template's values, under names that no template can have.
constexpr char note_mark = '~';
/// Of an invitation: they asked for it by START.
constexpr std::string_view asked_back_note = "~asked back";
constexpr const char* parts_note = "~parts";  // ids of parts delivered, a blank between
std::vector<std::string> parts_done(const store::Message& m);

/// Every part that the provider named has a receipt.
bool all_parts_there(const store::Message& m);

}  // namespace moodline::checkins
