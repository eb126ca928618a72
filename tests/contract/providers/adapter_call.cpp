// adapter_call: one line of JSON in, one out, for tests in other languages.
//   {"op":"send","provider":P,"settings":{...},"sms":{...},"now":S}
//     -> {"method","url","headers":{...},"body"} or {"error"}
//   {"op":"reply","provider":P,"settings":{...},"status":N,"body":"..."}
//     -> {"outcome","ids":[...],"code","halt"}
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "providers/kit/json.hpp"
#include "providers/provider.hpp"
#include "providers/replay.hpp"

namespace {

namespace json = boost::json;
using namespace moodline;
using namespace moodline::providers;

config::Block settings_of(const json::value& request) {
  config::Block out;
  const json::value* settings = kit::at(request, "/settings");
  if (settings == nullptr || !settings->is_object()) return out;
  for (const auto& [name, v] : settings->get_object()) {
    config::Value value;
    value.text = kit::text_of(v);
    if (v.is_object())
      for (const auto& [key, item] : v.get_object()) value.table[key] = kit::text_of(item);
    out.set(name, std::move(value));
  }
  return out;
}

json::object send(const Provider& provider, const json::value& request) {
  const auto text = [&](const char* pointer) { return kit::text_at(request, pointer); };
  Sms sms{.reference = text("/sms/reference"), .to = text("/sms/to"), .text = text("/sms/text")};
  sms.template_name = text("/sms/template_name");
  sms.unicode = text("/sms/unicode") == "true";
  sms.validity_s = static_cast<int>(kit::integer_at(request, "/sms/validity_s").value_or(0));
  const json::value* values = kit::at(request, "/sms/personalisation");
  if (values != nullptr && values->is_object())
    for (const auto& [name, value] : values->get_object())
      sms.personalisation.emplace_back(name, kit::text_of(value));
  const auto call =
      provider.send_call(sms, Instant{kit::integer_at(request, "/now").value_or(0) * 1000});
  if (!call) return {{"error", call.error().code}};
  json::object headers;
  for (const auto& [name, value] : call->headers) headers[name] = value;
  return {{"method", call->method}, {"url", call->url}, {"headers", headers}, {"body", call->body}};
}

json::object reply(const Provider& provider, const json::value& request) {
  const SendReply read =
      provider.read_reply({static_cast<int>(kit::integer_at(request, "/status").value_or(0)),
                           {},
                           kit::text_at(request, "/body")});
  json::array ids;
  for (const auto& id : read.provider_message_ids) ids.emplace_back(id);
  return {{"outcome", std::string(outcome_word(read.outcome))},
          {"ids", ids},
          {"code", read.code},
          {"halt", read.halt_route}};
}

json::object answer(const std::string& line) {
  const auto request = kit::read_json(line);
  if (!request) return {{"error", request.error().message}};
  const ProviderType* type = find_provider_type(kit::text_at(*request, "/provider"));
  if (type == nullptr) return {{"error", "no such provider"}};
  const auto provider = type->make(settings_of(*request));
  if (!provider) return {{"error", provider.error().message}};
  return kit::text_at(*request, "/op") == "reply" ? reply(**provider, *request)
                                                  : send(**provider, *request);
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << json::serialize(answer(line)) << std::endl;
  return 0;
}
