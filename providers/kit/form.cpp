#include "providers/kit/form.hpp"

#include "providers/kit/bytes.hpp"

namespace moodline::providers::kit {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  out += '%';
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15U];
}

std::string encode(std::string_view text, std::string_view kept, bool plus) {
  std::string out;
  out.reserve(text.size() * 3 / 2);
  for (const char c : text) {
    if (is_alnum(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else if (plus && c == ' ') {
      out += '+';
    } else {
      escape(out, c);
    }
  }
  return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  return encode(text, "-._~", false);
}

std::string form_encode(std::string_view text) {
  return encode(text, "*-._", true);
}

Result<std::string> form_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      const auto byte = from_hex(text.substr(i + 1, 2));
      if (!byte || byte->empty())
        return fault("bad_form", "A percent escape in the form is broken.");
      out += *byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<Fields> read_form(std::string_view body) {
  Fields fields;
  while (!body.empty()) {
    const auto end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (pair.empty()) continue;
    if (fields.size() == form_fields_max)
      return fault("bad_form", "The form has more fields than any provider sends.");
    const auto equals = pair.find('=');
    auto name = form_decode(pair.substr(0, equals));
    auto value = equals == std::string_view::npos ? Result<std::string>{}
                                                  : form_decode(pair.substr(equals + 1));
    if (!name) return tl::unexpected(name.error());
    if (!value) return tl::unexpected(value.error());
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string write_form(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out += form_encode(name) + '=' + form_encode(value);
  }
  return out;
}

const std::string* find(const Fields& fields, std::string_view name) {
  for (const auto& [n, value] : fields)
    if (n == name) return &value;
  return nullptr;
}

std::string text_of(const Fields& fields, std::string_view name) {
  const std::string* value = find(fields, name);
  return value == nullptr ? std::string{} : *value;
}

std::string Url::str() const {
  std::string out = scheme + "://";
  if (!userinfo.empty()) out += userinfo + '@';
  out += host;
  if (!port.empty()) out += ':' + port;
  out += path;
  if (has_query) out += '?' + query;
  return out;
}

Result<Url> split_url(std::string_view url) {
  Url u;
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0)
    return fault("bad_url", "The URL has no scheme; write it from https:// on.");
  u.scheme = url.substr(0, scheme_end);
  url.remove_prefix(scheme_end + 3);
  const auto authority_end = url.find_first_of("/?#");
  std::string_view authority = url.substr(0, authority_end);
  url.remove_prefix(authority.size());
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    u.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');  // [::1]:8080
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    u.port = authority.substr(colon + 1);
    if (u.port.find_first_not_of("0123456789") != std::string::npos)
      return fault("bad_url", "The URL's port is not a number.");
    authority = authority.substr(0, colon);
  }
  u.host = authority;
  if (u.host.empty()) return fault("bad_url", "The URL has no host.");
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  u.path = url.substr(0, question);
  u.has_query = question != std::string_view::npos;
  if (u.has_query) u.query = url.substr(question + 1);
  return u;
}

Result<Fields> query_of(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  return question == std::string_view::npos ? Fields{} : read_form(url.substr(question + 1));
}

std::string with_query(std::string_view url, std::string_view name, std::string_view value) {
  std::string out(url);
  out += out.find('?') == std::string::npos ? '?' : '&';
  return out + form_encode(name) + '=' + form_encode(value);
}

}  // namespace moodline::providers::kit
