#include "providers/replay.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "providers/kit/bytes.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

constexpr std::string_view smpp_words =
    "SMPP goes through Kannel; there is nothing to replay here (see docs/providers/kannel.md)";

// What became of one vector.
struct Verdict {
  std::string shown;
  std::vector<std::string> differences;
};

const json::object& expect_of(const json::object& vector) {
  static const json::object none;
  const auto* expect = vector.if_contains("expect");
  return expect != nullptr && expect->is_object() ? expect->get_object() : none;
}

bool flag(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(json::string_view(key.data(), key.size()));
  return v != nullptr && v->is_bool() && v->get_bool();
}

void describe(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += ' ' + std::string(name) + '=' + std::string(value);
}

std::string words(const Event& e) {
  std::string out(event_word(e.type));
  if (e.type == EventType::dlr || e.type == EventType::submit_result) {
    describe(out, "status", status_word(e.status));
    if (e.permanent) out += *e.permanent ? " permanent" : " transient";
  }
  describe(out, "raw", e.raw_status);
  describe(out, "error", e.error_code);
  describe(out, "id", e.provider_message_id);
  describe(out, "reference", e.reference);
  describe(out, "from", e.from);
  describe(out, "to", e.to);
  if (e.concat_part > 0)
    out += " part=" + std::to_string(e.concat_part) + '/' + std::to_string(e.concat_total) +
           " of " + std::to_string(e.concat_ref);
  if (e.type == EventType::mo) out += " text=" + json::serialize(json::value(e.text));
  if (e.opted_out) out += " opted-out";
  return out;
}

void judge_events(const json::object& expect, const Result<std::vector<Event>>& events,
                  Verdict& verdict) {
  if (!events) {
    verdict.shown += "; no events: " + events.error().message;
    if (expect.contains("event") || expect.contains("events") || expect.contains("action"))
      verdict.differences.push_back("events cannot be read: " + events.error().message);
    return;
  }
  for (const auto& e : *events) verdict.shown += "; " + words(e);
  for (auto& d : event_differences(expect, *events)) verdict.differences.push_back(std::move(d));
}

Verdict judge_webhook(const json::object& vector, const Provider& provider) {
  Verdict verdict;
  const json::object& expect = expect_of(vector);
  const auto hook = vector_webhook(vector);
  if (!hook) return {"cannot be read", {hook.error().message}};
  auto authentic = provider.authenticate(*hook, vector_now(vector));
  // A vector that must be refused as a repeat: it comes a second time.
  if (authentic && flag(expect, "stateful") && !flag(expect, "accept")) {
    if (!authentic->replay_key.empty())
      authentic = tl::unexpected(Fault{"replayed", "seen before"});
    verdict.shown = "a second time: ";
  }
  // A proven sender whose words cannot be read is refused too. A capture whose body was left out
  // has none; a GET says everything in its URL.
  const auto* body = vector.if_contains("body");
  const bool left_out = body != nullptr && body->is_null() && hook->method != "GET" &&
                        !vector.contains("body_b64") && !vector.contains("hex");
  Result<std::vector<Event>> events;
  if (authentic && !left_out) events = provider.read_events(*hook);
  const bool taken = authentic && events;
  const std::string code = !authentic ? authentic.error().code : events ? "" : events.error().code;
  verdict.shown += taken ? "accepted" : "refused (" + code + ")";
  if (expect.contains("accept") && flag(expect, "accept") != taken && !flag(vector, "optional"))
    verdict.differences.emplace_back(taken ? "accepted, but should be refused"
                                           : "refused, but should be accepted");
  if (!taken) return verdict;
  if (!authentic->replay_key.empty() && !authentic->replay_until)
    verdict.differences.emplace_back("replay key without an end");
  judge_events(expect, events, verdict);
  return verdict;
}

