// Outgoing webhooks: the Standard Webhooks scheme, byte by byte.
#include "daemon/actors/outgoing.hpp"

#include <doctest/doctest.h>

namespace moodline::actors {

TEST_CASE("a webhook's signature, as the scheme's own example has it") {
  // https://github.com/standard-webhooks/standard-webhooks, the specification's test values.
  const auto key = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  REQUIRE(key);
  CHECK(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                          "{\"test\": 2432232314}") ==
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("secrets that are none") {
  for (const char* bad : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                          "whsec_c2hvcnQ=", "whsec_not base64 at all ......................"}) {
    const auto key = webhook_key(bad);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == "bad_secret");
  }
}

}  // namespace moodline::actors
