// Opening: configuration, keys, store and listeners of a Daemon.
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <filesystem>

#include "daemon/wiring/parts.hpp"

namespace moodline::wiring {
namespace {

namespace fs = std::filesystem;
constexpr const char* lookup_credential = "moodline-lookup-key";

std::string credential_path(const actors::LiveOptions& o, const std::string& name) {
  fs::path path = fs::path(o.credentials_dir) / name;
  std::error_code ec;
  if (!fs::exists(path, ec)) path = fs::path(o.credentials_dir) / ("moodline_" + name);
  return path.string();
}

}  // namespace

Result<void> Daemon::Parts::load_and_open() {
  options.live.send_mail = [this](net::Mail mail, net::SmtpOptions smtp, Instant date) {
    return http.send_mail(std::move(mail), std::move(smtp), date);
  };
  auto loaded = actors::load_live(options.live, http, wire);
  if (!loaded.live) return fault("bad_config", config::to_log(loaded.problems));
  const config::Settings& settings = loaded.live->service->settings;
  const bool playable = settings.mode != config::Mode::live;
  auto points = ports::crash_points_from(options.crash_at, playable);
  if (!points) return tl::unexpected(points.error());
  crash = std::move(*points);
  if (playable && (settings.clock.start || settings.clock.scale != Decimal::of(1))) {
    const double factor = static_cast<double>(settings.clock.scale.micro) / Decimal::one;
    auto scaled_clock =
        std::make_unique<ports::ScaledClock>(settings.clock.start.value_or(wire.now()), factor);
    scaled = scaled_clock.get();
    clock = std::move(scaled_clock);
  } else {
    clock = std::make_unique<ports::RealClock>();
  }
  if (auto ok = open_store(settings); !ok) return ok;
  gateway.emplace(actors::Gateway{
      *clock, wire, monotonic, random, *crash, *store, metrics, loaded.live, {}, {}});
  actors::SupervisorHooks hooks_of;
  hooks_of.on_event = [this](std::string_view task, actors::TaskEvent e) {
    if (e == actors::TaskEvent::failed) {
      metrics.count("task_failures", {{"task", std::string(task)}});
    }
  };
  hooks_of.on_fatal = [this](std::string_view task) {
    spdlog::critical("task {} failed; the process stops so that it starts afresh", task);
    exit_code = 1;
    io.stop();
  };
  tasks.emplace(io.get_executor(), monotonic, std::move(hooks_of));
  outbox.emplace(*gateway, *tasks);
  inbox.emplace(*gateway, http);
  deadlines.emplace(*gateway);
  heartbeat.emplace(*gateway, http);
  return {};
}

Result<void> Daemon::Parts::open_store(const config::Settings& settings) {
  store::StoreOptions o;
  o.path = options.database.empty() ? settings.store.database : options.database;
  if (options.database.empty()) {
    o.keys_path = settings.store.keys;
    o.erased_path = settings.store.erasures;
  }
  if (options.ephemeral_keys) {
    o.master_key = store::random_key_ring();
    o.lookup_key = store::random_key_ring();
  } else {
    const std::string master = options.master_key_file.empty()
                                   ? credential_path(options.live, settings.store.master_secret)
                                   : options.master_key_file;
    const std::string lookup = options.lookup_key_file.empty()
                                   ? credential_path(options.live, lookup_credential)
                                   : options.lookup_key_file;
    auto m = store::load_key_file(master, store::KeyPurpose::master);
    if (!m) return tl::unexpected(m.error());
    auto l = store::load_key_file(lookup, store::KeyPurpose::lookup);
    if (!l) return tl::unexpected(l.error());
    o.master_key = *m;
    o.lookup_key = *l;
  }
  o.post = [this](std::function<void()> f) { boost::asio::post(io, std::move(f)); };
  o.monotonic_us = [this] { return monotonic.elapsed().count() / 1000; };
  o.fault_point = [this](std::string_view point) { crash->at("store." + std::string(point)); };
  try {
    store = store::open_sqlite(std::move(o));
  } catch (const store::StoreError& e) {
    return fault(e.code(), e.what());
  }
  return {};
}

Result<void> Daemon::Parts::listen(const config::Settings& settings) {
  const auto hooks_for = [this] {
    net::ServerHooks h;
    h.on_answer = [this](const std::string& listener, int status, std::chrono::nanoseconds took) {
      metrics.count("http_answers", {{"listener", listener}, {"status", std::to_string(status)}});
      metrics.observe_s("http_answer", static_cast<double>(took.count()) / 1e9,
                        {{"listener", listener}});
    };
    h.on_refused = [this](const std::string& listener, std::string_view why) {
      metrics.count("http_refused", {{"listener", listener}, {"why", std::string(why)}});
    };
    return h;
  };
  const auto executor = io.get_executor();
  net::ServerLimits page_limits;
  page_limits.connections_max = 256;
  net::ServerLimits control_limits;
  control_limits.body_bytes_max = import_bytes_max;
  hook_server.emplace(executor, wire, monotonic, net::ServerLimits{}, hooks_for());
  page_server.emplace(executor, wire, monotonic, page_limits, hooks_for());
  control_server.emplace(executor, wire, monotonic, control_limits, hooks_for());
  const auto tcp = [](const char* name, const config::Endpoint& e) {
    net::TcpListener l;
    l.name = name;
    l.address = e.address;
    l.port = static_cast<std::uint16_t>(e.port);
    return l;
  };
  auto hooks_at = hook_server->listen(tcp("webhooks", settings.webhooks), hooks.handler());
  if (!hooks_at) return tl::unexpected(hooks_at.error());
  hook_port = *hooks_at;
  auto pages_at = page_server->listen(tcp("pages", settings.pages), pages.handler());
  if (!pages_at) return tl::unexpected(pages_at.error());
  page_port = *pages_at;
  if (auto ok = listen_api(settings.api, hooks_for()); !ok) return ok;
  const std::string socket =
      options.control_socket.empty() ? settings.control_socket : options.control_socket;
  if (socket.empty()) return {};
  net::UnixListener unix_listener;
  unix_listener.name = "control";
  unix_listener.path = socket;
  return control_server->listen(unix_listener, control.handler());
}

}  // namespace moodline::wiring
