#include "providers/kit/sigv4.hpp"

#include <algorithm>

#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers::kit {
namespace {

std::string canonical_query(std::string_view url) {
  auto fields = query_of(url).value_or(Fields{});
  for (auto& [name, value] : fields) {
    name = percent_encode(name);
    value = percent_encode(value);
  }
  std::sort(fields.begin(), fields.end());
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  return out;
}

}  // namespace

std::string sigv4_authorization(const HttpCall& call, const Headers& signed_headers) {
  Headers sorted = signed_headers;
  std::sort(sorted.begin(), sorted.end());
  std::string names;
  std::string lines;
  for (const auto& [name, value] : sorted) {
    names += (names.empty() ? "" : ";") + name;
    lines += name + ':' + value + '\n';
  }
  const auto url = split_url(call.url);
  const std::string path = url && !url->path.empty() ? url->path : "/";
  const std::string request = call.method + '\n' + path + '\n' + canonical_query(call.url) + '\n' +
                              lines + '\n' + names + '\n' +
                              to_hex(digest(Digest::sha256, call.body));
  const std::string date(header(sorted, "x-amz-date"));
  const std::string day = date.substr(0, 8);
  const std::string scope = day + '/' + call.aws_region + '/' + call.aws_service + "/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + date + '\n' + scope + '\n' + to_hex(digest(Digest::sha256, request));
  std::string key = hmac(Digest::sha256, "AWS4" + call.aws_secret, day);
  for (const std::string_view part :
       {std::string_view(call.aws_region), std::string_view(call.aws_service),
        std::string_view("aws4_request")})
    key = hmac(Digest::sha256, key, part);
  return "AWS4-HMAC-SHA256 Credential=" + call.aws_key_id + '/' + scope +
         ", SignedHeaders=" + names + ", Signature=" + to_hex(hmac(Digest::sha256, key, to_sign));
}

}  // namespace moodline::providers::kit
