#include "daemon/net/curl_client.hpp"

#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "daemon/net/curl_call.hpp"
#include "daemon/net/curl_mail.hpp"

namespace moodline::net {
namespace {

using boost::system::error_code;
using ports::HttpFailure;
using ports::HttpFailureKind;

/// A socket of curl's that the io_context watches. Curl owns and closes the descriptor.
struct Watched {
  explicit Watched(const asio::any_io_executor& io) : descriptor(io) {}
  asio::posix::stream_descriptor descriptor;
  curl_socket_t number = CURL_SOCKET_BAD;
  int wanted = CURL_POLL_NONE;
  bool reading = false;
  bool writing = false;
  bool removed = false;
};

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl could not start");
}

}  // namespace

struct CurlClient::Core : std::enable_shared_from_this<Core> {
  Core(asio::any_io_executor executor, CurlOptions chosen)
      : io(std::move(executor)), options(std::move(chosen)), timer(io), multi(curl_multi_init()) {
    if (multi == nullptr) throw std::runtime_error("libcurl could not start");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Core::on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Core::on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.idle_connections_max));
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() { close(); }

  static int on_socket(CURL*, curl_socket_t number, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);
  void watch(const std::shared_ptr<Watched>& socket);
  void act(curl_socket_t number, int events);
  void collect();
  bool submit(const std::shared_ptr<Transfer>& transfer);
  void start(const std::shared_ptr<Transfer>& transfer);
  void drop(const std::shared_ptr<Transfer>& transfer);
  void start_waiting();
  void close();

  asio::any_io_executor io;
  CurlOptions options;
  asio::steady_timer timer;
  CURLM* multi;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watched>> sockets;
  std::set<std::shared_ptr<Transfer>> running;
  std::deque<std::shared_ptr<Transfer>> waiting;
};

int CurlClient::Core::on_socket(CURL*, curl_socket_t number, int what, void* self, void*) {
  auto& core = *static_cast<Core*>(self);
  auto& slot = core.sockets[number];
  if (what == CURL_POLL_REMOVE) {
    if (slot) {
      slot->removed = true;
      // Released, not closed: the descriptor is curl's, and may live on as a kept connection.
      slot->descriptor.release();
    }
    core.sockets.erase(number);
    return 0;
  }
  if (!slot) {
    slot = std::make_shared<Watched>(core.io);
    slot->number = number;
    error_code ec;
    slot->descriptor.assign(number, ec);
    if (ec) {
      spdlog::error("http client: cannot watch a socket: {}", ec.message());
      core.sockets.erase(number);
      return -1;
    }
  }
  slot->wanted = what;
  core.watch(slot);
  return 0;
}

void CurlClient::Core::watch(const std::shared_ptr<Watched>& socket) {
  const auto ready = [weak = weak_from_this(), socket](bool Watched::*flag, int events) {
    return [weak, socket, flag, events](error_code ec) {
      (*socket).*flag = false;
      const auto core = weak.lock();
      if (ec || !core || socket->removed) return;
      core->act(socket->number, events);
      if (!socket->removed && core->multi != nullptr) core->watch(socket);
    };
  };
  if ((socket->wanted & CURL_POLL_IN) != 0 && !socket->reading) {
    socket->reading = true;
    socket->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                  ready(&Watched::reading, CURL_CSELECT_IN));
  }
  if ((socket->wanted & CURL_POLL_OUT) != 0 && !socket->writing) {
    socket->writing = true;
    socket->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                  ready(&Watched::writing, CURL_CSELECT_OUT));
  }
}

int CurlClient::Core::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& core = *static_cast<Core*>(self);
  core.timer.cancel();
  if (timeout_ms < 0) return 0;
  core.timer.expires_after(Millis{timeout_ms});
  core.timer.async_wait([weak = core.weak_from_this()](error_code ec) {
    const auto alive = weak.lock();
    if (!ec && alive) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlClient::Core::act(curl_socket_t number, int events) {
  if (multi == nullptr) return;
  int left = 0;
  const CURLMcode code = curl_multi_socket_action(multi, number, events, &left);
  if (code != CURLM_OK) spdlog::error("http client: {}", curl_multi_strerror(code));
  collect();
}

/// Takes what is finished away from curl. Coroutines resume later, never inside curl.
void CurlClient::Core::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;  // the message goes with the handle
    Transfer* raw = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &raw);
    curl_multi_remove_handle(multi, easy);
    for (const auto& transfer : running) {
      if (transfer.get() != raw) continue;
      transfer->running = false;
      transfer->finish(code);
      running.erase(transfer);
      break;
    }
  }
  start_waiting();
}

