// Pack: one line of text for a row. Whole numbers and length-prefixed strings, in a fixed order;
// the reader remembers the first thing that did not fit and then returns zeros.
#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/instant.hpp"

namespace moodline::rules {

constexpr std::int64_t pack_list_max = 1'000'000;

class Packer {
 public:
  void put(std::int64_t n) {
    out_ += std::to_string(n);
    out_ += ' ';
  }
  void put(std::string_view text) {
    put(static_cast<std::int64_t>(text.size()));
    out_ += text;
    out_ += ' ';
  }
  void put(Instant t) { put(t.ms); }
  void put(const std::optional<Instant>& t) {
    put(static_cast<std::int64_t>(t ? 1 : 0));
    if (t) put(t->ms);
  }
  void put(__int128 n);
  template <class T, class Each>
  void list(const std::vector<T>& items, Each&& each) {
    put(static_cast<std::int64_t>(items.size()));
    for (const T& item : items) each(item);
  }
  [[nodiscard]] std::string take() {
    if (!out_.empty()) out_.pop_back();
    return std::move(out_);
  }

 private:
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view text) : rest_(text) {}
  std::int64_t number();
  std::string text();
  __int128 wide();
  bool flag() { return number() != 0; }
  int small() { return static_cast<int>(number()); }
  Instant instant() { return Instant{number()}; }
  std::optional<Instant> maybe() { return flag() ? std::optional(instant()) : std::nullopt; }
  template <class Each>
  void list(Each&& each) {
    const std::int64_t n = number();
    if (n < 0 || n > pack_list_max) bad_ = true;
    for (std::int64_t i = 0; i < n && !bad_; ++i) each();
  }
  /// Everything fitted and nothing is left over.
  [[nodiscard]] bool complete() const { return !bad_ && rest_.empty(); }
  [[nodiscard]] bool bad() const { return bad_; }

 private:
  std::string_view token();
  std::string_view rest_;
  bool bad_ = false;
};

}  // namespace moodline::rules
