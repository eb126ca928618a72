#include "providers/generic_plan.hpp"

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers::generic {
namespace {
namespace json = boost::json;

constexpr std::string_view send_names[] = {
    "to",     "to_digits",  "from",    "text",   "reference", "callback_url", "user",
    "secret", "validity_s", "unicode", "coding", "type",      "timestamp"};
constexpr std::string_view signed_names[] = {"body", "url", "method", "timestamp"};
std::optional<StatusWord> status_of(std::string_view word) {
  if (word == "queued") return StatusWord{DeliveryStatus::queued};
  if (word == "sent") return StatusWord{DeliveryStatus::sent};
  if (word == "delivered") return StatusWord{DeliveryStatus::delivered};
  if (word == "failed") return StatusWord{DeliveryStatus::failed};
  if (word == "failed permanent" || word == "permanent")
    return StatusWord{DeliveryStatus::failed, true};
  if (word == "failed transient" || word == "transient")
    return StatusWord{DeliveryStatus::failed, false};
  if (word == "opted out") return StatusWord{DeliveryStatus::failed, true, true};
  return std::nullopt;
}

constexpr std::string_view rule_names[] = {
    "id",     "code",          "mo_id",  "mo_from",      "mo_to",      "mo_text",
    "mo_at",  "mo_charset",    "dlr_id", "dlr_to",       "dlr_status", "dlr_error",
    "dlr_at", "dlr_reference", "batch",  "opt_out_from", "opt_out_to"};

// Parses field after field and keeps the first complaint, with the field's name before it.
class Compiler {
 public:
  explicit Compiler(const config::Block& s) : s_(s) {}
  Result<Plan> run();

 private:
  template <class T>
  T take(std::string_view field, Result<T> result) {
    if (result) return std::move(*result);
    complain(field, result.error().message);
    return {};
  }
  void complain(std::string_view field, std::string_view what) {
    if (!fault_) fault_ = Fault{"bad_setting", std::string(field) + ": " + std::string(what) + "."};
  }
  void check_vars(std::string_view field, std::string_view text);
  kit::Template tmpl(std::string_view field, std::string_view text,
                     std::span<const std::string_view> known);
  NamedTemplates mapping(std::string_view field);
  void statuses(std::string_view field, std::map<std::string, StatusWord, std::less<>>& out);
  void check_auth(const Plan& plan);

  const config::Block& s_;
  std::optional<Fault> fault_;
};

void Compiler::check_vars(std::string_view field, std::string_view text) {
  const auto& vars = s_.mapping("vars");
  for (auto at = text.find("{{var."); at != std::string_view::npos;
       at = text.find("{{var.", at + 1)) {
    const std::string_view rest = text.substr(at + 6);
    const std::string name(rest.substr(0, rest.find_first_of(":}")));
    if (!vars.contains(name)) complain(field, "{{var." + name + "}} does not stand in vars");
  }
}

kit::Template Compiler::tmpl(std::string_view field, std::string_view text,
                             std::span<const std::string_view> known) {
  check_vars(field, text);
  return take(field, kit::Template::parse(text, known));
}

NamedTemplates Compiler::mapping(std::string_view field) {
  NamedTemplates out;
  for (const auto& [name, text] : s_.mapping(field)) {
    out.emplace_back(name, tmpl(field, text, send_names));
    if (field == "headers")
      for (char& c : out.back().first)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void Compiler::statuses(std::string_view field,
                        std::map<std::string, StatusWord, std::less<>>& out) {
  for (const auto& [word, meaning] : s_.mapping(field)) {
    const auto status = status_of(meaning);
    if (status) {
      out.emplace(word, *status);
    } else {
      complain(field, "\"" + meaning +
                          "\" is not a status; write queued, sent, delivered, "
                          "failed, failed permanent, failed transient or opted out");
    }
  }
}

void Compiler::check_auth(const Plan& plan) {
  const std::string auth = kit::setting_or(s_, "auth", "none");
  const std::string hook = kit::setting_or(s_, "hook_auth", "path");
  if (kit::one_of(auth, {"header", "query", "hmac"}) && s_.text("auth_name").empty())
    complain("auth_name", "auth: " + auth + " needs the name to write it under");
  if (kit::one_of(hook, {"header", "query", "hmac"}) && s_.text("hook_name").empty())
    complain("hook_name", "hook_auth: " + hook + " needs the name it stands under");
  if (hook == "hmac" && !plan.hook_over.uses("body"))
    complain("hook_over", "must hold {{body}}, or anybody could change a signed text");
  if (!s_.text("hook_timestamp").empty() && !plan.hook_over.uses("timestamp"))
    complain("hook_over", "must hold {{timestamp}} where hook_timestamp is set");
  const auto url = kit::split_url(s_.text("url"));
  if (!url || !kit::one_of(url->scheme, {"https", "http"}) ||
      url->host.find("{{") != std::string::npos)
    complain("url", "must be a whole address with its host written out");
}

Result<Plan> Compiler::run() {
  Plan p;
  p.url = tmpl("url", s_.text("url"), send_names);
  p.headers = mapping("headers");
  p.form = mapping("form");
  const std::string type = kit::setting_or(s_, "content_type", "form");
  const std::string& body = s_.text("body");
  p.body = type == "json" ? kit::Template{} : tmpl("body", body, send_names);
  if (type == "json") {
    check_vars("body", body);
    p.json = take("body", kit::JsonTemplate::parse(body, send_names));
  }
  p.sign_over = tmpl("sign_over", kit::setting_or(s_, "sign_over", "{{body}}"), signed_names);
  p.hook_over = tmpl("hook_over", kit::setting_or(s_, "hook_over", "{{body}}"), signed_names);
  p.accept_when = take("accept_when", kit::Conditions::parse(s_.texts("accept_when")));
  p.mo_when = take("mo_when", kit::Conditions::parse(s_.texts("mo_when")));
  p.dlr_when = take("dlr_when", kit::Conditions::parse(s_.texts("dlr_when")));
  p.opt_out_when = take("opt_out_when", kit::Conditions::parse(s_.texts("opt_out_when")));
  for (const auto name : rule_names)
    p.rules.emplace(name, take(name, kit::Extract::parse(s_.text(name))));
  statuses("dlr_statuses", p.statuses);
  statuses("dlr_errors", p.errors);
  check_auth(p);
  if (fault_) return tl::unexpected(*fault_);
  return p;
}

}  // namespace

Result<Plan> compile(const config::Block& settings) {
  return Compiler(settings).run();
}

kit::Values captured_values(const config::Block& settings, const json::object& vector) {
  kit::Values out;
  const std::string type = kit::setting_or(settings, "content_type", "form");
  const std::string body = kit::captured(vector, "/body");
  if (type == "json") {
    const auto t = kit::JsonTemplate::parse(settings.text("body"), send_names);
    const auto document = kit::read_json(body);
    if (t && document) out = t->unrender(*document);
  }
  const auto by_field = [&out](std::string_view name, std::string_view text,
                               const kit::Fields& captured) {
    const auto t = kit::Template::parse(text, send_names);
    if (const auto* value = kit::find(captured, name); t && value && !t->sole_name().empty())
      out[t->sole_name()] = *value;
  };
  const auto form = kit::read_form(body).value_or(kit::Fields{});
  for (const auto& [name, text] : settings.mapping("form")) by_field(name, text, form);
  const auto query = kit::query_of(kit::captured(vector, "/url")).value_or(kit::Fields{});
  for (const auto& [name, text] : kit::query_of(settings.text("url")).value_or(kit::Fields{}))
    by_field(name, text, query);
  const auto [user, password] = kit::captured_basic(vector);
  if (!user.empty()) out["user"] = user;
  if (!password.empty()) out["secret"] = password;
  if (out["to"].empty()) out["to"] = out["to_digits"];
  return out;
}

}  // namespace moodline::providers::generic
