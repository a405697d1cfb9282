#include "actors/io/curl_exchange.hpp"

#include "actors/io/curl_error.hpp"
#include "actors/io/curl_tls.hpp"
#include "lib/base/ascii.hpp"
#include "lib/http/status_text.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace rollcall {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string_view trim(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_named(std::string_view line, std::string_view lower_name) {
  if (line.size() <= lower_name.size() || line[lower_name.size()] != ':') return false;
  return std::equal(lower_name.begin(), lower_name.end(), line.begin(),
                    [](char expected, char c) { return expected == ascii_lower(c); });
}

/// Where a redirect from `base` leads; nothing when it makes no sense.
std::optional<std::string> resolve(const std::string& base, const std::string& location) {
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  char* text = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, location.c_str(), CURLU_URLENCODE) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK)
    return std::nullopt;
  std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
  return std::string(text);
}

const http::client_config& settings_of(const http::request& request) {
  static const http::client_config defaults;
  return request.client ? *request.client : defaults;
}

}  // namespace

curl_exchange::curl_exchange(const exchange_limits& limits) : limits_(limits), handle_(curl_easy_init()) {
  if (handle_ == nullptr) throw std::bad_alloc();
  set_constant_options();
}

curl_exchange::~curl_exchange() { curl_easy_cleanup(handle_); }

curl_exchange& curl_exchange::of(CURL* handle) {
  char* pointer = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &pointer);
  return *reinterpret_cast<curl_exchange*>(pointer);
}

void curl_exchange::set_constant_options() {
  curl_easy_setopt(handle_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &curl_exchange::on_body);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, &curl_exchange::on_header);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle_, CURLOPT_PROXY, "");
  curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(handle_, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(handle_, CURLOPT_MAXAGE_CONN, static_cast<long>(limits_.connection_age_max.count()));
  curl_easy_setopt(handle_, CURLOPT_BUFFERSIZE, limits_.receive_buffer_bytes);
  curl_easy_setopt(handle_, CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
  curl_easy_setopt(handle_, CURLOPT_TCP_KEEPALIVE, 1L);
}

std::optional<http::response> curl_exchange::begin(fetch order, header_cache& headers,
                                                   const environment_proxies& proxies) {
  order_ = std::move(order);
  started_ = steady_clock::now();
  hop_ = hop::first;
  redirects_ = 0;
  url_ = order_.request->url;
  method_ = order_.request->method;
  sends_body_ = order_.body != nullptr;
  body_bytes_max_ =
      order_.body_bytes_max == 0 ? limits_.body_bytes_max : std::min(order_.body_bytes_max, limits_.body_bytes_max);
  response_.body.reserve(std::min(order_.body_bytes_expected, body_bytes_max_));
  if (time_left() <= milliseconds(0)) return conclude(http::failure::timeout, context("context deadline exceeded"));
  if (auto ready = set_up(headers, proxies); !ready) {
    const auto why = ready.error().code == errc::syntax ? http::failure::transport : http::failure::credentials;
    return conclude(why, context(ready.error().message));
  }
  return std::nullopt;
}

result<void> curl_exchange::set_up(header_cache& headers, const environment_proxies& proxies) {
  if (options_dirty_) {
    curl_easy_reset(handle_);
    set_constant_options();
    options_dirty_ = false;
  }
  error_text_[0] = '\0';
  header_bytes_ = 0;
  header_whole_ = false;
  location_.clear();
  own_lines_.clear();
  auto parsed = http::parse_url(url_);
  if (!parsed) return tl::unexpected<error>(parsed.error());
  parsed_url_ = std::move(*parsed);
  curl_easy_setopt(handle_, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(time_left().count()));
  set_method();
  bool with_host = false;
  if (auto set = set_special_options(proxies, with_host); !set) return set;
  return set_headers(headers, with_host);
}

void curl_exchange::set_method() {
  if (method_ == "GET" && !sends_body_) {
    curl_easy_setopt(handle_, CURLOPT_HTTPGET, 1L);
    return;
  }
  options_dirty_ = true;
  if (sends_body_) {
    curl_easy_setopt(handle_, CURLOPT_POST, 1L);
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(order_.body->size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, order_.body->data());
    // A round trip to ask whether the body is welcome costs more than sending it in vain now and then.
    own_lines_.suppress("Expect");
  }
  if (method_ == "HEAD") curl_easy_setopt(handle_, CURLOPT_NOBODY, 1L);
  if (!(method_ == "POST" && sends_body_)) curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, method_.c_str());
}

