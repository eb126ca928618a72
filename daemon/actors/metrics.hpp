// Metrics: counts and gauges for Prometheus, behind a small face so that only one file knows the
// library. Labels never hold a number, a name or a word of a text. Any thread.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace moodline::actors {

using Labels = std::map<std::string, std::string>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  /// Adds to "moodline_<name>_total".
  void count(std::string_view name, const Labels& labels = {}, double by = 1);
  /// Sets "moodline_<name>".
  void gauge(std::string_view name, double value, const Labels& labels = {});
  /// Adds to the histogram "moodline_<name>_seconds".
  void observe_s(std::string_view name, double seconds, const Labels& labels = {});
  /// Prometheus text exposition format 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace moodline::actors