void judge_reply(const json::object& vector, const Provider& provider, Verdict& verdict) {
  const auto* response = vector.if_contains("response");
  if (response == nullptr || !response->is_object()) return;
  const json::object& r = response->get_object();
  HttpReply reply;
  reply.status = static_cast<int>(kit::integer_at(*response, "/status").value_or(0));
  reply.headers = vector_headers(r);
  if (const auto* body = r.if_contains("body"))
    reply.body = body->is_string() ? kit::text_of(*body) : json::serialize(*body);
  const SendReply read = provider.read_reply(reply);
  verdict.shown +=
      "; answer " + std::to_string(reply.status) + ": " + std::string(outcome_word(read.outcome));
  for (const auto& id : read.provider_message_ids) describe(verdict.shown, "id", id);
  describe(verdict.shown, "code", read.code);
  if (read.halt_route) verdict.shown += " halts-route";
  for (auto& d : reply_differences(vector, read)) verdict.differences.push_back(std::move(d));
}

Verdict judge_send(const json::object& vector, const Provider& provider, const Replay& how) {
  Verdict verdict{"request: not one of ours", {}};
  const auto sms = how.sms == nullptr ? std::nullopt : how.sms(vector);
  if (sms) {
    const auto call = provider.send_call(*sms, vector_now(vector));
    if (!call) return {"cannot be sent", {call.error().message}};
    verdict.differences = call_differences(vector, *call, how.not_ours);
    verdict.shown = verdict.differences.empty() ? "request: equal in meaning" : "request: differs";
  }
  judge_reply(vector, provider, verdict);
  return verdict;
}

Verdict judge_spool(const json::object& vector, const SpoolType& type) {
  const auto spool = type.make(type.replay.settings(vector));
  if (!spool) return {"no settings", {spool.error().message}};
  if (vector_text(vector, "kind") == "outbound-request") {
    const auto sms = type.replay.sms(vector);
    if (!sms) return {"file: not one of ours", {}};
    const auto now = type.replay.now == nullptr ? std::nullopt : type.replay.now(vector);
    const auto file = (*spool)->send_file(*sms, now.value_or(vector_now(vector)));
    if (!file) return {"cannot be sent", {file.error().message}};
    Verdict verdict{"file: equal in meaning", file_differences(vector, *file)};
    if (!verdict.differences.empty()) verdict.shown = "file: differs";
    return verdict;
  }
  const auto body = vector_body(vector);
  if (!body) return {"cannot be read", {body.error().message}};
  const std::vector<SpoolFile> group{{vector_text(vector, "url"), *body}};
  const auto events = (*spool)->read_files(group);
  const json::object& expect = expect_of(vector);
  Verdict verdict{events ? "accepted" : "refused (" + events.error().code + ")", {}};
  if (expect.contains("accept") && flag(expect, "accept") != events.has_value())
    verdict.differences.emplace_back(events ? "accepted, but should be refused"
                                            : "refused, but should be accepted");
  if (events) judge_events(expect, events, verdict);
  return verdict;
}

Verdict judge(const json::object& vector) {
  const std::string name = vector_text(vector, "provider");
  if (const SpoolType* spool = find_spool_type(name)) return judge_spool(vector, *spool);
  const ProviderType* type = find_provider_type(name);
  if (type == nullptr)
    return {"not judged", {"provider \"" + name + "\" is unknown; see moodline provider list"}};
  const auto provider = vector_provider(vector);
  if (!provider) return {"no settings", {provider.error().message}};
  if (vector_text(vector, "kind") == "outbound-request")
    return judge_send(vector, **provider, type->replay);
  return judge_webhook(vector, **provider);
}

void replay_one(const json::value& v, const PrintLine& print, ReplayTally& tally) {
  if (!v.is_object()) {
    print("FAIL a vector is not a JSON object");
    ++tally.failed;
    return;
  }
  const json::object& vector = v.get_object();
  const Verdict verdict = judge(vector);
  const bool counted = vector.contains("expect");
  const bool failed = !verdict.differences.empty();
  if (counted) ++(failed ? tally.failed : tally.passed);
  const std::string_view mark = failed ? "FAIL" : counted ? "ok  " : "    ";
  print(std::string(mark) + ' ' + vector_text(vector, "id") + ": " + verdict.shown);
  for (const auto& d : verdict.differences) print("       " + d);
}

}  // namespace

