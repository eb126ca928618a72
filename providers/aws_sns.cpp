#include "providers/aws_sns.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers::aws {
namespace {

constexpr int rsa_bits_min = 2048;
constexpr std::string_view type_attribute = "AWS.SNS.SMS.SMSType";
constexpr std::string_view name_attribute = "AWS.SNS.SMS.SenderID";
constexpr std::string_view number_attribute = "AWS.MM.SMS.OriginationNumber";

std::string attribute_in(const boost::json::value& form, std::string_view name) {
  constexpr int entries_max = 3;
  for (int i = 1; i <= entries_max; ++i) {
    const std::string at = "/MessageAttributes.entry." + std::to_string(i) + ".";
    if (kit::text_at(form, at + "Name") == name)
      return kit::text_at(form, at + "Value.StringValue");
  }
  return {};
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key key_of(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  ERR_clear_error();
  Key key(certificate ? X509_get_pubkey(certificate.get()) : nullptr, &EVP_PKEY_free);
  if (key && (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA ||
              EVP_PKEY_get_bits(key.get()) < rsa_bits_min))
    key.reset();
  return key;
}

bool all_of(std::string_view text, bool (*good)(char)) {
  return std::all_of(text.begin(), text.end(), good);
}

bool is_region_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_path_character(char c) {
  return is_region_character(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' || c == '.';
}

}  // namespace

kit::Fields publish_form(const Sms& sms, const std::string& from, const std::string& type) {
  kit::Fields form{{"Action", "Publish"},
                   {"Version", "2010-03-31"},
                   {"PhoneNumber", sms.to},
                   {"Message", sms.text}};
  int entries = 0;
  const auto add = [&](std::string_view name, const std::string& value) {
    const std::string at = "MessageAttributes.entry." + std::to_string(++entries) + ".";
    form.emplace_back(at + "Name", name);
    form.emplace_back(at + "Value.DataType", "String");
    form.emplace_back(at + "Value.StringValue", value);
  };
  // Without it an account sends texts as promotional, which networks hold back at night.
  if (!type.empty()) add(type_attribute, type[0] + kit::lower_case(type.substr(1)));
  if (!from.empty()) add(from.starts_with('+') ? number_attribute : name_attribute, from);
  return form;
}

std::string published_sender(const boost::json::value& form) {
  const std::string number = attribute_in(form, number_attribute);
  return number.empty() ? attribute_in(form, name_attribute) : number;
}

std::string published_type(const boost::json::value& form) {
  return attribute_in(form, type_attribute);
}

bool host_is_allowed(std::string_view url) {
  constexpr std::size_t region_characters_min = 3;
  const auto cut = kit::split_url(url);
  if (!cut || cut->scheme != "https" || !cut->userinfo.empty() || !cut->port.empty() ||
      url.find('@') != std::string_view::npos)
    return false;
  // The whole head again, so that an empty port or odd writing of the host cannot slip through.
  if (!url.starts_with("https://" + cut->host + "/")) return false;
  std::string_view host = cut->host;
  if (!host.starts_with("sns.")) return false;
  host.remove_prefix(4);
  for (const std::string_view end : {".amazonaws.com.cn", ".amazonaws.com"}) {
    if (!host.ends_with(end)) continue;
    host.remove_suffix(end.size());
    return host.size() >= region_characters_min && all_of(host, is_region_character);
  }
  return false;
}

bool certificate_url_is_allowed(std::string_view url) {
  const auto cut = kit::split_url(url);
  // Nothing but host and path may stand there: no query, no fragment.
  return host_is_allowed(url) && url == "https://" + cut->host + cut->path &&
         cut->path.ends_with(".pem") && all_of(cut->path, is_path_character) &&
         cut->path.find("..") == std::string::npos;
}

Result<std::string> text_to_sign(const boost::json::value& envelope) {
  const std::string type = kit::text_at(envelope, "/Type");
  std::vector<const char*> names;
  if (type == "Notification") {
    names = {"Message", "MessageId", "Timestamp", "TopicArn", "Type"};
    const auto* subject = kit::at(envelope, "/Subject");
    if (subject != nullptr && !subject->is_null()) names.insert(names.begin() + 2, "Subject");
  } else if (type == "SubscriptionConfirmation" || type == "UnsubscribeConfirmation") {
    names = {"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"};
  } else {
    return fault("bad_signature", "Refused: the envelope's Type is unknown.");
  }
  std::string out;
  for (const char* name : names) {
    const auto* value = kit::at(envelope, std::string("/") + name);
    if (value == nullptr || !value->is_string())
      return fault("bad_signature", std::string("Refused: the envelope lacks ") + name + ".");
    out.append(name).append("\n").append(kit::text_of(*value)).append("\n");
  }
  return out;
}

bool signature_holds(std::string_view version, std::string_view pem, std::string_view text,
                     std::string_view signature_base64) {
  const EVP_MD* digest = version == "1" ? EVP_sha1() : version == "2" ? EVP_sha256() : nullptr;
  const auto signature = kit::from_base64(signature_base64);
  const Key key = key_of(pem);
  if (digest == nullptr || !signature || !key) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  const auto bytes = [](std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  const bool holds =
      ctx && EVP_DigestVerifyInit(ctx.get(), nullptr, digest, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(ctx.get(), bytes(*signature), signature->size(), bytes(text), text.size()) ==
          1;
  ERR_clear_error();
  return holds;
}

bool certificate_is_usable(std::string_view pem) {
  return key_of(pem) != nullptr;
}

}  // namespace moodline::providers::aws
