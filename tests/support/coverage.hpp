// What each signature scheme covers: where one flipped bit must be refused. For the tests that
// flip them, at the adapter and through the HTTP server.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace moodline::testing {

enum class Cover { no, bytes, meaning };

struct Coverage {
  std::string_view scheme;
  Cover body;
  bool url;                               // the whole of it
  std::vector<std::string_view> headers;  // every byte of them
  std::vector<std::string_view> keys;     // fields of the capture
};

inline const std::vector<Coverage>& coverage() {
  static const std::vector<Coverage> all{
      {"twilio-hmac-sha1", Cover::bytes, true, {"x-twilio-signature"}, {"secret"}},
      {"asg-hmac-sha256", Cover::bytes, false, {"x-signature", "x-timestamp"}, {"secret"}},
      {"telnyx-ed25519",
       Cover::bytes,
       false,
       {"telnyx-signature-ed25519", "telnyx-timestamp"},
       {"public_key"}},
      {"sinch-hmac-sha256",
       Cover::bytes,
       false,
       {"x-sinch-webhook-signature", "x-sinch-webhook-signature-nonce",
        "x-sinch-webhook-signature-timestamp"},
       {"secret"}},
      {"messagebird-jwt", Cover::bytes, true, {"messagebird-signature-jwt"}, {"secret"}},
      {"vonage-jwt-hs256", Cover::bytes, false, {"authorization"}, {"secret"}},
      {"vonage-sms-sig", Cover::meaning, false, {}, {"secret"}},
      {"aws-sns-v1", Cover::meaning, false, {}, {}},
      {"aws-sns-v2", Cover::meaning, false, {}, {}},
      {"plivo-v2",
       Cover::no,
       false,
       {"x-plivo-signature-v2", "x-plivo-signature-v2-nonce"},
       {"secret"}},
      {"basic", Cover::no, false, {"authorization"}, {}},
      {"bearer", Cover::no, false, {"authorization"}, {"secret"}},
  };
  return all;
}

inline const Coverage* coverage_of(std::string_view scheme) {
  for (const auto& c : coverage())
    if (scheme.starts_with(c.scheme)) return &c;
  return nullptr;
}

inline std::string flipped(std::string text, std::size_t bit) {
  text[bit / 8] = static_cast<char>(static_cast<unsigned char>(text[bit / 8]) ^ (1U << (bit % 8)));
  return text;
}

}  // namespace moodline::testing
