#include "providers/kit/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "providers/kit/form.hpp"

namespace moodline::providers::kit {
namespace {

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

bool all_digits(std::string_view s) {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate; the only form senders may write).
std::optional<Instant> http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t fixdate_size = 29;
  if (text.size() != fixdate_size || !text.ends_with(" GMT")) return std::nullopt;
  const auto* const month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  const auto number = static_cast<std::size_t>(month - months.begin()) + 1;
  std::string iso(text.substr(12, 4));
  iso += number < 10 ? "-0" : "-";
  iso += std::to_string(number) + "-" + std::string(text.substr(5, 2)) + "T" +
         std::string(text.substr(17, 8)) + "Z";
  return from_iso(iso);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view header(const Headers& headers, std::string_view name) {
  for (const auto& [n, value] : headers)
    if (n == name) return value;
  return {};
}

const std::string* sole_header(const Headers& headers, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& [n, value] : headers) {
    if (n != name) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

std::string media_type(const Headers& headers) {
  const std::string_view type = header(headers, "content-type");
  return lower_case(trimmed(type.substr(0, type.find(';'))));
}

std::string charset_of(const Headers& headers) {
  std::string_view rest = header(headers, "content-type");
  while (true) {
    const auto semicolon = rest.find(';');
    if (semicolon == std::string_view::npos) return {};
    rest.remove_prefix(semicolon + 1);
    const std::string parameter = lower_case(trimmed(rest.substr(0, rest.find(';'))));
    if (!parameter.starts_with("charset=")) continue;
    std::string value = parameter.substr(8);
    std::erase(value, '"');
    return value;
  }
}

std::string basic_auth(std::string_view user, std::string_view password) {
  return "Basic " + to_base64(std::string(user) + ':' + std::string(password));
}

tl::unexpected<Fault> refuse(std::string_view code, std::string_view what) {
  return fault(std::string(code), "Refused: " + std::string(what) + ".");
}

Result<Authentic> check_header(const Webhook& hook, std::string_view name, const Secrets& secrets) {
  if (secrets.empty()) return refuse("not_configured", "no secret is set for this webhook");
  const std::string* given = sole_header(hook.headers, name);
  if (given == nullptr) return refuse("unsigned", "the header that proves the sender is missing");
  if (!secrets.any([given](const std::string& s) { return equal_in_constant_time(s, *given); }))
    return refuse("bad_signature", "the header that proves the sender does not match");
  return Authentic{};
}

Result<Authentic> check_basic(const Webhook& hook, std::string_view user,
                              const Secrets& passwords) {
  std::vector<std::string> whole;
  for (const auto& password : passwords.values()) whole.push_back(basic_auth(user, password));
  return check_header(hook, "authorization", Secrets(std::move(whole)));
}

Result<Authentic> check_bearer(const Webhook& hook, const Secrets& tokens) {
  std::vector<std::string> whole;
  for (const auto& token : tokens.values()) whole.push_back("Bearer " + token);
  return check_header(hook, "authorization", Secrets(std::move(whole)));
}

Result<Authentic> check_path(const Webhook& hook, const Secrets& secrets) {
  if (secrets.empty())
    return refuse("not_configured", "this provider signs nothing; set path_secret");
  const auto url = split_url(hook.url);
  if (!url) return refuse("bad_signature", "the URL cannot be read");
  bool held = false;
  std::string_view rest = url->path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    held = secrets.any([segment](const std::string& s) {
      return equal_in_constant_time(s, segment);
    }) || held;
  }
  if (!held) return refuse("bad_signature", "the URL does not hold the secret path segment");
  return Authentic{};
}

Result<Instant> check_timestamp(std::string_view seconds, Instant wire_now,
                                std::chrono::seconds window) {
  constexpr std::size_t digits_max = 12;
  if (!all_digits(seconds) || seconds.size() > digits_max)
    return refuse("stale", "the timestamp is not a number of seconds");
  std::int64_t s = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), s);
  const Instant t{s * 1000};
  if (t - wire_now > window || wire_now - t > window)
    return refuse("stale", "the timestamp is too far from now; check the machine's clock");
  return t;
}

void add_webhook_fields(FieldTable& fields) {
  fields.push_back({.name = "webhook_url",
                    .type = FieldType::url,
                    .help = "public URL of this route's webhook; the service fills it in"});
  fields.push_back({.name = "path_secret",
                    .type = FieldType::secret,
                    .help = "long random word that ends the webhook's path"});
  fields.push_back({.name = "path_secret_next",
                    .type = FieldType::secret,
                    .help = "second one, accepted too while it is being changed"});
}

std::string sender(const Sms& sms, const config::Block& settings) {
  return sms.from.empty() ? settings.text("from") : sms.from;
}

std::string callback_url(const config::Block& settings) {
  std::string url = settings.text("webhook_url");
  const std::string& secret = settings.text("path_secret");
  if (url.empty() || secret.empty()) return url;
  while (url.ends_with('/')) url.pop_back();
  return url + '/' + percent_encode(secret);
}

std::optional<int> retry_after_s(const HttpReply& reply) {
  constexpr int retry_after_s_max = 86'400;
  const std::string_view text = trimmed(header(reply.headers, "retry-after"));
  if (all_digits(text)) {
    constexpr std::size_t digits_max = 9;
    if (text.size() > digits_max) return retry_after_s_max;
    int s = 0;
    std::from_chars(text.data(), text.data() + text.size(), s);
    return std::min(s, retry_after_s_max);
  }
  const auto then = http_date(text);
  const auto date = http_date(trimmed(header(reply.headers, "date")));
  if (!then || !date) return std::nullopt;
  const std::int64_t s = (then->ms - date->ms) / 1000;
  return static_cast<int>(std::clamp<std::int64_t>(s, 0, retry_after_s_max));
}

SendReply classify(const HttpReply& reply) {
  SendReply r;
  const int s = reply.status;
  r.code = "http_" + std::to_string(s);
  if (s >= 200 && s < 300) {
    r.outcome = SendOutcome::accepted;
    r.code.clear();
  } else if (s == 429) {
    r.outcome = SendOutcome::retry_later;
    r.retry_after_s = retry_after_s(reply);
  } else if (s >= 400 && s < 500) {
    r.outcome = SendOutcome::rejected;
    r.halt_route = s == 401 || s == 402 || s == 403 || s == 407;
  } else if (s >= 500 && s < 600 && s != 504) {
    r.outcome = SendOutcome::retry_later;
    r.retry_after_s = retry_after_s(reply);
  }  // 504: a gateway gave up waiting for an answer that may have been yes
  return r;
}

const StatusRow* find_status(std::span<const StatusRow> table, std::string_view word) {
  for (const auto& row : table)
    if (row.word == word) return &row;
  return nullptr;
}

}  // namespace moodline::providers::kit
