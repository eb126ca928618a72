// The names of the phrase lists that reading uses, and where each stands in a language pack.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace moodline::replies {

#define MOODLINE_REPLY_LISTS(X)                    \
  X(half_after, "numbers.half_after")              \
  X(half_before, "numbers.half_before")            \
  X(half, "numbers.half")                          \
  X(point, "numbers.point")                        \
  X(minus, "numbers.minus")                        \
  X(out_of, "numbers.out_of")                      \
  X(out_of_first, "numbers.out_of_first")          \
  X(thousand, "numbers.thousand")                  \
  X(hundred, "numbers.hundred")                    \
  X(join, "numbers.join")                          \
  X(ordinary, "numbers.ordinary")                  \
  X(amount_zero, "numbers.amount_zero")            \
  X(pronoun_number, "numbers.pronoun")             \
  X(filler, "words.filler")                        \
  X(cues, "words.cues")                            \
  X(copula, "words.copula")                        \
  X(articles, "words.articles")                    \
  X(approx, "words.approx")                        \
  X(approx_after, "words.approx_after")            \
  X(negations, "words.negations")                  \
  X(bounds, "words.bounds")                        \
  X(bounds_after, "words.bounds_after")            \
  X(wishes, "words.wishes")                        \
  X(past, "words.past")                            \
  X(future, "words.future")                        \
  X(usual, "words.usual")                          \
  X(either, "words.or")                            \
  X(to, "words.to")                                \
  X(between, "words.between")                      \
  X(today, "words.today")                          \
  X(yesterday, "words.yesterday")                  \
  X(last_night, "words.last_night")                \
  X(meter_ends, "words.meter_ends")                \
  X(meter_says, "words.meter_says")                \
  X(monday, "words.days.mon")                      \
  X(tuesday, "words.days.tue")                     \
  X(wednesday, "words.days.wed")                   \
  X(thursday, "words.days.thu")                    \
  X(friday, "words.days.fri")                      \
  X(saturday, "words.days.sat")                    \
  X(sunday, "words.days.sun")                      \
  X(months, "words.months")                        \
  X(time_before, "words.time_before")              \
  X(time_after, "words.time_after")                \
  X(identifiers, "words.identifiers")              \
  X(weak_identifiers, "words.weak_identifiers")    \
  X(identifier_lead, "words.identifier_lead")      \
  X(unit_hours, "words.units.hours")               \
  X(unit_minutes, "words.units.minutes")           \
  X(unit_time, "words.units.time")                 \
  X(unit_kg, "words.units.kg")                     \
  X(unit_lb, "words.units.lb")                     \
  X(unit_stone, "words.units.stone")               \
  X(unit_mmhg, "words.units.mmhg")                 \
  X(unit_bpm, "words.units.bpm")                   \
  X(unit_mmol, "words.units.mmol")                 \
  X(unit_mgdl, "words.units.mgdl")                 \
  X(unit_flow, "words.units.flow")                 \
  X(unit_steps, "words.units.steps")               \
  X(unit_cigarettes, "words.units.cigarettes")     \
  X(unit_money, "words.units.money")               \
  X(unit_percent, "words.units.percent")           \
  X(unit_dose, "words.units.dose")                 \
  X(unit_other, "words.units.other")               \
  X(counts, "words.counts")                        \
  X(singulars, "words.singulars")                  \
  X(count_verbs, "words.count_verbs")              \
  X(count_before, "words.count_before")            \
  X(count_after, "words.count_after")              \
  X(not_plural, "words.not_plural")                \
  X(adjectives, "words.adjectives")                \
  X(people, "words.people")                        \
  X(third_person, "words.third_person")            \
  X(tells, "words.tells")                          \
  X(guesses, "words.guesses")                      \
  X(child, "words.child")                          \
  X(results, "words.results")                      \
  X(mood, "words.measures.mood")                   \
  X(sleep, "words.measures.sleep")                 \
  X(energy, "words.measures.energy")               \
  X(worry, "words.measures.worry")                 \
  X(pain, "words.measures.pain")                   \
  X(stress, "words.measures.stress")               \
  X(weight, "words.measures.weight")               \
  X(glucose, "words.measures.glucose")             \
  X(pressure, "words.measures.pressure")           \
  X(pulse, "words.measures.pulse")                 \
  X(flow, "words.measures.flow")                   \
  X(steps, "words.measures.steps")                 \
  X(craving, "words.measures.craving")             \
  X(confidence, "words.measures.confidence")       \
  X(medication, "words.measures.medication")       \
  X(cigarettes, "words.measures.cigarettes")       \
  X(systolic, "words.measures.systolic")           \
  X(diastolic, "words.measures.diastolic")         \
  X(other_measure, "words.measures.other")         \
  X(all, "words.all")                              \
  X(yes, "words.yes")                              \
  X(no, "words.no")                                \
  X(not_yet, "words.not_yet")                      \
  X(lot, "words.lot")                              \
  X(very_bad, "words.very_bad")                    \
  X(very_bad_lead, "words.very_bad_lead")          \
  X(best_ever, "words.best_ever")                  \
  X(particles, "words.particles")                  \
  X(sequence, "words.sequence")                    \
  X(top_words, "words.top_words")                  \
  X(agreeable, "words.agreeable")                  \
  X(ages, "words.ages")                            \
  X(but, "words.but")                              \
  X(manners, "words.manners")                      \
  X(thanks, "words.thanks")                        \
  X(questions, "words.questions")                  \
  X(doubt, "words.doubt")                          \
  X(idioms, "words.idioms")                        \
  X(same_as, "words.same_as")                      \
  X(than, "words.than")                            \
  X(modals, "words.modals")                        \
  X(conditions, "words.conditions")                \
  X(past_copula, "words.past_copula")              \
  X(past_after, "words.past_after")                \
  X(gives, "words.gives")                          \
  X(gives_ours, "words.gives_ours")                \
  X(states, "words.states")                        \
  X(number_states, "words.number_states")          \
  X(asks_open, "words.asks_open")                  \
  X(asks_after, "words.asks_after")                \
  X(others, "words.others")                        \
  X(hedges, "words.hedges")                        \
  X(subject, "words.subject")                      \
  X(bare, "words.bare")                            \
  X(media, "words.media")                          \
  X(dictated, "words.dictated")                    \
  X(text_speak_before, "words.text_speak_before")  \
  X(text_speak_after, "words.text_speak_after")    \
  X(text_speak_start, "words.text_speak_start")    \
  X(text_speak_last, "words.text_speak_last")      \
  X(sleep_times, "words.sleep_times")              \
  X(feelings, "words.feelings")                    \
  X(scale_lead, "words.scale_lead")                \
  X(introductions, "words.introductions")          \
  X(correction_strong, "corrections.strong")       \
  X(correction_weak, "corrections.weak")           \
  X(correction_alone, "corrections.alone")         \
  X(correction_after, "corrections.after")         \
  X(correction_none, "corrections.none")           \
  X(correction_not, "corrections.not")             \
  X(correction_from, "corrections.from")           \
  X(optout_words, "optout.words")                  \
  X(optout_near, "optout.near")                    \
  X(optout_near_words, "optout.near_words")        \
  X(optout_frames, "optout.frames")                \
  X(optout_plain, "optout.plain")                  \
  X(optout_blockers, "optout.blockers")            \
  X(optout_hard_blockers, "optout.blockers_hard")  \
  X(optout_openers, "optout.openers")              \
  X(optout_concludes, "optout.concludes")          \
  X(optout_not_ours, "optout.not_ours")            \
  X(optout_speaks_for, "optout.speaks_for")        \
  X(optout_expletives, "optout.expletives")        \
  X(optout_lead, "optout.lead")                    \
  X(optout_tail, "optout.tail")                    \
  X(optout_hold, "optout.hold")                    \
  X(optout_hold_frames, "optout.hold_frames")      \
  X(optout_never, "optout.never")                  \
  X(narrow_time, "optout.narrow_time")             \
  X(narrow_pause, "optout.narrow_pause")           \
  X(narrow_other, "optout.narrow_other")           \
  X(narrow_about, "optout.narrow_about")           \
  X(narrow_data, "optout.narrow_data")             \
  X(narrow_spoken_for, "optout.narrow_spoken_for") \
  X(optout_therefore, "optout.therefore")          \
  X(politeness, "optout.politeness")               \
  X(optout_alone, "optout.alone")                  \
  X(request_lead, "optout.request_lead")           \
  X(languages, "words.languages")                  \
  X(dayparts, "words.dayparts")                    \
  X(optout_after, "optout.after")                  \
  X(optout_determiners, "optout.determiners")      \
  X(optout_object_ok, "optout.object_ok")          \
  X(laughs, "words.laughs")                        \
  X(slips, "words.slips")                          \
  X(cry, "optout.cry")                             \
  X(wrong_frames, "optout.wrong")                  \
  X(slip_frames, "optout.slip")                    \
  X(deceased_frames, "optout.deceased")            \
  X(machine_whole, "machine.whole")                \
  X(machine_frames, "machine.frames")              \
  X(machine_unsure, "machine.unsure")              \
  X(machine_buttons, "machine.buttons")            \
  X(machine_signatures, "machine.signatures")      \
  X(machine_reactions, "machine.reactions")        \
  X(machine_unreactions, "machine.unreactions")    \
  X(machine_edits, "machine.edits")

#define MOODLINE_LIST_ENUM(name, key) name,
enum class L : std::uint8_t { MOODLINE_REPLY_LISTS(MOODLINE_LIST_ENUM) count_ };
#undef MOODLINE_LIST_ENUM

constexpr std::size_t list_count = static_cast<std::size_t>(L::count_);

#define MOODLINE_LIST_KEY(name, key) key,
constexpr std::array<std::string_view, list_count> list_keys = {
    MOODLINE_REPLY_LISTS(MOODLINE_LIST_KEY)};
#undef MOODLINE_LIST_KEY

}  // namespace moodline::replies
