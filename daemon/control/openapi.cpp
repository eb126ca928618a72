#include "daemon/control/openapi.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

namespace moodline::control {
namespace {

// One row an argument; an action that takes nothing has one row without a name.
struct Row {
  std::string_view action;
  Argument argument;
};
constexpr Row table[] = {
    {"agreement.list", {"person", "string", false, "only theirs"}},
    {"agreement.show", {"person", "string", true, "key, code or number"}},
    {"agreement.show", {"agreement", "string", true, "code, such as L3"}},
    {"alert.ack", {"alert", "string", true, "code, such as K7"}},
    {"alert.done", {"alert", "string", true, "code, such as K7"}},
    {"alert.done", {"note", "string", false, "what was done"}},
    {"alert.drop", {}},
    {"alert.list", {"all", "boolean", false, "ended ones too"}},
    {"alert.list", {"days", "integer", false, "how far back"}},
    {"alert.pass", {"alert", "string", true, "code, such as K7"}},
    {"alert.release", {}},
    {"alert.show", {"alert", "string", true, "code, such as K7"}},
    {"audit.export", {"after", "integer", false, "rows after this one"}},
    {"audit.list", {"after", "integer", false, "rows after this one"}},
    {"audit.verify", {}},
    {"clock.ok", {}},
    {"cost", {"days", "integer", false, "how far back"}},
    {"explain", {"alert", "string", false, "code, such as K7"}},
    {"explain", {"person", "string", false, "instead: every rule of this person"}},
    {"export.evaluation", {}},
    {"history.logs", {"after", "integer", false, "people after this row"}},
    {"hold", {"off", "boolean", false, "send again"}},
    {"link.make", {"alert", "string", false, "the alert's page"}},
    {"link.make", {"person", "string", false, "or the page of this person's series"}},
    {"link.make", {"to", "string", false, "whose link it is: a practitioner's id, or person"}},
    {"link.make", {"data", "boolean", false, "the person's own data, once"}},
    {"link.revoke", {"person", "string", true, "key, code or number"}},
    {"link.revoke", {"to", "string", false, "only links of this practitioner"}},
    {"outage", {"from", "string", true, "instant, such as 2026-03-02T18:00:00Z"}},
    {"outage", {"to", "string", true, "instant"}},
    {"outbox.list", {}},
    {"outbox.retry", {"id", "integer", true, "from the list"}},
    {"person.add", {"number", "string", true, "phone number"}},
    {"person.add", {"as", "string", true, "code or initials they agreed to"}},
    {"person.add", {"programme", "string", true, "id"}},
    {"person.add", {"practitioner", "string", false, "id"}},
    {"person.add", {"track", "object", true, "measure to goal, in their words"}},
    {"person.add", {"agreed_with", "string", true, "who agreed it with them"}},
    {"person.add", {"agreed_on", "string", true, "date"}},
    {"person.add", {"language", "string", false, "code"}},
    {"person.add", {"timezone", "string", false, "IANA zone"}},
    {"person.add", {"times", "strings", false, "such as 19:30"}},
    {"person.add", {"rules", "strings", false, "only these"}},
    {"person.add", {"params", "object", false, "rule to its numbers"}},
    {"person.add", {"safe", "string", false, "only texted in it, such as 18:00-20:30"}},
    {"person.add", {"plan", "string", false, "their own plan"}},
    {"person.add", {"needs", "string", false, "agreed needs"}},
    {"person.add", {"friend", "string", false, "id of their friend or carer, who is told less"}},
    {"person.add", {"discreet", "string", false, "no: questions name the service"}},
    {"person.discharge", {"person", "string", true, "key, code or number"}},
    {"person.discharge", {"holder", "string", false, "who holds their data now"}},
    {"person.erase", {"person", "string", true, "key, code or number"}},
    {"person.erase", {"confirm", "string", true, "the key once more"}},
    {"person.export", {"person", "string", true, "key, code or number"}},
    {"person.export", {"format", "string", false, "json, csv or fhir"}},
    {"person.history", {"person", "string", true, "key, code or number"}},
    {"person.history", {"allow", "string", true, "yes or no"}},
    {"person.import", {"csv", "string", true, "the file"}},
    {"person.import", {"dry_run", "boolean", false, "only say what is bad"}},
    {"person.list", {"status", "string", false, "only these"}},
    {"person.opt_outs", {"provider", "string", true, "its name in service.yaml"}},
    {"person.opt_outs", {"list", "string", true, "CSV, one number a line, or JSON"}},
    {"person.opt_outs", {"column", "string", false, "with the numbers that opted out"}},
    {"person.opt_outs", {"international", "boolean", false, "a country code but no plus"}},
    {"person.opt_outs", {"apply", "boolean", false, "take the list over"}},
    {"person.opted_out", {"number", "string", true, "phone number"}},
    {"person.pause", {"person", "string", true, "key, code or number"}},
    {"person.pause", {"days", "integer", false, "0: until resumed"}},
    {"person.release", {"person", "string", true, "key, code or number"}},
    {"person.resume", {"person", "string", true, "key, code or number"}},
    {"person.seen", {"person", "string", true, "key, code or number"}},
    {"person.seen", {"by", "string", true, "a practitioner's id"}},
    {"person.seen", {"words", "string", false, "a kind word for them"}},
    {"person.series", {"person", "string", true, "key, code or number"}},
    {"person.series", {"days", "integer", false, "how far back"}},
    {"person.set", {"person", "string", true, "key, code or number"}},
    {"person.set", {"safe", "string", false, "window such as 18:00-20:30, or none"}},
    {"person.set", {"needs", "string", false, "agreed needs, or none"}},
    {"person.set", {"friend", "string", false, "id of their friend or carer, or none"}},
    {"person.set", {"discreet", "string", false, "no: questions name the service"}},
    {"person.set", {"timezone", "string", false, "IANA zone they have moved to"}},
    {"person.set", {"time", "string", false, "19:30, or sleep 8:00 for one question"}},
    {"person.set", {"days", "string", false, "mon wed fri, or sleep weekdays for one"}},
    {"person.show", {"person", "string", true, "key, code or number"}},
    {"person.transfer", {"person", "string", true, "key, code or number"}},
    {"person.transfer", {"to", "string", true, "a practitioner's id"}},
    {"plan", {"dir", "string", true, "folder of the new files, on the service's machine"}},
    {"plan", {"after", "integer", false, "people after this row"}},
    {"practitioner.handover", {"from", "string", true, "a practitioner's id"}},
    {"practitioner.handover", {"to", "string", true, "a practitioner's id"}},
    {"practitioner.list", {}},
    {"replies.seen", {"id", "integer", true, "from the list"}},
    {"replies.unread", {}},
    {"route.reopen", {"route", "string", true, "its name"}},
    {"rules.list", {}},
    {"rules.retire", {"rule", "string", true, "the rule's name, without a version"}},
    {"rules.retire", {"after", "integer", false, "people after this row"}},
    {"service.routes", {}},
    {"token.add", {"name", "string", true, "whose it is"}},
    {"token.add", {"scopes", "string", true, "by spaces"}},
    {"token.add", {"days", "integer", false, "how long it lives; 365"}},
    {"token.list", {}},
    {"token.revoke", {"id", "string", true, "id or name"}},
};

std::map<std::string_view, std::vector<Argument>> gather_rows() {
  std::map<std::string_view, std::vector<Argument>> out;
  for (const Row& r : table) {
    auto& list = out[r.action];
    if (!r.argument.name.empty()) list.push_back(r.argument);
  }
  return out;
}

const std::map<std::string_view, std::vector<Argument>>& rows() {
  static const auto all = gather_rows();
  return all;
}

json::object schema_of(const Argument& a) {
  json::object o;
  if (a.type == "strings") {
    o["type"] = "array";
    o["items"] = json::object{{"type", "string"}};
  } else {
    o["type"] = a.type;
  }
  o["description"] = a.help;
  return o;
}

json::object body_of(std::string_view action) {
  json::object properties;
  json::array required;
  const auto* arguments = arguments_of(action);
  if (arguments != nullptr) {
    for (const Argument& a : *arguments) {
      properties[a.name] = schema_of(a);
      if (a.required) required.emplace_back(a.name);
    }
  }
  const bool needed = !required.empty();
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (needed) schema["required"] = std::move(required);
  json::object media{{"schema", std::move(schema)}};
  json::object content;
  content["application/json"] = std::move(media);
  return {{"required", needed}, {"content", std::move(content)}};
}

json::object response_of(std::string_view words, bool error) {
  json::object schema;
  if (error) {
    schema["$ref"] = "#/components/schemas/Error";
  } else {
    schema["description"] = "What `moodline --json` prints";
  }
  json::object content;
  content["application/json"] = json::object{{"schema", std::move(schema)}};
  return {{"description", words}, {"content", std::move(content)}};
}

json::object operation(const Action& a) {
  std::string id(a.name);
  for (char& c : id) c = c == '.' ? '_' : c;
  json::object responses;
  responses["200"] = response_of("done", false);
  responses["400"] = response_of("the body is no JSON object", true);
  responses["401"] = response_of("no token, or one that is not known, run out or revoked", true);
  responses["403"] = response_of("the token has not the scope", true);
  responses["404"] = response_of("nobody or nothing of that name", true);
  responses["422"] = response_of("refused; the message says why", true);
  responses["503"] = response_of("our fault; try again", true);
  json::object post{{"operationId", id}, {"summary", a.help}};
  post["description"] =
      fmt::format("Scope: {}.{}", scope_of(a), a.writes ? "" : " Changes nothing.");
  post["requestBody"] = body_of(a.name);
  post["responses"] = std::move(responses);
  return {{"post", std::move(post)}};
}

}  // namespace

const std::vector<Argument>* arguments_of(std::string_view action) {
  const auto it = rows().find(action);
  return it == rows().end() ? nullptr : &it->second;
}

json::object openapi(std::string_view url) {
  json::object paths;
  for (const Action& a : actions()) {
    if (scope_of(a) == "admin") continue;
    paths[fmt::format("/api/v1/{}", a.name)] = operation(a);
  }
  json::object error{{"type", "object"}, {"required", json::array{"error"}}};
  json::object inner{{"type", "object"}, {"required", json::array{"code", "message"}}};
  inner["properties"] = json::object{{"code", json::object{{"type", "string"}}},
                                     {"message", json::object{{"type", "string"}}}};
  error["properties"] = json::object{{"error", std::move(inner)}};
  json::object bearer{
      {"type", "http"}, {"scheme", "bearer"}, {"description", "Made with `moodline token add`."}};
  json::object security;
  security["bearer"] = json::array{};
  json::object info{{"title", "Moodline"}, {"version", "1"}};
  info["summary"] = "The actions of `moodline`, for other programs of the same service.";
  json::object doc{{"openapi", "3.1.0"}, {"info", std::move(info)}};
  doc["servers"] = json::array{json::object{{"url", url}}};
  doc["security"] = json::array{std::move(security)};
  doc["paths"] = std::move(paths);
  doc["components"] =
      json::object{{"schemas", json::object{{"Error", std::move(error)}}},
                   {"securitySchemes", json::object{{"bearer", std::move(bearer)}}}};
  return doc;
}

}  // namespace moodline::control
