// The masks that hang on the words around a number: times, counts, identifiers, ages, text-speak.
#pragma once
#include "daemon/replies/scene.hpp"

namespace moodline::replies {

struct WordMasks {
  Scene& s;
  Items& items;

  /// Why the number at `k` is no answer; Mask::none when it may be one.
  [[nodiscard]] Mask reason(std::size_t k) const;

 private:
  [[nodiscard]] bool near(std::size_t i) const;
  [[nodiscard]] bool word_before(std::size_t k) const;
  [[nodiscard]] std::size_t before(L list, std::size_t k) const;
  [[nodiscard]] bool after(L list, std::size_t k) const;
  [[nodiscard]] bool plural(std::size_t i) const;
  [[nodiscard]] bool counted(std::size_t k) const;
  [[nodiscard]] bool called(std::size_t k) const;
  [[nodiscard]] bool own_time_before(std::size_t k) const;
  [[nodiscard]] bool clock(std::size_t k, const Left& left) const;
  [[nodiscard]] bool range_follows(std::size_t k) const;
  [[nodiscard]] bool identified(std::size_t k) const;
  [[nodiscard]] bool in_brackets(std::size_t k) const;
  [[nodiscard]] bool own_age(std::size_t k) const;
  [[nodiscard]] bool age(std::size_t k, const Left& left) const;
  [[nodiscard]] bool text_speak(std::size_t k, const Left& left) const;
  [[nodiscard]] bool score(std::size_t k) const;
  [[nodiscard]] bool date(std::size_t k) const;
  [[nodiscard]] bool glued_word(std::size_t k) const;
};

}  // namespace moodline::replies
