// What every Store must do, whatever stands behind it. A backend runs all of it by handing
// conformance() a factory that opens an empty store.
#pragma once
#include <functional>
#include <memory>

#include "daemon/store/store.hpp"

namespace moodline::store::testing {

/// A fresh, empty store at each call; it lives until the returned pointer goes.
using Factory = std::function<std::shared_ptr<Store>()>;

/// Every case of the suite, as doctest subcases of the running test case.
void conformance(const Factory& fresh);

/// A person with every field set; `n` makes key and number differ.
Person some_person(int n);
std::string number_of(int n);

}  // namespace moodline::store::testing
