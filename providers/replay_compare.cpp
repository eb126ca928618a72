// What replay compares: events, requests and answers, by meaning and field by field.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "providers/kit/bytes.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/sigv4.hpp"
#include "providers/replay.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

using Flat = std::multimap<std::string, std::string>;

std::string differs(std::string_view name, std::string_view expected, std::string_view got) {
  return std::string(name) + ": expected \"" + std::string(expected) + "\", got \"" +
         std::string(got) + "\"";
}

// Null, false and empty read the same: a provider that says nothing.
std::string expected_text(const json::value& v) {
  if (v.is_null() || (v.is_bool() && !v.get_bool())) return {};
  return v.is_object() || v.is_array() ? json::serialize(v) : kit::text_of(v);
}

std::string permanent_word(const std::optional<bool>& permanent) {
  return !permanent ? "null" : *permanent ? "true" : "false";
}

std::string field_of(const Event& e, std::string_view key) {
  if (key == "provider_message_id") return e.provider_message_id;
  if (key == "event_id") return e.event_id;
  if (key == "reference" || key == "file") return e.reference;
  if (key == "from") return e.from;
  if (key == "to") return e.to;
  if (key == "text") return e.text;
  if (key == "raw_status") return e.raw_status;
  if (key == "error_code") return e.error_code;
  if (key == "opt_out" || key == "opted_out") return e.opted_out ? "true" : "";
  if (key == "url") return e.url;
  for (const auto& [name, value] : e.detail)
    if (name == key) return value;
  return {};
}

std::optional<std::string> field_difference(const Event& e, std::string_view key,
                                            const json::value& wanted) {
  const auto check = [&key](std::string_view expected, std::string_view got) {
    return expected == got ? std::nullopt : std::optional(differs(key, expected, got));
  };
  if (key == "type") return check(expected_text(wanted), event_word(e.type));
  if (key == "status") return check(expected_text(wanted), status_word(e.status));
  if (key == "permanent") return check(json::serialize(wanted), permanent_word(e.permanent));
  if (key == "at" || key == "timestamp") {
    const bool same = e.at == kit::read_time(expected_text(wanted));
    return same ? std::nullopt
                : std::optional(differs(key, expected_text(wanted), e.at ? to_iso(*e.at) : ""));
  }
  if (key == "concat" && wanted.is_object()) {
    const auto part = [&wanted](const char* p) { return kit::text_at(wanted, p); };
    return check(part("/ref") + ' ' + part("/part") + '/' + part("/total"),
                 std::to_string(e.concat_ref) + ' ' + std::to_string(e.concat_part) + '/' +
                     std::to_string(e.concat_total));
  }
  return check(expected_text(wanted), field_of(e, key));
}

void flatten(const json::value& v, const std::string& path, Flat& out) {
  if (const auto* o = v.if_object()) {
    for (const auto& [key, inner] : *o)
      flatten(inner, path + '/' + std::string(key.data(), key.size()), out);
  } else if (const auto* a = v.if_array()) {
    for (std::size_t i = 0; i < a->size(); ++i)
      flatten((*a)[i], path + '/' + std::to_string(i), out);
  } else {
    out.emplace(path, json::serialize(v));
  }
}

Flat flat_form(std::string_view text) {
  Flat out;
  for (const auto& [name, value] : kit::read_form(text).value_or(kit::Fields{}))
    out.emplace(name, value);
  return out;
}

Flat flat_body(std::string_view body, std::string_view type) {
  if (type == "application/x-www-form-urlencoded") return flat_form(body);
  Flat out;
  if (type.find("json") != std::string_view::npos) {
    if (const auto v = kit::read_json(body)) {
      flatten(*v, "", out);
      return out;
    }
  }
  if (!body.empty()) out.emplace("body", body);
  return out;
}

// The same text, or the same instant written otherwise (JSON strings stand in quotes here).
bool same_meaning(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto bare = [](std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return from_iso(quoted ? text.substr(1, text.size() - 2) : text);
  };
  const auto t = bare(a);
  return t && t == bare(b);
}

void compare_flat(std::string_view where, Flat wanted, Flat ours,
                  const std::vector<std::string_view>& not_ours, std::vector<std::string>& out) {
  for (const auto& name : not_ours) wanted.erase(std::string(name));
  for (const auto& [name, value] : wanted) {
    const auto [first, last] = ours.equal_range(name);
    const auto it = std::find_if(first, last,
                                 [&v = value](const auto& o) { return same_meaning(o.second, v); });
    if (it != last) {
      ours.erase(it);
    } else {
      const std::string got = first == last ? "nothing" : first->second;
      out.push_back(std::string(where) + ' ' + differs(name, value, got));
      if (first != last) ours.erase(first);
    }
  }
  for (const auto& [name, value] : ours)
    out.push_back(std::string(where) + ' ' + differs(name, "nothing", value));
}

