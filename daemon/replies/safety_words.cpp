#include "daemon/replies/safety_words.hpp"

#include <unicode/utf8.h>

#include <algorithm>

#include "rules/text/normalise.hpp"

namespace moodline::replies::safety {
namespace {

bool ascii_word(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// "diieee" -> "die": each run of one letter becomes a single one.
std::string squeeze(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (out.empty() || out.back() != c) out.push_back(c);
  }
  return out;
}

/// Runs of three or more become `keep` letters: "killll" -> "kill" or "kil".
std::string shorten_runs(std::string_view key, std::size_t keep) {
  std::string out;
  for (std::size_t i = 0; i < key.size();) {
    std::size_t j = i;
    while (j < key.size() && key[j] == key[i]) ++j;
    out.append(j - i >= 3 ? keep : j - i, key[i]);
    i = j;
  }
  return out;
}

/// Insertions, deletions, substitutions and swaps of neighbours between two short words, as far
/// as `limit`; limit + 1 for more.
std::size_t edits(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t n = a.size();
  const std::size_t m = b.size();
  if (n > m + limit || m > n + limit) return limit + 1;
  std::vector<std::vector<std::size_t>> d(n + 1, std::vector<std::size_t>(m + 1));
  for (std::size_t i = 0; i <= n; ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= m; ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t j = 1; j <= m; ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return std::min(d[n][m], limit + 1);
}

bool same_start(std::string_view a, std::string_view b) {
  return a[0] == b[0] || (a.size() > 1 && b.size() > 1 && a[0] == b[1] && a[1] == b[0]);
}

/// The letter a sign stands for in disguised words; '*' for any one letter, 0 for none.
char behind(char c) {
  switch (c) {
    case '1':
    case '!':
    case '|':
      return 'i';
    case '0':
      return 'o';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '*':
    case '#':
      return '*';
    default:
      return c >= 'a' && c <= 'z' ? c : '\0';
  }
}

bool matches_masked(std::string_view masked, std::string_view word) {
  if (masked.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (masked[i] != '*' && masked[i] != word[i]) return false;
  }
  return true;
}

void append(std::vector<Label>& out, const std::vector<Label>& more) {
  if (out.empty()) {
    out = more;
    return;
  }
  for (const Label l : more) {
    if (std::find(out.begin(), out.end(), l) == out.end()) out.push_back(l);
  }
}

}  // namespace

std::string word_key(std::string_view normalised) {
  const std::string plain = rules::without_accents(normalised);
  std::string out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == '\'' || c == '-') continue;
    if (plain.compare(i, 2, "\xC5\x82") == 0) {  // ł has no accent to take off
      out.push_back('l');
      ++i;
      continue;
    }
    if (plain.compare(i, 2, "\xC4\xB1") == 0) {  // dotless i
      out.push_back('i');
      ++i;
      continue;
    }
    out.push_back(c);
  }
  return out;
}

Label Vocabulary::word(const std::string& key) {
  // A word's own label is the first of its list.
  auto& labels = words_[key];
  if (labels.empty()) labels.push_back(next_++);
  return labels.front();
}

Label Vocabulary::stem(const std::string& key) {
  auto& labels = stems_[key];
  if (labels.empty()) labels.push_back(next_++);
  return labels.front();
}

void Vocabulary::join(const std::string& key, Label label) {
  word(key);
  words_[key].push_back(label);
}

Label Vocabulary::group(const std::set<std::string>& keys) {
  const auto [it, fresh_one] = groups_.emplace(keys, next_);
  if (fresh_one) {
    ++next_;
    for (const std::string& key : keys) join(key, it->second);
  }
  return it->second;
}

void Vocabulary::join_stem(const std::string& key, Label label) {
  stem(key);
  stems_[key].push_back(label);
}

