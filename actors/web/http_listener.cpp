#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_BEAST_SEPARATE_COMPILATION

#include "actors/web/http_listener.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <unordered_set>

namespace rollcall {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// After a failed accept (no file descriptors left, for instance) the next try waits this long.
constexpr auto accept_retry_delay = std::chrono::milliseconds(100);
constexpr size_t read_bytes = 4096;

std::string_view to_view(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view to_beast(std::string_view text) { return {text.data(), text.size()}; }

std::string http_date() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string to_text(const tcp::endpoint& endpoint) {
  auto address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

/// Why a request that could not be read is refused; 0 when the connection is just over.
int refusal_of(error_code failure) {
  if (failure == http::error::header_limit || failure == http::error::buffer_overflow) return 431;
  if (failure == http::error::body_limit) return 413;
  bool torn = failure == http::error::end_of_stream || failure == http::error::partial_message;
  return failure.category() == make_error_code(http::error::bad_method).category() && !torn ? 400 : 0;
}

}  // namespace

/// Everything that lives on the listener's thread.
class http_listener::core : public std::enable_shared_from_this<core> {
 public:
  explicit core(http_listener_options chosen) : options(std::move(chosen)) {}

  result<void> bind(const std::string& address);
  void accept_on_all();
  void begin_stop();
  void remove(const std::shared_ptr<session>& gone);

  const http_listener_options options;
  asio::io_context io{1};
  request_handler handler;
  std::function<void()> stopped;
  std::vector<std::string> bound;
  bool stopping = false;

 private:
  struct door {
    tcp::acceptor acceptor;
    bool accepting = false;
  };

  result<void> bind_endpoint(const tcp::endpoint& endpoint, const std::string& address);
  void accept(door& at);
  void accepted(door& at, error_code failure, tcp::socket socket);

  std::vector<std::unique_ptr<door>> doors_;
  std::unordered_set<std::shared_ptr<session>> sessions_;
  asio::steady_timer retry_timer_{io};
  asio::steady_timer stop_timer_{io};
};

/// One connection. Kept alive by the core until it is closed.
class http_listener::session : public std::enable_shared_from_this<session> {
 public:
  session(core& owner, tcp::socket socket) : owner_(owner), stream_(std::move(socket)) {}

  void start() { await_request(owner_.options.request_timeout); }
  void answer(web::response response);
  void close_if_idle();

 private:
  using parser = http::request_parser<http::string_body>;

  /// A completion handler that does nothing but close when the step failed.
  template <class Next>
  auto then(Next next) {
    return [self = shared_from_this(), next](error_code failure, size_t bytes) {
      if (failure) {
        self->read_failed(failure);
      } else {
        next(*self, bytes);
      }
    };
  }
  void await_request(std::chrono::milliseconds timeout);
  void read_header();
  void read_body();
  void dispatch();
  void read_failed(error_code failure);
  void write(web::response response);
  void written();
  void drain();
  void close();

  core& owner_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  http::response<http::string_body> reply_;
  unsigned version_ = 11;
  bool idle_ = true;
  bool keep_alive_ = false;
  bool head_ = false;
  bool refused_ = false;
};

// -- session ---------------------------------------------------------------------------------------------------------

void http_listener::session::await_request(std::chrono::milliseconds timeout) {
  idle_ = true;
  if (buffer_.size() > 0) return read_header();
  stream_.expires_after(timeout);
  stream_.async_read_some(buffer_.prepare(read_bytes), then([](session& self, size_t bytes) {
                            self.buffer_.commit(bytes);
                            self.read_header();
                          }));
}

void http_listener::session::read_header() {
  idle_ = false;
  parser_.emplace();
  parser_->header_limit(owner_.options.header_bytes_max);
  parser_->body_limit(owner_.options.body_bytes_max);
  stream_.expires_after(owner_.options.request_timeout);
  http::async_read_header(stream_, buffer_, *parser_, then([](session& self, size_t) { self.read_body(); }));
}

void http_listener::session::read_body() {
  auto read_rest = [](session& self, size_t) {
    http::async_read(self.stream_, self.buffer_, *self.parser_, self.then([](session& me, size_t) { me.dispatch(); }));
  };
  bool asks_first = beast::iequals(parser_->get()[http::field::expect], "100-continue");
  if (!asks_first || parser_->is_done()) return read_rest(*this, 0);
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()), then(read_rest));
}