// Headers that only say which client library and transport carried the request.
bool is_transport_header(std::string_view name) {
  constexpr std::array<std::string_view, 9> names{
      "user-agent", "accept",         "accept-charset",       "accept-encoding", "connection",
      "host",       "content-length", "x-amz-content-sha256", "x-amz-user-agent"};
  return std::find(names.begin(), names.end(), name) != names.end() ||
         name.starts_with("x-stainless-") || name.starts_with("amz-sdk-") || name == "x-amz-date";
}

// A signed token with its times and nonce left out, where the token cannot be made again.
std::string token_meaning(std::string_view authorization) {
  if (!authorization.starts_with("Bearer eyJ")) return std::string(authorization);
  std::string_view token = authorization.substr(7);
  std::string out = "Bearer";
  for (int part = 0; part < 2; ++part) {
    const auto dot = token.find('.');
    if (dot == std::string_view::npos) return std::string(authorization);
    auto v = kit::read_json(kit::from_base64url(token.substr(0, dot)).value_or(""));
    if (!v || !v->is_object()) return std::string(authorization);
    for (const char* varies : {"iat", "exp", "nbf", "jti"}) v->get_object().erase(varies);
    Flat flat;
    flatten(*v, "", flat);
    for (const auto& [name, value] : flat) out.append(" ").append(name).append("=").append(value);
    token.remove_prefix(dot + 1);
  }
  return out;
}

std::string our_authorization(const HttpCall& ours, const Headers& captured,
                              std::string_view body) {
  if (ours.sign != Signing::aws_sigv4)
    return std::string(kit::header(ours.headers, "authorization"));
  const std::string_view theirs = kit::header(captured, "authorization");
  const auto begin = theirs.find("SignedHeaders=");
  if (begin == std::string_view::npos) return {};
  std::string_view list = theirs.substr(begin + 14);
  list = list.substr(0, list.find(','));
  Headers chosen;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(';'));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    chosen.emplace_back(name, kit::header(captured, name));
  }
  HttpCall same = ours;
  same.body = body;  // equal in meaning, as compared beside; the bytes are the captured ones
  return kit::sigv4_authorization(same, chosen);
}

void compare_headers(const json::object& vector, const HttpCall& ours, std::string_view body,
                     std::vector<std::string>& out) {
  const Headers captured = vector_headers(vector);
  for (const auto& [name, value] : captured) {
    if (is_transport_header(name)) continue;
    if (name == "content-type") {
      if (kit::media_type(captured) != kit::media_type(ours.headers))
        out.push_back(differs("header content-type", value, kit::header(ours.headers, name)));
    } else if (name == "authorization") {
      const std::string got = our_authorization(ours, captured, body);
      const bool can_repeat = vector.contains("secret");
      if (got != value && (can_repeat || token_meaning(got) != token_meaning(value)))
        out.push_back(differs("header authorization", token_meaning(value), token_meaning(got)));
    } else if (value != kit::header(ours.headers, name)) {
      out.push_back(differs("header " + name, value, kit::header(ours.headers, name)));
    }
  }
}

}  // namespace

std::string_view event_word(EventType type) {
  constexpr std::array<std::string_view, 7> words{
      "mo", "dlr", "opt-out", "opt-in", "confirm-subscription", "submit-result", "ignored"};
  return words[static_cast<std::size_t>(type)];
}

std::string_view status_word(DeliveryStatus status) {
  constexpr std::array<std::string_view, 5> words{"unknown", "queued", "sent", "delivered",
                                                  "failed"};
  return words[static_cast<std::size_t>(status)];
}

std::string_view outcome_word(SendOutcome outcome) {
  constexpr std::array<std::string_view, 4> words{"accepted", "retry_later", "rejected", "unknown"};
  return words[static_cast<std::size_t>(outcome)];
}

std::vector<std::string> event_differences(const json::object& expect,
                                           const std::vector<Event>& events) {
  std::vector<std::string> out;
  json::array wanted;
  if (const auto* one = expect.if_contains("event")) {
    if (!one->is_null()) wanted.push_back(*one);
  } else if (const auto* many = expect.if_contains("events")) {
    if (many->is_array()) wanted = many->get_array();
  } else if (const auto* action = expect.if_contains("action")) {
    // Any other action is the reader's to take and no event: nothing to compare.
    if (expected_text(*action) != event_word(EventType::confirm_subscription)) return out;
    wanted.push_back(json::object{{"type", *action}});
  } else {
    return out;
  }
  std::vector<const Event*> got;
  for (const auto& e : events)
    if (e.type != EventType::ignored) got.push_back(&e);
  if (got.size() != wanted.size())
    out.push_back(differs("events", std::to_string(wanted.size()), std::to_string(got.size())));
  for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i) {
    if (!wanted[i].is_object()) continue;
    for (const auto& [key, value] : wanted[i].get_object())
      if (auto d = field_difference(*got[i], {key.data(), key.size()}, value))
        out.push_back(std::move(*d));
  }
  return out;
}

