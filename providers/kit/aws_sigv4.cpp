#include "providers/kit/aws_sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers::kit {
namespace {

std::string sha256_hex(std::string_view bytes) {
  return to_hex(digest(Digest::sha256, bytes));
}

// Values with their outer blanks cut and inner runs made one.
std::string squeezed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string canonical_query(const Url& url) {
  auto query = read_form(url.query);
  if (!query) return {};
  for (auto& [name, value] : *query) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::sort(query->begin(), query->end());
  std::string out;
  for (const auto& [name, value] : *query) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

}  // namespace

std::string aws_date(Instant wire_now) {
  std::string iso = to_iso(Instant{wire_now.ms / 1000 * 1000});
  std::erase_if(iso, [](char c) { return c == '-' || c == ':'; });
  return iso;
}

std::string aws_authorization(const HttpCall& call) {
  Headers headers = call.headers;
  std::sort(headers.begin(), headers.end());
  std::string canonical_headers;
  std::string names;
  for (const auto& [name, value] : headers) {
    canonical_headers += name + ':' + squeezed(value) + '\n';
    names += (names.empty() ? "" : ";") + name;
  }
  const auto url = split_url(call.url).value_or(Url{});
  const std::string request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", call.method, url.path.empty() ? "/" : url.path,
                  canonical_query(url), canonical_headers, names, sha256_hex(call.body));
  const std::string date(header(call.headers, "x-amz-date"));
  const std::string day = date.substr(0, std::min<std::size_t>(8, date.size()));
  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", day, call.aws_region, call.aws_service);
  const std::string to_sign =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", date, scope, sha256_hex(request));
  std::string key = "AWS4" + call.aws_secret;
  for (const std::string_view part :
       {std::string_view(day), std::string_view(call.aws_region),
        std::string_view(call.aws_service), std::string_view("aws4_request")})
    key = hmac(Digest::sha256, key, part);
  return fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                     call.aws_key_id, scope, names, to_hex(hmac(Digest::sha256, key, to_sign)));
}

}  // namespace moodline::providers::kit
