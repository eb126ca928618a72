// service.yaml: email and outgoing webhooks, ways out beside the texts'.
#include <algorithm>
#include <array>

#include "config/loader.hpp"

namespace moodline::config {
namespace {

constexpr std::size_t webhooks_max = 10;
constexpr std::array<std::string_view, 8> webhook_events = {
    "alert.open",    "alert.ack",       "alert.done",   "alert.pass",
    "alert.cleared", "alert.withdrawn", "alert.closed", "alert.acted"};

bool on_this_machine(std::string_view url) {
  const auto at = url.find("//");
  const std::string_view host = at == std::string_view::npos ? url : url.substr(at + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

void read_email(Loader& l, const Node& top) {
  static const FieldTable fields = {
      {"smtp", FieldType::text, true, "", "quoted, \"smtps://host:465\" or \"smtp://host:587\""},
      {"from", FieldType::text, true, "", "the address emails come from"},
      {"user", FieldType::text, false, "", "where the server asks for one"},
      {"password", FieldType::secret, false, "", "credential that holds the password"}};
  const Node* n = l.map(top, "email", false);
  if (n == nullptr) return;
  const Block b = read_block(*n, fields, l.problems);
  const std::string& url = b.text("smtp");
  if (!url.empty() && !url.starts_with("smtp://") && !url.starts_with("smtps://")) {
    l.add(b.place("smtp"), n->path + ".smtp", "is no SMTP address",
          "write one such as \"smtps://mail.example.org:465\"");
  }
  const std::string& from = b.text("from");
  const auto at = from.find('@');
  if (!from.empty() && (at == std::string::npos || at == 0 || at + 1 == from.size())) {
    l.add(b.place("from"), n->path + ".from", "is no email address",
          "write one such as checkins@example.org");
  }
  l.service.settings.email = {url, from, b.text("user"), b.text("password")};
  l.service.routes.push_back({"email", "email", {}, {}, {}, true, std::nullopt, n->place});
}

void read_webhook(Loader& l, const Node& n, std::set<std::string>& seen) {
  static const FieldTable fields = {
      {"name", FieldType::text, true, "", "unique; shown by moodline service"},
      {"url", FieldType::url, true, "", "where the events are posted"},
      {"secret", FieldType::secret, true, "", "credential that holds \"whsec_\" and base64"},
      {"events",
       FieldType::texts,
       false,
       "",
       "which; none named: every one",
       {},
       {},
       std::vector<std::string_view>(webhook_events.begin(), webhook_events.end())}};
  const Block b = read_block(n, fields, l.problems);
  OutgoingWebhook w{l.identifier(n, b, "name", seen), b.text("url"), b.text("secret"),
                    b.texts("events"), n.place};
  if (w.url.starts_with("http://") && !on_this_machine(w.url)) {
    l.add(b.place("url"), n.path + ".url", "would tell of alerts over the open network unencrypted",
          "use https");
  }
  Route r;
  r.name = "webhook-" + w.name;
  r.provider = r.name;
  r.place = n.place;
  l.service.routes.push_back(std::move(r));
  l.service.settings.outgoing.push_back(std::move(w));
}

}  // namespace

void load_outgoing(Loader& l, const Node& top) {
  read_email(l, top);
  std::set<std::string> seen;
  for (const Node& n : l.list(top, "outgoing_webhooks", false)) {
    if (seen.size() < webhooks_max) read_webhook(l, n, seen);
  }
}

}  // namespace moodline::config