std::vector<std::string> call_differences(const json::object& vector, const HttpCall& ours,
                                          const std::vector<std::string_view>& not_ours) {
  std::vector<std::string> out;
  const auto body = vector_body(vector);
  const auto theirs = kit::split_url(vector_text(vector, "url"));
  const auto mine = kit::split_url(ours.url);
  if (!body || !theirs || !mine) return {"the URL or body cannot be read"};
  if (vector_text(vector, "method") != ours.method)
    out.push_back(differs("method", vector_text(vector, "method"), ours.method));
  const auto base = [](kit::Url u) {
    u.has_query = false;
    return u.str();
  };
  if (base(*theirs) != base(*mine)) out.push_back(differs("url", base(*theirs), base(*mine)));
  compare_flat("query", flat_form(theirs->query), flat_form(mine->query), not_ours, out);
  compare_headers(vector, ours, *body, out);
  compare_flat("body", flat_body(*body, kit::media_type(vector_headers(vector))),
               flat_body(ours.body, kit::media_type(ours.headers)), not_ours, out);
  return out;
}

std::vector<std::string> file_differences(const json::object& vector, const SpoolFile& ours) {
  std::vector<std::string> out;
  // The order of header lines means nothing, nor how the same text is encoded.
  const auto meaning = [](std::string_view bytes) {
    if (bytes.starts_with("\xFE\xFF")) return kit::from_utf16be(bytes);
    const auto blank = bytes.find("\n\n");
    if (blank == std::string_view::npos) return std::string(bytes);
    std::vector<std::string> lines;
    bool wide = false;
    for (std::string_view head = bytes.substr(0, blank); !head.empty();) {
      const std::string_view line = head.substr(0, head.find('\n'));
      head.remove_prefix(std::min(head.size(), line.size() + 1));
      wide = wide || line == "Alphabet: UCS2" || line == "Alphabet: UCS-2";
      if (!line.starts_with("Alphabet:")) lines.emplace_back(line);
    }
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    const std::string_view body = bytes.substr(blank + 2);
    return text + '\n' + (wide ? kit::from_utf16be(body) : std::string(body));
  };
  if (vector_text(vector, "url") != ours.name)
    out.push_back(differs("file", vector_text(vector, "url"), ours.name));
  const auto body = vector_body(vector);
  if (!body || meaning(*body) != meaning(ours.bytes))
    out.push_back(differs("content", body ? *body : "", ours.bytes));
  return out;
}

std::vector<std::string> reply_differences(const json::object& vector, const SendReply& reply) {
  std::vector<std::string> out;
  const bool accepted = reply.outcome == SendOutcome::accepted;
  const bool retryable = reply.outcome == SendOutcome::retry_later;
  json::object expect;
  if (const auto* e = vector.if_contains("expect"); e != nullptr && e->is_object())
    expect = e->get_object();
  if (!expect.contains("accepted") && vector.contains("sdk_error")) expect["accepted"] = false;
  // Where nothing is said, an answer that means nothing to us is the fault; a 2xx may refuse.
  const auto status = kit::integer_at(vector, "/response/status").value_or(0);
  if (!expect.contains("accepted") && status / 100 == 2 && reply.outcome == SendOutcome::unknown)
    out.push_back(differs("answer outcome", "accepted or refused", "unknown"));
  const std::string id =
      reply.provider_message_ids.empty() ? "" : reply.provider_message_ids.front();
  const std::map<std::string, std::string> got{
      {"accepted", accepted ? "true" : ""},
      {"retryable", retryable ? "true" : ""},
      {"outcome", std::string(outcome_word(reply.outcome))},
      {"provider_message_id", id},
      {"error_code", reply.code},
      {"opt_out", reply.opted_out ? "true" : ""},
      {"halt", reply.halt_route ? "true" : ""},
      {"retry_after_s", reply.retry_after_s ? std::to_string(*reply.retry_after_s) : ""}};
  for (const auto& [key, value] : got) {
    const auto* wanted = expect.if_contains(key);
    if (wanted != nullptr && expected_text(*wanted) != value)
      out.push_back(differs("answer " + key, expected_text(*wanted), value));
  }
  return out;
}

}  // namespace moodline::providers
