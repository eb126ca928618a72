// Forms, percent encoding and URLs, on raw bytes: nothing is normalised that a sender may sign.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/base/result.hpp"

namespace moodline::providers::kit {

constexpr std::size_t form_fields_max = 256;

using Fields = std::vector<std::pair<std::string, std::string>>;  // in order, repeats kept

/// RFC 3986: only A-Z a-z 0-9 - . _ ~ stay.
std::string percent_encode(std::string_view text);
/// application/x-www-form-urlencoded as browsers write it: A-Z a-z 0-9 * - . _ stay, blank is +.
std::string form_encode(std::string_view text);
/// Undoes both. Fails with "bad_form" on a broken escape.
Result<std::string> form_decode(std::string_view text);

/// Fails with "bad_form" on a broken escape or over form_fields_max fields.
Result<Fields> read_form(std::string_view body);
std::string write_form(const Fields& fields);
/// The first field of that name; nullptr where there is none.
const std::string* find(const Fields& fields, std::string_view name);
/// The same, empty where there is none.
std::string text_of(const Fields& fields, std::string_view name);

/// An absolute URL cut into its raw pieces.
struct Url {
  std::string scheme;
  std::string userinfo;  // without "@"
  std::string host;
  std::string port;  // digits, empty where not written
  std::string path;  // with its leading "/", may be empty
  std::string query;
  bool has_query = false;  // a "?" stands, perhaps with nothing after it
  [[nodiscard]] std::string str() const;
};

/// Fails with "bad_url" where there is no scheme or host.
Result<Url> split_url(std::string_view url);
/// The query of any URL, absolute or not, read as a form.
Result<Fields> query_of(std::string_view url);
/// `url` with one more query field.
std::string with_query(std::string_view url, std::string_view name, std::string_view value);

}  // namespace moodline::providers::kit
