// Where a value stands in somebody else's message, as the generic provider's YAML says it:
//   /json/pointer     form:NAME (body or query)   query:NAME   header:NAME
//   regex:PATTERN     the first group, or the whole match, in the raw body
//   text:WORDS        always these words
#pragma once
#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/kit/form.hpp"
#include "providers/provider.hpp"

namespace moodline::providers::kit {

constexpr std::size_t regex_pattern_bytes_max = 512;
constexpr std::size_t regex_subject_bytes_max = 16UL * 1024;

/// A message cut open once; what does not parse is simply absent.
struct Source {
  std::optional<boost::json::value> json = std::nullopt;
  Fields form = {};
  Fields query = {};
  Headers headers = {};
  std::string body = {};
  static Source of(const Webhook& hook);
  static Source of(const HttpReply& reply);
  /// The same with one element of a batch as its JSON.
  [[nodiscard]] Source with(const boost::json::value& element) const;
};

class Extract {
 public:
  /// Fails with "bad_template". An empty rule extracts nothing, ever.
  static Result<Extract> parse(std::string_view rule);
  [[nodiscard]] std::string from(const Source& source) const;
  [[nodiscard]] bool empty() const { return kind_ == Kind::nothing; }

 private:
  enum class Kind { nothing, pointer, form, query, header, regex, text };
  Kind kind_ = Kind::nothing;
  std::string what_;
  struct Regex;  // the library stays in one file
  std::shared_ptr<const Regex> regex_;
};

/// "RULE" (something stands there), "RULE = WORD" or "RULE != WORD".
class Condition {
 public:
  static Result<Condition> parse(std::string_view text);
  [[nodiscard]] bool holds(const Source& source) const;

 private:
  enum class Kind { present, equal, different };
  Kind kind_ = Kind::present;
  Extract extract_;
  std::string word_;
};

/// All hold. An empty list never does.
class Conditions {
 public:
  static Result<Conditions> parse(const std::vector<std::string>& texts);
  [[nodiscard]] bool hold(const Source& source) const;
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  std::vector<Condition> all_;
};

}  // namespace moodline::providers::kit
