#include "daemon/actors/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

namespace moodline::actors {

struct Metrics::Impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(std::string_view name, const Labels& labels, double by) {
  const std::lock_guard lock(impl_->mutex);
  const std::string full = "moodline_" + std::string(name) + "_total";
  auto& family = impl_->counters[full];
  if (family == nullptr) {
    family = &prometheus::BuildCounter().Name(full).Register(impl_->registry);
  }
  family->Add(labels).Increment(by);
}

void Metrics::gauge(std::string_view name, double value, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  const std::string full = "moodline_" + std::string(name);
  auto& family = impl_->gauges[full];
  if (family == nullptr) family = &prometheus::BuildGauge().Name(full).Register(impl_->registry);
  family->Add(labels).Set(value);
}

void Metrics::observe_s(std::string_view name, double seconds, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  const std::string full = "moodline_" + std::string(name) + "_seconds";
  auto& family = impl_->histograms[full];
  if (family == nullptr) {
    family = &prometheus::BuildHistogram().Name(full).Register(impl_->registry);
  }
  static const prometheus::Histogram::BucketBoundaries bounds{0.001, 0.003, 0.01, 0.03, 0.1,
                                                              0.3,   1,     3,    10,   30};
  family->Add(labels, bounds).Observe(seconds);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer{}.Serialize(impl_->registry.Collect());
}

}  // namespace moodline::actors
