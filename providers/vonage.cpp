// Vonage's row: the settings of both its APIs, and captured requests. The word `api` picks the
// translator: vonage_sms.cpp or vonage_messages.cpp.
#include "providers/vonage.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "api",
       .type = FieldType::word,
       .fallback = "sms",
       .help = "which API the account's texts go and come through",
       .choices = {"sms", "messages"}},
      {.name = "api_key", .required = true, .help = "API key of the account"},
      {.name = "api_secret",
       .type = FieldType::secret,
       .help = "API secret; not needed where private_key is set"},
      {.name = "application_id", .help = "application of the Messages API"},
      {.name = "private_key",
       .type = FieldType::secret,
       .help = "RSA private key (PEM) of the application; Messages API only"},
      {.name = "from", .required = true, .help = "sending number or sender name"},
      {.name = "signature_secret",
       .type = FieldType::secret,
       .required = true,
       .help = "signature secret of the account; proves the webhooks"},
      {.name = "signature_secret_next",
       .type = FieldType::secret,
       .help = "a second signature secret, taken while it is changed"},
      {.name = "signature_method",
       .type = FieldType::word,
       .fallback = "sha256",
       .help = "how the account signs SMS webhooks, as its settings page says",
       .choices = {"md5hash", "md5", "sha1", "sha256", "sha512"}},
      {.name = "encoding",
       .type = FieldType::word,
       .fallback = "json",
       .help = "SMS API: json with Basic credentials, or form with them in the body",
       .choices = {"json", "form"}},
      {.name = "api_url",
       .type = FieldType::url,
       .help = "base address of the API; empty: the API's own"},
  };
  kit::add_webhook_fields(out);
  return out;
}

Result<std::unique_ptr<Provider>> make(const config::Block& s) {
  if (s.text("api") == "messages") return make_vonage_messages(s);
  return make_vonage_sms(s);
}

// ---- Captured requests ----

// A captured token was signed with a key that nobody captured: any key shows the same claims.
std::string throwaway_private_key() {
  constexpr unsigned rsa_bits = 2048;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(rsa_bits),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  BUF_MEM* pem = nullptr;
  BIO_get_mem_ptr(bio.get(), &pem);
  return {pem->data, pem->length};
}

// The claims of a captured token, unproven; null where there is none.
json::value captured_claims(const json::object& vector) {
  const std::string token = kit::captured_token(vector);
  const auto first = token.find('.');
  const auto second = token.find('.', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos) return {};
  const auto bytes = kit::from_base64url(token.substr(first + 1, second - first - 1));
  return bytes ? kit::read_json(*bytes).value_or(json::value{}) : json::value{};
}

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto text = [&](std::string_view pointer) { return kit::captured(vector, pointer); };
  const auto basic = kit::captured_basic(vector);
  const bool messages =
      text("/scheme") == "vonage-jwt-hs256" || text("/url").ends_with("/v1/messages");
  const std::string method = text("/algorithm");
  // Credentials in the body are how a form carries them.
  const bool form = basic.first.empty() && !kit::text_at(body, "/api_key").empty();
  const auto first = [&](const char* a, const char* b) {
    const std::string value = kit::text_at(body, a);
    return value.empty() ? kit::text_at(body, b) : value;
  };
  const bool tokens = messages && text("/kind") == "outbound-request" && basic.first.empty();
  const std::string application = tokens ? kit::text_at(captured_claims(vector), "/application_id")
                                         : text("/expected_application_id");
  return config::Block::of({
      {"api", messages ? "messages" : "sms"},
      {"api_key", form                  ? kit::text_at(body, "/api_key")
                  : basic.first.empty() ? text("/expected_api_key")
                                        : basic.first},
      {"api_secret", form ? kit::text_at(body, "/api_secret") : basic.second},
      {"application_id", application},
      {"private_key", tokens ? throwaway_private_key() : ""},
      {"from", kit::text_at(body, "/from")},
      {"webhook_url", first("/callback", "/webhook_url")},
      {"signature_secret", text("/secret")},
      {"signature_method", method.empty() ? "sha256" : method},
      {"encoding", form ? "form" : "json"},
      // A captured token without its body proves the token's own signature only. No field table
      // knows this word, so service.yaml cannot say it.
      {"captured_token_only", text("/check") == "token-signature-only" ? "true" : "false"},
  });
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto text = [&](std::string_view pointer) { return kit::text_at(body, pointer); };
  Sms sms{.reference = text("/client-ref"), .to = "+" + text("/to"), .text = text("/text")};
  if (sms.reference.empty()) sms.reference = text("/client_ref");
  sms.unicode = text("/type") == "unicode";
  const auto ttl = kit::integer_at(body, "/ttl").value_or(0);  // milliseconds in the SMS API
  sms.validity_s = static_cast<int>(text("/channel").empty() ? ttl / 1000 : ttl);
  return sms;
}

}  // namespace

ProviderType vonage_type() {
  return {.name = "vonage",
          .help = "Vonage (Nexmo): SMS API or Messages API",
          .fields = fields(),
          .make = make,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