result<void> curl_exchange::set_special_options(const environment_proxies& proxies, bool& with_host) {
  const auto& client = settings_of(*order_.request);
  if (parsed_url_.scheme == "https") {
    options_dirty_ = true;
    if (client.enable_http2) curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
    if (auto set = apply_tls(handle_, client.tls); !set) return set;
    with_host = !client.tls.server_name.empty() && client.tls.server_name != parsed_url_.host;
    if (with_host) set_server_name(client.tls.server_name);
  }
  if (client.proxy.from_environment || !client.proxy.url.empty()) {
    options_dirty_ = true;
    connect_lines_.clear();
    apply_proxy(handle_, client.proxy, proxies, parsed_url_, connect_lines_);
  }
  if (client.round_robin_dns) {
    options_dirty_ = true;
    curl_easy_setopt(handle_, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
  }
  if (!order_.request->unix_socket.empty() && hop_ != hop::other_host) {
    options_dirty_ = true;
    curl_easy_setopt(handle_, CURLOPT_UNIX_SOCKET_PATH, order_.request->unix_socket.c_str());
  }
  return {};
}

void curl_exchange::set_server_name(const std::string& server_name) {
  // libcurl asks for and verifies the name in the URL: so that name is the wanted one, and CONNECT_TO says where it is.
  auto named = parsed_url_;
  named.host = server_name;
  curl_easy_setopt(handle_, CURLOPT_URL, named.text().c_str());
  auto bracketed = [](const std::string& host) {
    return host.find(':') == std::string::npos ? host : '[' + host + ']';
  };
  const auto port = std::to_string(parsed_url_.port);
  connect_to_.clear();
  connect_to_.add_line(bracketed(server_name) + ':' + port + ':' + bracketed(parsed_url_.host) + ':' + port);
  curl_easy_setopt(handle_, CURLOPT_CONNECT_TO, connect_to_.link(nullptr));
}

result<void> curl_exchange::set_headers(header_cache& headers, bool with_host) {
  if (hop_ == hop::other_host) {
    common_lines_ = headers.without_credentials(*order_.request);
  } else {
    auto lines = headers.with_credentials(*order_.request);
    if (!lines) return tl::unexpected<error>(lines.error());
    common_lines_ = std::move(*lines);
    own_lines_.add(order_.credentials);
  }
  if (with_host) own_lines_.add("Host", parsed_url_.host_header());
  own_lines_.add(order_.extra_headers);
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, own_lines_.link(common_lines_->first()));
  return {};
}

milliseconds curl_exchange::time_left() const {
  // Rounded up, so that nobody is told of a timeout before the time is over.
  return std::chrono::ceil<milliseconds>(started_ + order_.timeout - steady_clock::now());
}

std::size_t curl_exchange::on_body(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<curl_exchange*>(exchange)->take_body(bytes, size * count);
}

std::size_t curl_exchange::on_header(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  auto* self = static_cast<curl_exchange*>(exchange);
  self->header_bytes_ += size * count;
  self->headers_too_large_ = self->header_bytes_ > self->limits_.header_bytes_max;
  if (self->headers_too_large_) return 0;
  self->take_header(std::string_view(bytes, size * count));
  return size * count;
}

std::size_t curl_exchange::take_body(const char* bytes, std::size_t count) {
  const auto room = body_bytes_max_ - response_.body.size();
  try {
    if (stream_.is_open()) return stream_.take(bytes, count) ? count : CURL_WRITEFUNC_PAUSE;
    response_.body.append(bytes, std::min<uint64_t>(count, room));
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
    return 0;
  }
  body_too_large_ = count > room;
  return body_too_large_ ? 0 : count;
}

void curl_exchange::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    take_status_line(trim(line));
    return;
  }
  if (trim(line).empty()) {
    header_whole_ = true;
    if (order_.stream) begin_stream();
    return;
  }
  auto take = [&](std::string_view lower_name, std::string& field) {
    if (is_named(line, lower_name)) field = trim(line.substr(lower_name.size() + 1));
  };
  take("content-type", response_.content_type);
  take("content-encoding", response_.content_encoding);
  take("retry-after", response_.retry_after);
  take("location", location_);
  for (const auto& name : order_.request->wanted_headers)
    if (is_named(line, name)) response_.headers.push_back({name, std::string(trim(line.substr(name.size() + 1)))});
}