void http_listener::session::dispatch() {
  const auto& message = parser_->get();
  auto field = [&message](http::field name) { return std::string(to_view(message[name])); };
  web::request request{std::string(to_view(message.method_string())), std::string(to_view(message.target())),
                       field(http::field::accept_encoding), field(http::field::origin)};
  version_ = message.version();
  keep_alive_ = message.keep_alive();
  head_ = message.method() == http::verb::head;
  stream_.expires_never();
  auto reply = [core = owner_.weak_from_this(), session = weak_from_this()](web::response response) {
    auto alive = core.lock();
    if (!alive) return;
    asio::post(alive->io, [session, response = std::move(response)]() mutable {
      if (auto self = session.lock()) self->answer(std::move(response));
    });
  };
  owner_.handler(std::make_shared<http_exchange>(std::move(request), std::move(reply)));
}

void http_listener::session::read_failed(error_code failure) {
  int status = refused_ ? 0 : refusal_of(failure);
  if (status == 0) return close();
  // What else the client sends cannot be told from a request, so this is the last answer.
  refused_ = true;
  keep_alive_ = false;
  head_ = false;
  write(web::error_response(status, std::string(to_view(http::obsolete_reason(static_cast<http::status>(status))))));
}

void http_listener::session::answer(web::response response) { write(std::move(response)); }

void http_listener::session::write(web::response response) {
  reply_ = {};
  reply_.version(version_);
  reply_.result(static_cast<unsigned>(response.status));
  reply_.set(http::field::date, http_date());
  if (!response.content_type.empty()) reply_.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) reply_.insert(to_beast(name), to_beast(value));
  if (response.status != 204) reply_.content_length(response.body.size());
  reply_.keep_alive(keep_alive_ && !owner_.stopping);
  if (!head_) reply_.body() = std::move(response.body);
  stream_.expires_after(owner_.options.write_timeout);
  http::async_write(stream_, reply_, then([](session& self, size_t) { self.written(); }));
}

void http_listener::session::written() {
  reply_ = {};
  if (refused_) return drain();
  if (!keep_alive_ || owner_.stopping) return close();
  await_request(owner_.options.idle_timeout);
}

void http_listener::session::drain() {
  // Closing with bytes unread would reset the connection and could take the answer along.
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.expires_after(owner_.options.linger_timeout);
  auto read_on = [](session& self, auto again) -> void {
    self.buffer_.clear();
    self.stream_.async_read_some(self.buffer_.prepare(read_bytes),
                                 self.then([again](session& me, size_t) { again(me, again); }));
  };
  read_on(*this, read_on);
}

void http_listener::session::close_if_idle() {
  if (idle_) close();
}

void http_listener::session::close() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
  owner_.remove(shared_from_this());
}

// -- core ------------------------------------------------------------------------------------------------------------

result<void> http_listener::core::bind(const std::string& address) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return fail(errc::invalid_argument, fmt::format("listen tcp: address {}: missing port in address", address));
  }
  std::string host = address.substr(0, colon);
  std::string port = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code failure;
  tcp::resolver resolver(io);
  auto flags = tcp::resolver::passive | tcp::resolver::numeric_service;
  auto found = resolver.resolve(host.empty() ? "::" : host, port, flags, failure);
  if (failure)
    return fail(errc::invalid_argument, fmt::format("listen tcp: lookup {}: {}", address, failure.message()));
  auto is_v4 = [](const auto& entry) { return entry.endpoint().protocol() == tcp::v4(); };
  auto preferred = std::find_if(found.begin(), found.end(), is_v4);
  auto endpoint = (preferred == found.end() ? found.begin() : preferred)->endpoint();
  auto done = bind_endpoint(endpoint, address);
  // A machine without IPv6 has another way to say "everywhere".
  if (!done && host.empty()) done = bind_endpoint({tcp::v4(), endpoint.port()}, address);
  return done;
}