ReplayTally replay_file(std::string_view file_name, std::string_view json_text,
                        const PrintLine& print) {
  const std::string name(file_name);
  json::error_code ec;
  const json::value all =
      json_text.size() > replay_file_bytes_max
          ? json::value{}
          : json::parse(json::string_view(json_text.data(), json_text.size()), ec);
  if (ec || (!all.is_array() && !all.is_object())) {
    print("FAIL " + name + ": is not a JSON list of captured requests" +
          (ec ? ": " + ec.message() : std::string{}));
    return {0, 1};
  }
  const json::array list = all.is_array() ? all.get_array() : json::array{all};
  ReplayTally tally;
  std::size_t smpp = 0;
  for (std::size_t i = 0; i < list.size() && i < replay_vectors_max; ++i) {
    if (kit::text_at(list[i], "/provider") == "smpp") {
      ++smpp;
    } else {
      replay_one(list[i], print, tally);
    }
  }
  if (smpp > 0)
    print("skip " + name + ": " + std::to_string(smpp) + " PDUs: " + std::string(smpp_words));
  if (list.size() > replay_vectors_max) {
    print("FAIL " + name + ": has over " + std::to_string(replay_vectors_max) + " requests");
    ++tally.failed;
  }
  return tally;
}

std::string to_text(const ReplayTally& tally) {
  return std::to_string(tally.passed) + " passed, " + std::to_string(tally.failed) + " failed";
}

std::string vector_text(const json::object& vector, std::string_view key) {
  const auto* v = vector.if_contains(json::string_view(key.data(), key.size()));
  return v == nullptr ? std::string{} : kit::text_of(*v);
}

Result<std::string> vector_body(const json::object& vector) {
  if (vector.contains("body_b64")) {
    auto bytes = kit::from_base64(vector_text(vector, "body_b64"));
    if (!bytes) return fault("bad_vector", "body_b64 is not base64");
    return std::move(*bytes);
  }
  if (vector.contains("hex")) {
    auto bytes = kit::from_hex(vector_text(vector, "hex"));
    if (!bytes) return fault("bad_vector", "hex is not hexadecimal");
    return std::move(*bytes);
  }
  return vector_text(vector, "body");
}

Headers vector_headers(const json::object& vector) {
  Headers out;
  const auto* headers = vector.if_contains("headers");
  if (headers == nullptr || !headers->is_object()) return out;
  for (const auto& [name, value] : headers->get_object()) {
    std::string lower(name.data(), name.size());
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (value.is_array()) {
      for (const auto& v : value.get_array()) out.emplace_back(lower, kit::text_of(v));
    } else {
      out.emplace_back(lower, kit::text_of(value));
    }
  }
  return out;
}

Instant vector_now(const json::object& vector) {
  return kit::read_time(vector_text(vector, "now")).value_or(Instant{});
}

Result<Webhook> vector_webhook(const json::object& vector) {
  auto body = vector_body(vector);
  if (!body) return tl::unexpected(body.error());
  return Webhook{vector_text(vector, "method"), vector_text(vector, "url"), vector_headers(vector),
                 std::move(*body)};
}

Result<std::unique_ptr<Provider>> vector_provider(const json::object& vector) {
  const ProviderType* type = find_provider_type(vector_text(vector, "provider"));
  if (type == nullptr) return fault("unknown_provider", "no provider has that name");
  if (type->replay.settings == nullptr)
    return fault("no_replay", "this provider does not say how captures are judged");
  return type->make(type->replay.settings(vector));
}

}  // namespace moodline::providers
