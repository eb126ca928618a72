#include "daemon/net/address_limits.hpp"

#include <algorithm>
#include <cmath>

namespace moodline::net {

AddressLimits::AddressLimits(int connections_max, double requests_per_s, int burst)
    : connections_max_(connections_max),
      requests_per_s_(requests_per_s),
      burst_(std::max(1, burst)) {}

std::string AddressLimits::key_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6();
  if (bytes.is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, bytes).to_string();
  }
  auto raw = bytes.to_bytes();
  std::fill(raw.begin() + 8, raw.end(), std::uint8_t{0});
  return boost::asio::ip::address_v6(raw).to_string() + "/64";
}

void AddressLimits::forget_idle() {
  std::erase_if(entries_, [](const auto& item) { return item.second.connections == 0; });
}

AddressLimits::Entry& AddressLimits::entry(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  if (entries_.size() >= addresses_max) forget_idle();
  if (entries_.size() >= addresses_max) return entries_["others"];
  return entries_[key];
}

bool AddressLimits::opened(const std::string& key) {
  Entry& e = entry(key);
  if (connections_max_ > 0 && e.connections >= connections_max_) return false;
  ++e.connections;
  return true;
}

void AddressLimits::closed(const std::string& key) {
  auto found = entries_.find(key);
  if (found == entries_.end()) found = entries_.find("others");
  if (found == entries_.end()) return;
  found->second.connections = std::max(0, found->second.connections - 1);
  // With a rate to remember, the entry stays until room is needed.
  if (found->second.connections == 0 && requests_per_s_ <= 0) entries_.erase(found);
}

bool AddressLimits::request(const std::string& key, std::chrono::nanoseconds now) {
  if (requests_per_s_ <= 0) return true;
  Entry& e = entry(key);
  if (e.filled.count() < 0) {
    e.tokens = burst_;
  } else {
    const double s = std::chrono::duration<double>(now - e.filled).count();
    e.tokens = std::min(burst_, e.tokens + s * requests_per_s_);
  }
  e.filled = now;
  if (e.tokens < 1) return false;
  e.tokens -= 1;
  return true;
}

int AddressLimits::retry_after_s() const {
  return requests_per_s_ <= 0 ? 1 : std::max(1, static_cast<int>(std::ceil(1 / requests_per_s_)));
}

}  // namespace moodline::net