result<void> http_listener::core::bind_endpoint(const tcp::endpoint& endpoint, const std::string& address) {
  tcp::acceptor acceptor(io);
  error_code failure;
  auto step = [&](auto&& operation) {
    if (!failure) operation();
  };
  acceptor.open(endpoint.protocol(), failure);
  step([&] { acceptor.set_option(asio::socket_base::reuse_address(true), failure); });
  if (endpoint.protocol() == tcp::v6()) step([&] { acceptor.set_option(asio::ip::v6_only(false), failure); });
  step([&] { acceptor.bind(endpoint, failure); });
  step([&] { acceptor.listen(asio::socket_base::max_listen_connections, failure); });
  if (failure) return fail(errc::io, fmt::format("listen tcp {}: {}", address, failure.message()));
  bound.push_back(to_text(acceptor.local_endpoint()));
  doors_.push_back(std::make_unique<door>(door{std::move(acceptor)}));
  return {};
}

void http_listener::core::accept_on_all() {
  for (auto& each : doors_) accept(*each);
}

void http_listener::core::accept(door& at) {
  if (stopping || at.accepting || sessions_.size() >= options.connections_max) return;
  at.accepting = true;
  at.acceptor.async_accept([this, &at](error_code failure, tcp::socket socket) {
    at.accepting = false;
    accepted(at, failure, std::move(socket));
  });
}

void http_listener::core::accepted(door& at, error_code failure, tcp::socket socket) {
  if (stopping) return;
  if (failure) {
    retry_timer_.expires_after(accept_retry_delay);
    retry_timer_.async_wait([this](error_code cancelled) {
      if (!cancelled) accept_on_all();
    });
    return;
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto created = std::make_shared<session>(*this, std::move(socket));
  sessions_.insert(created);
  created->start();
  accept(at);
}

void http_listener::core::remove(const std::shared_ptr<session>& gone) {
  if (sessions_.erase(gone) == 0) return;
  if (stopping) {
    if (sessions_.empty()) io.stop();
  } else {
    accept_on_all();
  }
}

void http_listener::core::begin_stop() {
  stopping = true;
  error_code ignored;
  for (auto& each : doors_) each->acceptor.close(ignored);
  auto open = sessions_;
  for (const auto& each : open) each->close_if_idle();
  if (sessions_.empty()) return io.stop();
  stop_timer_.expires_after(options.stop_timeout);
  stop_timer_.async_wait([this](error_code) { io.stop(); });
}

// -- listener --------------------------------------------------------------------------------------------------------

http_listener::http_listener(std::shared_ptr<core> core) : core_(std::move(core)) {}

result<std::unique_ptr<http_listener>> http_listener::open(http_listener_options options) {
  auto opened = std::make_shared<core>(std::move(options));
  for (const auto& address : opened->options.addresses) {
    if (auto done = opened->bind(address); !done) return tl::unexpected(done.error());
  }
  return std::unique_ptr<http_listener>(new http_listener(std::move(opened)));
}

http_listener::~http_listener() {
  core_->io.stop();
  if (thread_.joinable()) thread_.join();
  // An answer that is just being given may keep the core, but nobody it knew.
  core_->handler = nullptr;
  core_->stopped = nullptr;
}

void http_listener::serve(request_handler handler) {
  core_->handler = std::move(handler);
  core_->accept_on_all();
  thread_ = std::thread([core = core_.get()] {
    auto keep_running = asio::make_work_guard(core->io);
    core->io.run();
    if (core->stopped) core->stopped();
  });
}

void http_listener::stop(std::function<void()> stopped) {
  asio::post(core_->io, [core = core_.get(), stopped = std::move(stopped)]() mutable {
    core->stopped = std::move(stopped);
    core->begin_stop();
  });
}

const std::vector<std::string>& http_listener::addresses() const { return core_->bound; }

}  // namespace rollcall
