// commit: a write as something to co_await. Returns after the fsync of its group.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/store/store.hpp"

namespace moodline::actors {

namespace asio = boost::asio;

namespace detail {
struct Submit {
  template <class Handler>
  void operator()(Handler&& handler, store::Store* s, store::Write write) const {
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    s->submit(std::move(write),
              [shared](std::exception_ptr error) { std::move (*shared)(std::move(error)); });
  }
};
}  // namespace detail

/// Throws what the write threw, or StoreError. `write` runs on the store's thread: it may touch
/// only what it owns. Thread: io.
inline asio::awaitable<void> commit(store::Store& s, store::Write write) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
      detail::Submit{}, asio::use_awaitable, &s, std::move(write));
}

}  // namespace moodline::actors