void Vocabulary::seal() {
  for (const auto& [key, labels] : stems_) {
    if (key.size() >= 2) stem_heads_[head_of(key)] = true;
    stem_bytes_max_ = std::max(stem_bytes_max_, key.size());
  }
  for (const auto& [key, labels] : words_) {
    if (!ascii_word(key) || key.size() < 3) continue;
    squeezed_[squeeze(key)].push_back(key);
    if (!slips_.contains(key) || key.size() < slip_letters_min) continue;
    one_out_[key].push_back(key);
    for (std::size_t i = 0; i < key.size(); ++i) {
      one_out_[key.substr(0, i) + key.substr(i + 1)].push_back(key);
    }
  }
  for (auto* index : {&squeezed_, &one_out_}) {
    for (auto& [key, list] : *index) std::sort(list.begin(), list.end());
  }
}

void Vocabulary::add_stems(const std::string& key, std::vector<Label>& out) const {
  if (key.size() < 2 || !stem_heads_[head_of(key)]) return;
  for (std::size_t i = 2; i <= std::min(key.size(), stem_bytes_max_); ++i) {
    if (i < key.size() && (static_cast<unsigned char>(key[i]) & 0xC0U) == 0x80U) continue;
    const auto found = stems_.find(key.substr(0, i));
    if (found != stems_.end()) append(out, found->second);
  }
}

void Vocabulary::add_slips(const std::string& key, std::vector<Label>& out) const {
  if (key.size() < slip_letters_min || real_words_.contains(key)) return;
  const auto look = [&](const std::string& probe) {
    const auto found = one_out_.find(probe);
    if (found == one_out_.end()) return;
    for (const std::string& word : found->second) {
      if (same_start(key, word) && edits(key, word, 1) <= 1) append(out, words_.at(word));
    }
  };
  look(key);
  for (std::size_t i = 0; i < key.size(); ++i) look(key.substr(0, i) + key.substr(i + 1));
  if (!out.empty() || key.size() + 1 < two_slips_letters_min) return;
  for (const std::string& word : hidden_) {
    if (word.size() >= two_slips_letters_min - 1 && same_start(key, word) &&
        edits(key, word, 2) <= 2) {
      append(out, words_.at(word));
    }
  }
}

std::vector<Label> Vocabulary::labels(const std::string& key) const {
  std::vector<Label> out;
  if (key.empty() || key.size() > word_letters_max * 4) return out;
  add_stems(key, out);
  if (const auto exact = words_.find(key); exact != words_.end()) {
    append(out, exact->second);
    return out;
  }
  if (!ascii_word(key) || key.size() > word_letters_max) return out;
  for (const std::size_t keep : {2U, 1U}) {
    const std::string shorter = shorten_runs(key, keep);
    if (shorter == key) continue;
    add_stems(shorter, out);
    if (const auto it = words_.find(shorter); it != words_.end()) append(out, it->second);
  }
  if (out.empty() && !real_words_.contains(key)) {
    if (const auto it = squeezed_.find(squeeze(key)); it != squeezed_.end()) {
      for (const std::string& word : it->second) append(out, words_.at(word));
    }
  }
  // "slittin", "thinkin": the dropped g.
  if (out.empty() && key.size() >= slip_letters_min && key.ends_with("in")) {
    if (const auto it = words_.find(key + 'g'); it != words_.end()) append(out, it->second);
  }
  if (out.empty()) add_slips(key, out);
  return out;
}

std::string Vocabulary::unmask(std::string_view typed) const {
  while (!typed.empty() && !(typed.front() >= 'a' && typed.front() <= 'z')) typed.remove_prefix(1);
  while (!typed.empty() && std::string_view("!.|,?").find(typed.back()) != std::string_view::npos) {
    typed.remove_suffix(1);
  }
  std::string masked;
  std::size_t letters = 0;
  for (const char c : typed) {
    if (c == '.' || c == '-' || c == '_' || c == '\'' || c == ',' || c == '/') continue;
    const char letter = behind(c);
    if (letter == '\0' || masked.size() > word_letters_max) return {};
    masked.push_back(letter);
    letters += c >= 'a' && c <= 'z' ? 1 : 0;
  }
  if (masked.size() < 3 || letters * 2 < masked.size()) return {};
  for (const std::string& word : hidden_) {
    if (matches_masked(masked, word)) return word;
  }
  return {};
}

}  // namespace moodline::replies::safety
