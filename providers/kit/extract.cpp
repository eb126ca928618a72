// Boost.Regex gives up by an exception, not by the stack, on a pattern that explodes. Its limit is
// lowered so that one webhook cannot hold a thread for long.
#define BOOST_REGEX_MAX_STATE_COUNT 200000
#include "providers/kit/extract.hpp"

#include <algorithm>
#include <boost/regex.hpp>

#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers::kit {

struct Extract::Regex {
  boost::regex compiled;
};

namespace {

std::string_view trimmed(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

std::string search(const boost::regex& regex, std::string_view subject) {
  const std::string_view cut = subject.substr(0, regex_subject_bytes_max);
  boost::cmatch m;
  try {
    if (!boost::regex_search(cut.data(), cut.data() + cut.size(), m, regex)) return {};
  } catch (const std::runtime_error&) {  // too many states: no match, as far as we will look
    return {};
  }
  return m.size() > 1 ? m[1].str() : m[0].str();
}

}  // namespace

Source Source::of(const Webhook& hook) {
  Source s{
      .query = query_of(hook.url).value_or(Fields{}), .headers = hook.headers, .body = hook.body};
  const std::string type = media_type(hook.headers);
  if (type == "application/x-www-form-urlencoded") {
    s.form = read_form(hook.body).value_or(Fields{});
  } else if (auto v = read_json(hook.body)) {
    s.json = std::move(*v);
  }
  return s;
}

Source Source::of(const HttpReply& reply) {
  Source s{.headers = reply.headers, .body = reply.body};
  if (auto v = read_json(reply.body)) {
    s.json = std::move(*v);
  } else if (media_type(reply.headers) == "application/x-www-form-urlencoded") {
    s.form = read_form(reply.body).value_or(Fields{});
  }
  return s;
}

Source Source::with(const boost::json::value& element) const {
  Source s = *this;
  s.json = element;
  return s;
}

Result<Extract> Extract::parse(std::string_view rule) {
  Extract e;
  rule = trimmed(rule);
  const auto after = [&rule, &e](std::string_view mark, Kind kind) {
    if (!rule.starts_with(mark)) return false;
    e.kind_ = kind;
    e.what_ = rule.substr(mark.size());
    return true;
  };
  if (rule.empty()) return e;
  if (rule.starts_with('/')) {
    boost::json::error_code ec;
    boost::json::value probe(boost::json::object{});
    (void)probe.find_pointer(boost::json::string_view(rule.data(), rule.size()), ec);
    if (ec == boost::json::error::invalid_escape)
      return fault("bad_template", "is not a JSON pointer (after ~ only 0 or 1 may stand)");
    e.kind_ = Kind::pointer;
    e.what_ = rule;
    return e;
  }
  if (after("form:", Kind::form) || after("query:", Kind::query) || after("text:", Kind::text))
    return e;
  if (after("header:", Kind::header)) {
    for (char& c : e.what_)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return e;
  }
  if (after("regex:", Kind::regex)) {
    if (e.what_.size() > regex_pattern_bytes_max)
      return fault("bad_template", "holds too long a regular expression");
    try {
      e.regex_ = std::make_shared<Regex>(Regex{boost::regex(e.what_)});
    } catch (const std::runtime_error&) {
      return fault("bad_template", "holds a regular expression that cannot be read");
    }
    return e;
  }
  return fault("bad_template", "must begin with /, form:, query:, header:, regex: or text:");
}

std::string Extract::from(const Source& source) const {
  switch (kind_) {
    case Kind::nothing:
      return {};
    case Kind::pointer:
      return source.json ? text_at(*source.json, what_) : std::string{};
    case Kind::form:
      if (const auto* value = find(source.form, what_)) return *value;
      return text_of(source.query, what_);
    case Kind::query:
      return text_of(source.query, what_);
    case Kind::header:
      return std::string(header(source.headers, what_));
    case Kind::regex:
      return search(regex_->compiled, source.body);
    case Kind::text:
      return what_;
  }
  return {};
}

Result<Condition> Condition::parse(std::string_view text) {
  Condition c;
  // A regular expression may hold " = " itself; it only asks whether it matches.
  const bool is_regex = text.starts_with("regex:");
  const auto different = is_regex ? std::string_view::npos : text.find(" != ");
  const auto equal = is_regex ? std::string_view::npos : text.find(" = ");
  const auto split = std::min(different, equal);
  if (split != std::string_view::npos) {
    c.kind_ = different < equal ? Kind::different : Kind::equal;
    c.word_ = trimmed(text.substr(split + (different < equal ? 4 : 3)));
  }
  auto extract = Extract::parse(text.substr(0, split));
  if (!extract) return tl::unexpected(extract.error());
  if (extract->empty()) return fault("bad_template", "is empty");
  c.extract_ = std::move(*extract);
  return c;
}

bool Condition::holds(const Source& source) const {
  const std::string value = extract_.from(source);
  switch (kind_) {
    case Kind::present:
      return !value.empty();
    case Kind::equal:
      return value == word_;
    case Kind::different:
      return value != word_;
  }
  return false;
}

Result<Conditions> Conditions::parse(const std::vector<std::string>& texts) {
  Conditions all;
  for (const auto& text : texts) {
    auto c = Condition::parse(text);
    if (!c) return tl::unexpected(c.error());
    all.all_.push_back(std::move(*c));
  }
  return all;
}

bool Conditions::hold(const Source& source) const {
  return !all_.empty() && std::all_of(all_.begin(), all_.end(),
                                      [&source](const Condition& c) { return c.holds(source); });
}

}  // namespace moodline::providers::kit
