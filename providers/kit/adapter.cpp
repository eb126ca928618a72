#include "providers/kit/adapter.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "providers/kit/json.hpp"

namespace moodline::providers::kit {
namespace {

HttpCall call(std::string url, std::string authorization, std::string content_type,
              std::string body) {
  HttpCall out{.url = std::move(url), .body = std::move(body)};
  out.headers.emplace_back("content-type", std::move(content_type));
  out.headers.emplace_back("accept", "application/json");
  if (!authorization.empty()) out.headers.emplace_back("authorization", std::move(authorization));
  return out;
}

}  // namespace

HttpCall json_call(std::string url, std::string authorization, const boost::json::object& body) {
  return call(std::move(url), std::move(authorization), "application/json",
              boost::json::serialize(body));
}

HttpCall form_call(std::string url, std::string authorization, const Fields& fields) {
  return call(std::move(url), std::move(authorization), "application/x-www-form-urlencoded",
              write_form(fields));
}

std::string without_plus(std::string_view number) {
  if (number.starts_with('+')) number.remove_prefix(1);
  return std::string(number);
}

std::string sender_or(const Sms& sms, const std::string& fallback) {
  return sms.from.empty() ? fallback : sms.from;
}

std::string setting_or(const config::Block& settings, std::string_view name,
                       std::string_view fallback) {
  const std::string& text = settings.text(name);
  return text.empty() ? std::string(fallback) : text;
}

std::string base_url(const config::Block& settings, std::string_view name,
                     std::string_view fallback) {
  std::string url = setting_or(settings, name, fallback);
  while (url.ends_with('/')) url.pop_back();
  return url;
}

SendReply accepted(std::string id) {
  if (id.empty()) return {.outcome = SendOutcome::unknown, .code = "unreadable"};
  return {.outcome = SendOutcome::accepted, .provider_message_ids = {std::move(id)}};
}

SendReply rejected(std::string code) {
  return {.outcome = SendOutcome::rejected, .code = std::move(code)};
}

SendReply halted(std::string code) {
  return {.outcome = SendOutcome::rejected, .code = std::move(code), .halt_route = true};
}

SendReply later(const HttpReply& reply, std::string code) {
  return {.outcome = SendOutcome::retry_later,
          .code = std::move(code),
          .retry_after_s = retry_after_s(reply)};
}

Result<Fields> fields_of(const Webhook& hook) {
  if (hook.body.empty()) return query_of(hook.url);
  const std::string type = media_type(hook.headers);
  const bool is_form = type == "application/x-www-form-urlencoded";
  if (is_form || (hook.body[0] != '{' && type.find("json") == std::string::npos))
    return read_form(hook.body);
  const auto body = read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  if (!body->is_object()) return fault("bad_json", "The webhook is not a JSON object.");
  Fields out;
  for (const auto& [name, value] : body->get_object()) out.emplace_back(name, text_of(value));
  return out;
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void set_status(Event& event, std::span<const StatusRow> table) {
  if (const StatusRow* row = find_status(table, event.raw_status)) {
    event.status = row->status;
    event.permanent = row->permanent;
  }
}

boost::json::value captured_body(const boost::json::object& vector) {
  const std::string body = captured(vector, "/body");
  if (auto parsed = read_json(body)) return std::move(*parsed);
  boost::json::object out;
  if (const auto form = read_form(body))
    for (const auto& [name, value] : *form) out[name] = value;
  return out;
}

std::pair<std::string, std::string> captured_basic(const boost::json::object& vector) {
  const auto bytes = from_base64(captured_token(vector));
  const auto colon = bytes ? bytes->find(':') : std::string::npos;
  if (colon == std::string::npos) return {};
  return {bytes->substr(0, colon), bytes->substr(colon + 1)};
}

std::string captured_token(const boost::json::object& vector) {
  const std::string value = captured(vector, "/headers/authorization");
  const auto blank = value.find(' ');
  return blank == std::string::npos ? std::string() : value.substr(blank + 1);
}

std::string captured_origin(const boost::json::object& vector) {
  const auto url = split_url(captured(vector, "/url"));
  if (!url) return {};
  return url->scheme + "://" + url->host + (url->port.empty() ? "" : ":" + url->port);
}

int captured_validity_s(const boost::json::object& vector, std::string_view pointer) {
  const auto until = read_time(text_at(captured_body(vector), pointer));
  const auto now = read_time(captured(vector, "/now"));
  return until && now ? static_cast<int>((until->ms - now->ms) / 1000) : 0;
}

std::string captured_path_secret(const boost::json::object& vector) {
  const auto url = split_url(captured(vector, "/url"));
  if (!url || url->path.find('/', 1) == std::string::npos) return {};
  return url->path.substr(url->path.rfind('/') + 1);
}

std::string captured(const boost::json::object& vector, std::string_view pointer) {
  return text_at(boost::json::value(vector), pointer);
}

}  // namespace moodline::providers::kit
