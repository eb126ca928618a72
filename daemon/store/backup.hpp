// Copies while running, proved before they get their name.
#pragma once
#include <string>

#include "daemon/store/keys.hpp"

namespace moodline::store {

Result<void> backup_store(const std::string& path, const StoreOptions& options, KeyStore& keys);

}  // namespace moodline::store