void curl_exchange::take_status_line(std::string_view line) {
  // What came before was an interim response, "100 Continue" for one.
  header_whole_ = false;
  response_.content_type.clear();
  response_.content_encoding.clear();
  response_.retry_after.clear();
  response_.headers.clear();
  location_.clear();
  response_.reason.clear();
  auto space = line.find(' ');
  if (space == std::string_view::npos) return;
  auto status_and_reason = trim(line.substr(space));
  if (auto end = status_and_reason.find(' '); end != std::string_view::npos)
    response_.reason = trim(status_and_reason.substr(end));
}

void curl_exchange::begin_stream() {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  // A trailer ends with an empty line as a head does.
  if (stream_.is_open() || status < 200 || status > 299) return;
  stream_.open(order_.stream->bytes_ahead_max);
  options_dirty_ = true;
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, 0L);
  curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(order_.stream->silence_max.count()));
}

void curl_exchange::resume(uint64_t bytes) {
  if (stream_.resume(bytes)) curl_easy_pause(handle_, CURLPAUSE_CONT);
}

std::optional<http::response> curl_exchange::finish(CURLcode code, header_cache& headers,
                                                    const environment_proxies& proxies) {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  response_.connection_reused = connections_opened() == 0;
  if (response_.status != 0 && response_.reason.empty()) response_.reason = http::status_text(response_.status);
  if (headers_too_large_)
    return conclude(http::failure::transport,
                    context("response headers exceeded " + std::to_string(limits_.header_bytes_max) + " bytes"));
  if (out_of_memory_) return conclude(http::failure::transport, context("out of memory"));
  if (body_too_large_) return conclude(http::failure::body_too_large, "body size limit exceeded");
  if (code == CURLE_OPERATION_TIMEDOUT) return conclude(http::failure::timeout, context("context deadline exceeded"));
  // For libcurl these are one: it gives up on a header line of 100 KiB.
  if (code == CURLE_OUT_OF_MEMORY && !header_whole_)
    return conclude(http::failure::transport, context("response header line too long, or out of memory"));
  if (code != CURLE_OK)
    return conclude(http::failure::transport, context(describe_failure(handle_, code, error_text_.data())));
  // For libcurl a connection that ends within the header ends the response as well.
  if (!header_whole_) return conclude(http::failure::transport, context("unexpected EOF"));
  if (!redirected()) return conclude(http::failure::none, "");
  if (++redirects_ > limits_.redirects_max)
    return conclude(http::failure::transport,
                    context("stopped after " + std::to_string(limits_.redirects_max) + " redirects"));
  response_ = {};
  if (time_left() <= milliseconds(0)) return conclude(http::failure::timeout, context("context deadline exceeded"));
  if (auto ready = set_up(headers, proxies); !ready) {
    const auto why = ready.error().code == errc::syntax ? http::failure::transport : http::failure::credentials;
    return conclude(why, context(ready.error().message));
  }
  return std::nullopt;
}

bool curl_exchange::redirected() {
  const auto status = response_.status;
  const bool repeats = status == 307 || status == 308;
  if (!(repeats || status == 301 || status == 302 || status == 303)) return false;
  if (location_.empty() || !settings_of(*order_.request).follow_redirects) return false;
  auto next = resolve(url_, location_);
  auto parsed = http::parse_url(next.value_or(location_));
  // What is no URL shows in the error of the next attempt.
  url_ = next.value_or(location_);
  if (!parsed || parsed->host != parsed_url_.host) hop_ = hop::other_host;
  if (hop_ == hop::first) hop_ = hop::same_host;
  // As Go and browsers do it: only 307 and 308 repeat a POST.
  if (!repeats) {
    if (method_ != "HEAD") method_ = "GET";
    sends_body_ = false;
  }
  options_dirty_ = true;
  return true;
}

long curl_exchange::connections_opened() const {
  long count = 0;
  curl_easy_getinfo(handle_, CURLINFO_NUM_CONNECTS, &count);
  return count;
}

std::string curl_exchange::context(const std::string& error) const {
  return http::request_context(method_, url_) + ": " + error;
}

http::response curl_exchange::conclude(http::failure why, const std::string& error) {
  response_.failure = why;
  response_.error = error;
  response_.elapsed = steady_clock::now() - started_;
  return std::exchange(response_, {});
}

http::response curl_exchange::abandon(http::failure why, const std::string& error) {
  return conclude(why, context(error));
}

fetch curl_exchange::take_order() {
  response_ = {};
  stream_.close();
  common_lines_.reset();
  body_too_large_ = headers_too_large_ = out_of_memory_ = false;
  return std::exchange(order_, {});
}

}  // namespace rollcall
