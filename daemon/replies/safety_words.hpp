// The words the safety scan knows, and how a typed word finds them: exactly, with letters drawn
// out ("diieee"), without accents, by stem, one slip away, or disguised ("su1c1de", "k*ll").
// Built once, then read from any thread.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace moodline::replies::safety {

/// What one place of a pattern asks of a word. Small integers, one a word, stem or class.
using Label = std::uint32_t;
inline constexpr Label label_any = 0;       // any one word
inline constexpr Label label_boundary = 1;  // the end of a sentence or line
inline constexpr Label label_number = 2;    // digits
inline constexpr Label label_many = 3;      // digits of many_from or more
inline constexpr Label label_first_free = 8;
inline constexpr unsigned many_from = 8;

/// Slips are forgiven in words of so many letters or more; two in very long ones marked hidden.
inline constexpr std::size_t slip_letters_min = 5;
inline constexpr std::size_t two_slips_letters_min = 8;
inline constexpr std::size_t word_letters_max = 40;

/// The one spelling words meet in: apostrophes and hyphens gone, Latin accents gone.
std::string word_key(std::string_view normalised);

class Vocabulary {
 public:
  /// The label of a word, made on first use.
  Label word(const std::string& key);
  /// The label of every word that starts so.
  Label stem(const std::string& key);
  /// A fresh label; words join it with `join`.
  Label fresh() { return next_++; }
  void join(const std::string& key, Label label);
  /// The label that all these words share, made on first use.
  Label group(const std::set<std::string>& keys);
  void join_stem(const std::string& key, Label label);
  /// Typos of this word are forgiven: one letter wrong, missing, extra, or two swapped.
  void forgive_slips(const std::string& key) { slips_.insert(key); }
  /// A real word near one of ours: never taken for a slip of it.
  void not_a_slip(const std::string& key) { real_words_.insert(key); }
  /// A word people disguise: looked for behind digits, stars and dots, and two slips away.
  void hidden(const std::string& key) { hidden_.push_back(key); }
  /// Call once after the last word: builds the indexes.
  void seal();

  /// Every label of a typed word (as word_key makes it), label_any not included.
  [[nodiscard]] std::vector<Label> labels(const std::string& key) const;
  /// The hidden word that a disguised spelling stands for, or empty. `typed` is raw normalised
  /// text without spaces: "su1c1de", "k.m.s", "k*ll".
  [[nodiscard]] std::string unmask(std::string_view typed) const;
  [[nodiscard]] bool knows(const std::string& key) const { return words_.contains(key); }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  /// Every label is less than this.
  [[nodiscard]] Label labels_end() const { return next_; }

 private:
  void add_stems(const std::string& key, std::vector<Label>& out) const;
  static std::size_t head_of(const std::string& key) {
    return static_cast<unsigned char>(key[0]) * 256U + static_cast<unsigned char>(key[1]);
  }
  void add_slips(const std::string& key, std::vector<Label>& out) const;

  Label next_ = label_first_free;
  std::map<std::set<std::string>, Label> groups_;
  std::unordered_map<std::string, std::vector<Label>> words_;
  std::unordered_map<std::string, std::vector<Label>> stems_;
  std::unordered_map<std::string, std::vector<std::string>> squeezed_;
  std::unordered_map<std::string, std::vector<std::string>> one_out_;  // a letter left out -> words
  std::unordered_set<std::string> slips_;
  std::unordered_set<std::string> real_words_;
  std::vector<std::string> hidden_;
  std::vector<bool> stem_heads_ = std::vector<bool>(65'536, false);  // their first two bytes
  std::size_t stem_bytes_max_ = 0;
};

}  // namespace moodline::replies::safety
