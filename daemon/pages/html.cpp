#include "daemon/pages/html.hpp"

#include <fmt/format.h>

#include "rules/text/html.hpp"

namespace moodline::pages {
namespace {

constexpr std::string_view policy =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

void private_headers(net::Response& r) {
  r.headers = {{"Cache-Control", "no-store"},
               {"Content-Security-Policy", std::string(policy)},
               {"Referrer-Policy", "no-referrer"},
               {"X-Content-Type-Options", "nosniff"},
               {"X-Frame-Options", "DENY"},
               {"X-Robots-Tag", "noindex, nofollow, noarchive"},
               {"Cross-Origin-Opener-Policy", "same-origin"},
               {"Cross-Origin-Resource-Policy", "same-origin"},
               {"Permissions-Policy", "interest-cohort=()"}};
}

}  // namespace

std::string escape(std::string_view text) {
  return moodline::text::escape_html(text);
}

std::string document(std::string_view title, std::string_view main) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light "
      "dark\">\n"
      "<title>{}</title>\n<link rel=\"stylesheet\" href=\"/page.css\"></head>\n"
      "<body><main>\n{}\n</main></body></html>\n",
      escape(title), main);
}

net::Response page(int status, std::string_view title, std::string_view main) {
  net::Response r;
  r.status = status;
  r.content_type = "text/html; charset=utf-8";
  private_headers(r);
  r.body = document(title, main);
  return r;
}

net::Response download(std::string_view name, std::string_view type, std::string bytes) {
  net::Response r;
  r.content_type = type;
  private_headers(r);
  r.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  r.body = std::move(bytes);
  return r;
}

}  // namespace moodline::pages
