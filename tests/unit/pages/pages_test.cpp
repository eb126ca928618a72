// Pages: what is shown, to whom, and that a GET, a forged link or a strange form changes nothing.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/pages/html.hpp"
#include "daemon/pages/pages.hpp"
#include "tests/support/sample_world.hpp"

namespace moodline::pages {
namespace {

using checkins::LinkFor;
using checkins::LinkKind;
using checkins::Setting;

struct World : testing::SampleWorld {
  std::string link(LinkKind kind, const std::string& name) {
    std::string url;
    write([&](store::Tx& tx, const Setting& s) {
      url = checkins::make_link(tx, s, {kind, name, person, kind == LinkKind::alert ? alert : 0});
    });
    return url.substr(url.rfind('/') + 1);
  }
  net::Response get(LinkKind kind, const std::string& token) {
    net::Response r;
    write([&](store::Tx& tx, const Setting& s) { r = cover(tx, s, {kind, token, {}}); });
    return r;
  }
  // The form token of a button on a page.
  static std::string token_in(const net::Response& r, const std::string& what) {
    const auto at = r.body.find("name=\"do\" value=\"" + what + "\"");
    if (at == std::string::npos) return {};
    const auto begin = r.body.find("name=\"form\" value=\"", r.body.rfind("<form", at)) + 19;
    return r.body.substr(begin, r.body.find('"', begin) - begin);
  }
  net::Response post(LinkKind kind, const std::string& token, net::Pairs form) {
    net::Response r;
    write([&](store::Tx& tx, const Setting& s) {
      r = open(tx, s, {kind, token, std::move(form)});
    });
    return r;
  }
  net::Response press(LinkKind kind, const std::string& token, const net::Response& on,
                      const std::string& what, const std::string& note = {}) {
    return post(kind, token, {{"do", what}, {"form", token_in(on, what)}, {"note", note}});
  }
  int views() {
    int n = 0;
    store->read([&](store::ReadTx& tx) {
      for (const auto& r : tx.audit_of(person, 0, 10'000)) n += r.action == "page.view" ? 1 : 0;
    });
    return n;
  }
  store::Alert alert_row() {
    store::Alert a;
    store->read([&](store::ReadTx& tx) { a = *tx.alert(alert); });
    return a;
  }
};

bool holds(const net::Response& r, std::string_view text) {
  return r.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("an alert's page, from the neutral cover to DONE") {
  World w;
  w.enrol();
  const std::string token = w.link(LinkKind::alert, "sam");
  const auto cover_page = w.get(LinkKind::alert, token);
  CHECK(cover_page.status == 200);
  for (const char* word : {"MJ", "K7", "mood", "Northside", "harbour", "Sam"}) {
    CAPTURE(word);
    CHECK_FALSE(holds(cover_page, word));
  }
  CHECK(w.views() == 0);
  CHECK_FALSE(w.alert_row().acked_at);

  const auto shown = w.press(LinkKind::alert, token, cover_page, "show");
  REQUIRE(shown.status == 200);
  CHECK(w.views() == 1);
  for (const char* word :
       {"Alert K7", "MJ", "If I score below 4 for 3 days running", "walk to the harbour",
        "3 days running below 4; 3 are needed", "<svg class=\"chart wide\"", "role=\"img\"",
        "agreed line: below 4", "class=\"band\"", "asked, no answer", "asked, not delivered",
        "not asked", "Ana Price is told 4 working hours after the first message",
        "waiting for an answer", "PASS to Ana Price"}) {
    CAPTURE(word);
    CHECK(holds(shown, word));
  }
  const auto acked = w.press(LinkKind::alert, token, shown, "ack");
  CHECK(holds(acked, "You have acknowledged it"));
  CHECK(w.alert_row().acked_by == "sam");
  const auto again = w.press(LinkKind::alert, token, shown, "ack");
  CHECK(holds(again, "acknowledged already"));
  const auto done =
      w.press(LinkKind::alert, token, acked, "done", "rang, <b>walked</b> & \"slept\"");
  CHECK(holds(done, "Closed as done"));
  CHECK(holds(done, "rang, &lt;b&gt;walked&lt;/b&gt; &amp; &quot;slept&quot;"));
  CHECK(w.alert_row().note == "rang, <b>walked</b> & \"slept\"");
  CHECK_FALSE(holds(done, "DONE: close it"));
  CHECK(w.views() == 1);
}

TEST_CASE("the page says when its reader was told, not when the line was crossed") {
  World w;
  w.enrol();
  const store::Alert a = w.alert_row();
  const auto told = [&](const char* whom, std::optional<Instant> accepted, const char* dedupe) {
    store::Message m;
    m.person = w.person;
    m.practitioner = whom;
    m.purpose = store::Purpose::alert;
    m.status = accepted ? store::MessageStatus::accepted : store::MessageStatus::queued;
    m.alert = a.id;
    m.to = "+447700900222";
    m.dedupe = dedupe;
    m.accepted_at = accepted;
    w.write([&](store::Tx& tx, const Setting&) { REQUIRE(tx.put(m)); });
  };
  const auto page = [&] {
    const std::string token = w.link(LinkKind::alert, "ana");
    return w.press(LinkKind::alert, token, w.get(LinkKind::alert, token), "show").body;
  };
  const auto row = [](Instant t) { return "<dt>Told</dt><dd><time datetime=\"" + to_iso(t); };
  told("sam", a.fired_at + Millis{60'000}, "one");
  told("ana", std::nullopt, "two");
  CHECK(page().find(row(a.fired_at)) != std::string::npos);  // nothing has reached her yet
  told("ana", a.fired_at + Millis{7'200'000}, "three");
  told("ana", a.fired_at + Millis{3'600'000}, "four");
  CHECK(page().find(row(a.fired_at + Millis{3'600'000})) != std::string::npos);
}

TEST_CASE("headers of every page") {
  World w;
  w.enrol();
  const std::string token = w.link(LinkKind::alert, "sam");
  const auto cover_page = w.get(LinkKind::alert, token);
  const auto shown = w.press(LinkKind::alert, token, cover_page, "show");
  for (const auto& r : {cover_page, shown, w.get(LinkKind::alert, "nonsense")}) {
    std::map<std::string, std::string> h(r.headers.begin(), r.headers.end());
    CHECK(h["Cache-Control"] == "no-store");
    CHECK(h["Referrer-Policy"] == "no-referrer");
    CHECK(h["Content-Security-Policy"].starts_with("default-src 'none'; style-src 'self'"));
    CHECK(h["Content-Security-Policy"].find("unsafe") == std::string::npos);
    CHECK(r.body.find("<script") == std::string::npos);
    CHECK(r.body.find(" style=") == std::string::npos);
    CHECK(r.body.find("http://") == std::string::npos);
    CHECK(r.body.find("https://") == std::string::npos);
    CHECK(r.body.find(token) == std::string::npos);
  }
}

TEST_CASE("links that open nothing") {
  World w;
  w.enrol();
  const std::string token = w.link(LinkKind::alert, "sam");
  const auto cover_page = w.get(LinkKind::alert, token);
  std::string forged = token;
  forged[3] = forged[3] == 'A' ? 'B' : 'A';
  std::string cut = token;
  cut.pop_back();
  for (const std::string& bad : {std::string{}, std::string("x"), forged, cut, token + "A",
                                 std::string(27, 'A'), std::string("../../etc/passwd")}) {
    CAPTURE(bad);
    CHECK(w.get(LinkKind::alert, bad).status == 404);
    CHECK(w.press(LinkKind::alert, bad, cover_page, "show").status == 404);
  }
  SUBCASE("for another purpose") {
    CHECK(w.get(LinkKind::series, token).status == 404);
    CHECK(w.get(LinkKind::data, token).status == 404);
  }
  SUBCASE("after a day") {
    w.now = w.now + checkins::link_lives;
    CHECK(w.get(LinkKind::alert, token).status == 410);
    CHECK(w.press(LinkKind::alert, token, cover_page, "show").status == 410);
  }
  SUBCASE("taken back") {
    w.write(
        [&](store::Tx& tx, const Setting& s) { checkins::revoke_links(tx, s, w.person, "sam"); });
    CHECK(w.press(LinkKind::alert, token, cover_page, "show").status == 410);
  }
  SUBCASE("not shared any more") {
    w.write([&](store::Tx& tx, const Setting&) {
      auto p = *tx.person(w.person);
      p.sharing = false;
      tx.put(p);
    });
    const auto r = w.press(LinkKind::alert, token, cover_page, "show");
    CHECK(r.status == 403);
    CHECK_FALSE(holds(r, "MJ"));
    CHECK(w.press(LinkKind::alert, token, cover_page, "show").status == 403);
  }
  SUBCASE("erased") {
    w.write([&](store::Tx& tx, const Setting& s) { tx.erase_person(w.person, s.now); });
    CHECK(w.press(LinkKind::alert, token, cover_page, "show").status == 404);
  }
  CHECK(w.views() == 0);
  w.store->read([&](store::ReadTx& tx) {
    const auto a = tx.alert(w.alert);
    CHECK_FALSE((a && a->acked_at));
  });
}

TEST_CASE("a form of another page, link or button is refused") {
  World w;
  w.enrol();
  const std::string token = w.link(LinkKind::alert, "sam");
  const std::string other = w.link(LinkKind::alert, "sam");
  const auto cover_page = w.get(LinkKind::alert, token);
  const auto shown = w.press(LinkKind::alert, token, cover_page, "show");
  const std::string ack = World::token_in(shown, "ack");
  REQUIRE_FALSE(ack.empty());
  const net::Pairs bad[] = {{},
                            {{"do", "ack"}},
                            {{"do", "ack"}, {"form", ""}},
                            {{"do", "ack"}, {"form", "AAAAAAAAAAAAAAAA"}},
                            {{"do", "done"}, {"form", ack}},
                            {{"do", "show"}, {"form", ack}},
                            {{"do", "erase"}, {"form", ack}}};
  for (const auto& form : bad) CHECK(w.post(LinkKind::alert, token, form).status == 403);
  CHECK(w.post(LinkKind::alert, other, {{"do", "ack"}, {"form", ack}}).status == 403);
  CHECK_FALSE(w.alert_row().acked_at);
}

TEST_CASE("whatever people write is text on a page") {
  World w;
  const std::string nasty = "<script>alert(1)</script>\"'&\x01\xFF";
  w.enrol("<i>MJ</i>", nasty, nasty);
  for (const auto kind : {LinkKind::alert, LinkKind::series}) {
    const std::string token = w.link(kind, "sam");
    const auto shown = w.press(kind, token, w.get(kind, token), "show");
    REQUIRE(shown.status == 200);
    CHECK_FALSE(holds(shown, "<script"));
    CHECK_FALSE(holds(shown, "<i>"));
    CHECK(holds(shown, "&lt;i&gt;MJ&lt;/i&gt;"));
    CHECK(holds(shown,
                "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\xEF\xBF\xBD\xEF\xBF\xBD"));
  }
}

TEST_CASE("a person's own data, once") {
  World w;
  w.enrol();
  const std::string token = w.link(LinkKind::data, "person");
  const auto cover_page = w.get(LinkKind::data, token);
  const auto shown = w.press(LinkKind::data, token, cover_page, "show");
  REQUIRE(shown.status == 200);
  CHECK(w.get(LinkKind::data, token).status == 410);
  CHECK(w.press(LinkKind::data, token, cover_page, "show").status == 410);
  const auto csv = w.press(LinkKind::data, token, shown, "csv");
  CHECK(csv.status == 200);
  CHECK(holds(csv, "reading,"));
  const auto json = w.press(LinkKind::data, token, shown, "json");
  CHECK(holds(json, "\"format\": \"moodline-person/1\""));
  w.now = w.now + checkins::once_opened_lives;
  CHECK(w.press(LinkKind::data, token, shown, "json").status == 410);
}

TEST_CASE("a practitioner sees no measure that was not agreed with them") {
  World w;
  w.enrol();
  w.write([&](store::Tx& tx, const Setting&) {
    auto p = *tx.person(w.person);
    p.measures.push_back({"sleep", "rest", ""});
    tx.put(p);
  });
  const std::string theirs = w.link(LinkKind::series, "sam");
  const auto shown = w.press(LinkKind::series, theirs, w.get(LinkKind::series, theirs), "show");
  CHECK(holds(shown, "mood, the last four weeks"));
  CHECK_FALSE(holds(shown, "sleep, the last"));
  const std::string own = w.link(LinkKind::series, "person");
  const auto all = w.press(LinkKind::series, own, w.get(LinkKind::series, own), "show");
  CHECK(holds(all, "sleep, the last four weeks"));
  const std::string strange = w.link(LinkKind::series, "gwen-of-elsewhere");
  CHECK(w.press(LinkKind::series, strange, w.get(LinkKind::series, strange), "show").status == 403);
}

TEST_CASE("escaping") {
  const std::pair<const char*, const char*> rows[] = {
      {"plain", "plain"},
      {"<&>\"'", "&lt;&amp;&gt;&quot;&#39;"},
      {"a\nb\tc", "a\nb\tc"},
      {"\x7F\x1B", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80"},
      {"\xC0\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const auto& [in, out] : rows) CHECK(escape(in) == out);
}

}  // namespace moodline::pages
