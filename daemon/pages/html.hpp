// HTML of every page: escaping, the shell around a page, its headers and its one stylesheet.
// Pages hold no script and nothing of a third party; a strict policy says so. Pure.
#pragma once
#include <string>
#include <string_view>

#include "daemon/net/message.hpp"

namespace moodline::pages {

/// rules/text/html.hpp's escape_html.
std::string escape(std::string_view text);

/// A whole document. `main` is HTML already.
std::string document(std::string_view title, std::string_view main);

/// A page as answered: never stored, framed, indexed or sent on as a referrer.
net::Response page(int status, std::string_view title, std::string_view main);

/// GET /page.css. The same for every page; holds nothing about anybody.
net::Response stylesheet();

/// A name for a file that is downloaded, its bytes, never stored.
net::Response download(std::string_view name, std::string_view type, std::string bytes);

}  // namespace moodline::pages
