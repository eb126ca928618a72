// The small turns of phrase that adapters of JSON APIs share. Thread: any.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/provider.hpp"

namespace moodline::providers::kit {

/// A POST with that Authorization header (none where empty).
HttpCall json_call(std::string url, std::string authorization, const boost::json::object& body);
HttpCall form_call(std::string url, std::string authorization, const Fields& fields);

/// "447700900123" of "+447700900123": several providers want no plus. Other text as it is.
std::string without_plus(std::string_view number);

/// Sms::from, else `fallback`, the adapter's own setting "from".
std::string sender_or(const Sms& sms, const std::string& fallback);

/// The setting, or `fallback` where the block was made by hand without it.
std::string setting_or(const config::Block& settings, std::string_view name,
                       std::string_view fallback);

/// A base address without its trailing slashes.
std::string base_url(const config::Block& settings, std::string_view name,
                     std::string_view fallback);

/// accepted, with that id. No id in an answer that says 2xx: unknown, code "unreadable".
SendReply accepted(std::string id);
SendReply rejected(std::string code);
SendReply halted(std::string code);                         // rejected, and the route stops
SendReply later(const HttpReply& reply, std::string code);  // with the reply's Retry-After

/// What a webhook says, by name: its form, the members of its JSON object, or without a body its
/// query. Fails with "bad_form" or "bad_json".
Result<Fields> fields_of(const Webhook& hook);

bool one_of(std::string_view word, std::initializer_list<std::string_view> words);

/// Sets status and permanent from the table; a word it does not hold leaves `unknown`, which
/// the ladder reads as "no change".
void set_status(Event& event, std::span<const StatusRow> table);

/// For rows whose settings cannot be wrong beyond what the field table checks.
template <class P>
Result<std::unique_ptr<Provider>> make_provider(const config::Block& settings) {
  return std::make_unique<P>(settings);
}

/// One body of a captured send, whatever its form: a JSON body as it is, a form as an object.
boost::json::value captured_body(const boost::json::object& vector);
/// The user and password of a captured "Authorization: Basic ..."; both empty where none.
std::pair<std::string, std::string> captured_basic(const boost::json::object& vector);
/// The token of a captured "Authorization: WORD TOKEN"; empty where there is none.
std::string captured_token(const boost::json::object& vector);
/// "https://host" of the captured URL.
std::string captured_origin(const boost::json::object& vector);
/// Seconds from the capture's `now` to that time in its body; 0 where it says none.
int captured_validity_s(const boost::json::object& vector, std::string_view pointer);
/// The last segment of the captured URL's path: the secret one, where a provider signs nothing.
std::string captured_path_secret(const boost::json::object& vector);
/// A field at the top of the vector ("/secret", "/secret/username"); empty where missing.
std::string captured(const boost::json::object& vector, std::string_view pointer);

}  // namespace moodline::providers::kit
