// Per-address bounds of the server: connections open at once and requests a second.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace moodline::net {

/// Thread: io. Remembers at most addresses_max addresses; beyond that the idle ones are forgotten
/// (which is only ever kind to a caller), and with none idle a new address shares one entry.
class AddressLimits {
 public:
  static constexpr std::size_t addresses_max = 20'000;
  AddressLimits(int connections_max, double requests_per_s, int burst);

  /// False: too many connections of this address; then do not call closed().
  bool opened(const std::string& key);
  void closed(const std::string& key);
  /// False: beyond the rate. `now` is monotonic.
  bool request(const std::string& key, std::chrono::nanoseconds now);
  /// How long until the next request would pass.
  [[nodiscard]] int retry_after_s() const;

  /// The address without port; IPv6 by /64 (one customer), IPv4-mapped as IPv4.
  static std::string key_of(const boost::asio::ip::address& address);

 private:
  struct Entry {
    int connections = 0;
    double tokens = 0;
    std::chrono::nanoseconds filled{-1};  // -1: never
  };
  Entry& entry(const std::string& key);
  void forget_idle();

  int connections_max_;
  double requests_per_s_;
  double burst_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace moodline::net
