// Templates with {{name}} in them, as the generic provider's YAML writes requests.
#pragma once
#include <boost/json/value.hpp>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/result.hpp"

namespace moodline::providers::kit {

using Values = std::map<std::string, std::string, std::less<>>;

/// How a value is written into its surroundings.
enum class Escape { none, url, xml, header };

class Template {
 public:
  /// Fails with "bad_template" on an unclosed {{ or a name that is neither in `known` nor begins
  /// with "var.".
  static Result<Template> parse(std::string_view text, std::span<const std::string_view> known);
  /// A name that `values` does not hold is empty. In a header line breaks are dropped.
  [[nodiscard]] std::string render(const Values& values, Escape escape) const;
  /// The name where the whole template is one {{name}}; empty otherwise.
  [[nodiscard]] std::string sole_name() const;
  /// "number" or "boolean" of a sole {{name:number}}.
  [[nodiscard]] std::string sole_type() const;
  [[nodiscard]] bool uses(std::string_view name) const;

 private:
  struct Piece {
    std::string literal;
    std::string name;  // empty: the literal alone
    std::string type;
  };
  std::vector<Piece> pieces_;
};

/// A JSON document whose strings are templates. Values cannot break out of it: they are rendered
/// into the tree. A string that is one {{name}} with an empty value is left out.
class JsonTemplate {
 public:
  static Result<JsonTemplate> parse(std::string_view text, std::span<const std::string_view> known);
  [[nodiscard]] std::string render(const Values& values) const;
  /// The values under which this template would give `document`, as far as it tells them.
  [[nodiscard]] Values unrender(const boost::json::value& document) const;

 private:
  boost::json::value tree_;
  std::vector<std::string_view> known_;
};

}  // namespace moodline::providers::kit
