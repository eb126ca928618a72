#include "providers/kit/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace moodline::providers::kit {
namespace json = boost::json;

Result<json::value> read_json(std::string_view text) {
  if (text.size() > json_bytes_max) return fault("bad_json", "The JSON is too long.");
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::error_code ec;
  auto v = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
  if (ec) return fault("bad_json", "The body is not the JSON it should be: " + ec.message() + ".");
  return v;
}

const json::value* at(const json::value& v, std::string_view pointer) {
  json::error_code ec;
  return v.find_pointer(json::string_view(pointer.data(), pointer.size()), ec);
}

std::string text_of(const json::value& v) {
  if (const auto* s = v.if_string()) return {s->data(), s->size()};
  if (v.is_number() || v.is_bool()) return json::serialize(v);
  return {};
}

std::string text_at(const json::value& v, std::string_view pointer) {
  const json::value* found = at(v, pointer);
  return found == nullptr ? std::string{} : text_of(*found);
}

std::optional<std::int64_t> integer_at(const json::value& v, std::string_view pointer) {
  const json::value* found = at(v, pointer);
  if (found == nullptr) return std::nullopt;
  if (const auto* i = found->if_int64()) return *i;
  const std::string text = text_of(*found);
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

std::optional<Instant> read_time(std::string_view text) {
  constexpr std::size_t seconds_digits_max = 11;  // to the year 5138; longer ones are milliseconds
  constexpr std::size_t milliseconds_digits_max = 15;
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    if (text.size() > milliseconds_digits_max) return std::nullopt;
    std::int64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return Instant{text.size() > seconds_digits_max ? n : n * 1000};
  }
  constexpr std::size_t date_size = 10;
  std::string iso(text);
  if (iso.size() > date_size && iso[date_size] == ' ') iso[date_size] = 'T';
  if (const auto t = from_iso(iso)) return t;
  return from_iso(iso + 'Z');
}

}  // namespace moodline::providers::kit