void CurlClient::Core::start(const std::shared_ptr<Transfer>& transfer) {
  const CURLMcode code = curl_multi_add_handle(multi, transfer->easy.get());
  if (code != CURLM_OK) {
    transfer->finish(CURLE_FAILED_INIT);
    return;
  }
  transfer->running = true;
  running.insert(transfer);
}

void CurlClient::Core::start_waiting() {
  while (!waiting.empty() && static_cast<int>(running.size()) < options.in_flight_max) {
    const auto next = waiting.front();
    waiting.pop_front();
    start(next);
  }
}

bool CurlClient::Core::submit(const std::shared_ptr<Transfer>& transfer) {
  if (multi == nullptr) return false;
  if (static_cast<int>(running.size()) < options.in_flight_max) {
    start(transfer);
    return true;
  }
  if (static_cast<int>(waiting.size()) >= options.waiting_max) return false;
  waiting.push_back(transfer);
  return true;
}

void CurlClient::Core::drop(const std::shared_ptr<Transfer>& transfer) {
  if (multi == nullptr || transfer->finished) return;
  std::erase(waiting, transfer);
  if (transfer->running) {
    curl_multi_remove_handle(multi, transfer->easy.get());
    transfer->running = false;
    running.erase(transfer);
    start_waiting();
  }
}

void CurlClient::Core::close() {
  if (multi == nullptr) return;
  timer.cancel();
  waiting.insert(waiting.end(), running.begin(), running.end());
  running.clear();
  for (const auto& transfer : std::exchange(waiting, {})) {
    if (transfer->running) curl_multi_remove_handle(multi, transfer->easy.get());
    transfer->running = false;
    transfer->gave_up = true;
    transfer->finish(CURLE_ABORTED_BY_CALLBACK);
  }
  curl_multi_cleanup(multi);
  multi = nullptr;
  sockets.clear();
}

namespace {

/// Takes the transfer from curl however the waiting coroutine ends.
template <class Core>
class Stay {
 public:
  Stay(std::shared_ptr<Core> core, std::shared_ptr<Transfer> transfer)
      : core_(std::move(core)), transfer_(std::move(transfer)) {}
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;
  ~Stay() { core_->drop(transfer_); }

 private:
  std::shared_ptr<Core> core_;
  std::shared_ptr<Transfer> transfer_;
};

asio::awaitable<void> wait_for(std::shared_ptr<Transfer> transfer) {
  error_code ec;
  if (!transfer->finished) {
    co_await transfer->done.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
  if (!transfer->finished) throw boost::system::system_error(asio::error::operation_aborted);
}

ports::HttpResult refused(const char* code, const char* detail) {
  return tl::unexpected(HttpFailure{HttpFailureKind::could_not_connect, code, detail});
}

}  // namespace

CurlClient::CurlClient(asio::any_io_executor io, CurlOptions options) {
  start_libcurl();
  core_ = std::make_shared<Core>(std::move(io), std::move(options));
}

CurlClient::~CurlClient() {
  core_->close();
}

asio::awaitable<ports::HttpResult> CurlClient::fetch(providers::HttpCall call,
                                                     ports::HttpLimits limits) {
  const auto core = core_;
  const auto transfer = std::make_shared<HttpTransfer>(core->io);
  if (!transfer->prepare(std::move(call), limits, core->options)) {
    co_return refused("bad_call", "the call has a line break, an unknown option or no memory");
  }
  if (!core->submit(transfer)) co_return refused("busy", "too many calls are waiting");
  const Stay<Core> stay(core, transfer);
  co_await wait_for(transfer);
  co_return transfer->take_result();
}

asio::awaitable<MailReply> CurlClient::send_mail(Mail mail, SmtpOptions smtp, Instant date) {
  const auto core = core_;
  const auto transfer = std::make_shared<MailTransfer>(core->io);
  MailReply refused{MailOutcome::rejected, 0, "the mail has a malformed address or line"};
  if (!transfer->prepare(mail, smtp, date, core->options)) co_return refused;
  if (!core->submit(transfer)) {
    refused = {MailOutcome::retry_later, 0, "too many calls are waiting"};
    co_return refused;
  }
  const Stay<Core> stay(core, transfer);
  co_await wait_for(transfer);
  co_return transfer->take_result();
}

int CurlClient::in_flight() const {
  return static_cast<int>(core_->running.size() + core_->waiting.size());
}

}  // namespace moodline::net
