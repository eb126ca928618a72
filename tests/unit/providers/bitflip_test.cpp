// Every accepted signed capture with one bit flipped: in what the signature covers it is refused.
// Where a sender signs meaning and not bytes (a form's fields, an envelope's fields), a flip that
// is still accepted must say exactly what the original said.
#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "providers/kit/form.hpp"
#include "providers/kit/json.hpp"
#include "providers/replay.hpp"
#include "tests/support/coverage.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

using testing::Cover;
using testing::Coverage;
using testing::coverage_of;
using testing::flipped;

// Everything an event says, to compare by.
std::string said(const Provider& provider, const Webhook& hook) {
  const auto events = provider.read_events(hook);
  if (!events) return "unreadable";
  std::string out;
  for (const auto& e : *events) {
    if (e.type == EventType::ignored) continue;
    out += std::string(event_word(e.type)) + '|' + std::string(status_word(e.status)) + '|' +
           e.provider_message_id + '|' + e.from + '|' + e.to + '|' + e.text + '|' + e.raw_status +
           '|' + e.error_code + '|' + e.url + '\n';
  }
  return out;
}

struct Tally {
  int flips = 0;
  int vectors = 0;
};

class Flipper {
 public:
  Flipper(const json::object& vector, const Coverage& cover, Tally& tally)
      : vector_(vector), cover_(cover), tally_(tally), now_(vector_now(vector)) {
    type_ = find_provider_type(vector_text(vector, "provider"));
    provider_ = std::move(*type_->make(type_->replay.settings(vector)));
    hook_ = *vector_webhook(vector);
  }

  void run() {
    REQUIRE(provider_->authenticate(hook_, now_).has_value());
    ++tally_.vectors;
    if (cover_.body != Cover::no) {
      // A prime stride visits every position of the byte over the length of a long body.
      const std::size_t stride = hook_.body.size() > 1500 ? 97 : hook_.body.size() > 300 ? 11 : 1;
      const std::string meaning = said(*provider_, hook_);
      each(hook_.body, stride, [&](const std::string& body) {
        Webhook h = hook_;
        h.body = body;
        if (cover_.body == Cover::bytes || !provider_->authenticate(h, now_)) {
          refused(h, "body");
        } else {
          CHECK_MESSAGE(said(*provider_, h) == meaning, body);
        }
      });
    }
    if (cover_.url)
      each(hook_.url, 1, [&](const std::string& url) {
        Webhook h = hook_;
        h.url = url;
        refused(h, "url");
      });
    for (const auto name : cover_.headers)
      for (std::size_t i = 0; i < hook_.headers.size(); ++i)
        if (hook_.headers[i].first == name)
          each(hook_.headers[i].second, 1, [&](const std::string& value) {
            Webhook h = hook_;
            h.headers[i].second = value;
            refused(h, name);
          });
    for (const auto key : cover_.keys) flip_key(key);
  }

 private:
  template <class F>
  void each(const std::string& text, std::size_t stride, F&& f) {
    // Our own captures are many and alike: of theirs every fifth bit.
    if (vector_text(vector_, "id").starts_with("own-")) stride *= 5;
    for (std::size_t bit = 0; bit < text.size() * 8; bit += stride, ++tally_.flips)
      f(flipped(text, bit));
  }

  void refused(const Webhook& hook, std::string_view where) {
    if (provider_->authenticate(hook, now_)) FAIL_CHECK(vector_text(vector_, "id"), " ", where);
  }

  void flip_key(std::string_view key) {
    const std::string text = vector_text(vector_, key);
    each(text, 1, [&](const std::string& value) {
      json::object other = vector_;
      other[json::string_view(key.data(), key.size())] = value;
      const auto provider = type_->make(type_->replay.settings(other));
      if (provider && (*provider)->authenticate(hook_, now_))
        FAIL_CHECK(vector_text(vector_, "id"), " ", key);
    });
  }

  const json::object& vector_;
  const Coverage& cover_;
  Tally& tally_;
  Instant now_;
  const ProviderType* type_ = nullptr;
  std::unique_ptr<Provider> provider_;
  Webhook hook_;
};

bool accepted(const json::object& vector) {
  const auto* accept = vector.at("expect").as_object().if_contains("accept");
  return accept != nullptr && accept->is_bool() && accept->get_bool();
}

TEST_CASE("one flipped bit is refused wherever the signature reaches") {
  Tally tally;
  for (const auto& entry :
       std::filesystem::directory_iterator(MOODLINE_SOURCE_DIR "/tests/vectors")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const json::value all = json::parse(text);
    for (const auto& v : all.as_array()) {
      const json::object& vector = v.as_object();
      const Coverage* cover = coverage_of(vector_text(vector, "scheme"));
      if (cover == nullptr || !accepted(vector)) continue;
      Flipper(vector, *cover, tally).run();
    }
  }
  MESSAGE(tally.vectors, " captures, ", tally.flips, " flips");
  CHECK(tally.vectors >= 80);
}

TEST_CASE("where nothing is signed, the secret in the path is held to the bit") {
  for (const std::string_view name : {"kannel", "clicksend", "clickatell", "africastalking"}) {
    CAPTURE(name);
    const auto provider = find_provider_type(name)->make(config::Block::of(
        {{"path_secret", "9f2c6c1e0d"}, {"user", "u"}, {"secret", "s"}, {"username", "u"}}));
    REQUIRE_MESSAGE(provider.has_value(), (provider ? "" : provider.error().message));
    const std::string base = "https://gw.example.org/hook/x/";
    CHECK((*provider)->authenticate({"POST", base + "9f2c6c1e0d", {}, ""}, {}));
    for (std::size_t bit = 0; bit < 80; ++bit)
      CHECK(!(*provider)->authenticate({"POST", base + flipped("9f2c6c1e0d", bit), {}, ""}, {}));
    CHECK(!(*provider)->authenticate({"POST", base, {}, ""}, {}));
    const auto bare = find_provider_type(name)->make(config::Block::of({{"user", "u"}}));
    if (bare) CHECK(!(*bare)->authenticate({"POST", base, {}, ""}, {}));
    CHECK(!(*provider)->capabilities().body_is_signed);
  }
}

}  // namespace
}  // namespace moodline::providers
