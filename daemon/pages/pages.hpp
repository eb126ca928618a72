// The pages behind links: an alert, a person's series, a person's own data. A GET shows a neutral
// page with one button and changes nothing, so that link previewers and scanners see nothing and
// count as nobody; the POST shows, and is written down where the person can read it.
// Thread: the store's.
#pragma once
#include <string>

#include "daemon/checkins/access.hpp"
#include "daemon/net/message.hpp"

namespace moodline::pages {

struct PageRequest {
  checkins::LinkKind kind = checkins::LinkKind::alert;
  std::string token;
  net::Pairs form;  // of a POST
};

/// GET: 200 with the neutral page, 404 or 410 where the link opens nothing.
net::Response cover(store::ReadTx& tx, const checkins::Setting& s, const PageRequest& r);

/// POST: `do` is show, ack, done, pass, csv or json; `form` proves that the form was ours.
net::Response open(store::Tx& tx, const checkins::Setting& s, const PageRequest& r);

// By file ---------------------------------------------------------------------------------------

/// What a page shows above everything after a button was pressed; empty: nothing.
struct Notice {
  std::string words;
};
net::Response alert_page(store::Tx& tx, const checkins::Setting& s, const store::Access& link,
                         const store::Person& person, const store::Alert& alert,
                         const Notice& notice);
net::Response series_page(store::Tx& tx, const checkins::Setting& s, const store::Access& link,
                          const store::Person& person);
net::Response data_page(store::Tx& tx, const checkins::Setting& s, const store::Access& link,
                        const store::Person& person);
/// A form of one button. `what` is its `do`; `fields` is HTML that stands before the button.
std::string button(store::ReadTx& tx, const store::Access& link, std::string_view what,
                   std::string_view words, bool first, std::string_view fields = {});
/// A card: a section with a heading.
std::string card(std::string_view heading, std::string_view html);

}  // namespace moodline::pages
