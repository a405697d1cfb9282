#include "actors/io/zookeeper_session.hpp"

#include <fmt/format.h>
#include <zookeeper/zookeeper.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace rollcall {

namespace {

constexpr std::string_view default_port = ":2181";

bool has_port(const std::string& server) {
  auto colon = server.rfind(':');
  return colon != std::string::npos && server.find(']', colon) == std::string::npos;
}

std::string host_list(const std::vector<std::string>& servers) {
  std::string list;
  for (const auto& server : servers) {
    if (!list.empty()) list += ',';
    list += server;
    if (!has_port(server)) list += default_port;
  }
  return list;
}

}  // namespace

/// A connection to an ensemble for the length of one ZooKeeper session. Lives until the library has let go of it.
struct zookeeper_session::handle {
  struct read_context {
    handle* owner;
    uint64_t token;
    znode_read read;
  };

  uint64_t watch_id = 0;
  uint64_t number = 0;
  post_function post;
  zhandle_t* library = nullptr;
  std::unordered_map<uint64_t, std::unique_ptr<read_context>> open;  // reads without an answer
  uint64_t last_token = 0;

  handle() = default;
  ~handle() {
    if (library) zookeeper_close(library);
  }
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;

  zookeeper_event event(zookeeper_event::kind what) const {
    zookeeper_event out;
    out.watch_id = watch_id;
    out.handle = number;
    out.what = what;
    return out;
  }

  // What follows runs on the library's threads.

  static void on_watch(zhandle_t*, int type, int state, const char* path, void* context) {
    const auto& self = *static_cast<handle*>(context);
    auto out = self.event(type == ZOO_SESSION_EVENT ? zookeeper_event::kind::session : zookeeper_event::kind::watch);
    out.type = type;
    out.state = state;
    if (path) out.path = path;
    self.post(std::move(out));
  }
  static zookeeper_event answer(int code, const void* context) {
    const auto& read = *static_cast<const read_context*>(context);
    auto out = read.owner->event(zookeeper_event::kind::answer);
    out.code = code;
    out.token = read.token;
    return out;
  }
  static void on_data(int code, const char* value, int size, const Stat*, const void* context) {
    auto out = answer(code, context);
    // A znode without data has the size -1.
    if (value && size > 0) out.data.assign(value, static_cast<size_t>(size));
    static_cast<const read_context*>(context)->owner->post(std::move(out));
  }
  static void on_children(int code, const String_vector* names, const void* context) {
    auto out = answer(code, context);
    for (int i = 0; names && i < names->count; ++i) out.names.emplace_back(names->data[i]);
    static_cast<const read_context*>(context)->owner->post(std::move(out));
  }
};

zookeeper_session::zookeeper_session(uint64_t id, zookeeper_watch watch, const zookeeper_options& options,
                                     post_function post)
    : id_(id), watch_(std::move(watch)), options_(options), post_(std::move(post)), tree_(watch_.paths) {
  open(std::chrono::steady_clock::now());
}

zookeeper_session::~zookeeper_session() = default;

void zookeeper_session::open(time_point now) {
  close();
  handle_ = std::make_unique<handle>();
  handle_->watch_id = id_;
  handle_->number = ++handles_;
  handle_->post = post_;
  handle_->library = zookeeper_init(host_list(watch_.servers).c_str(), handle::on_watch,
                                    static_cast<int>(watch_.session_timeout.count()), nullptr, handle_.get(), 0);
  if (!handle_->library) {
    auto why = std::strerror(errno);
    handle_.reset();
    return fail(fmt::format("cannot use {}: {}", fmt::join(watch_.servers, ", "), why), now);
  }
  due_ = now + options_.retry_interval;
}

void zookeeper_session::close() {
  connected_ = reading_ = false;
  handle_.reset();
}

void zookeeper_session::take(zookeeper_event event, time_point now) {
  if (!handle_ || event.handle != handle_->number) return;
  switch (event.what) {
    case zookeeper_event::kind::session:
      return on_session_event(event.state, now);
    case zookeeper_event::kind::watch:
      on_notice(event);
      return read_on(now);
    case zookeeper_event::kind::answer:
      return on_answer(event, now);
  }
}

void zookeeper_session::on_session_event(int state, time_point now) {
  bool was_connected = std::exchange(connected_, state == ZOO_CONNECTED_STATE);
  if (state == ZOO_EXPIRED_SESSION_STATE) return open(now);
  if (state == ZOO_AUTH_FAILED_STATE) return fail("authentication failed", now);
  // Within a session the library sets the watches again, and learns what happened meanwhile.
  if (connected_ && !reading_) return restart(now);
  if (was_connected && !connected_) fail(fmt::format("lost {}", fmt::join(watch_.servers, ", ")), now);
}

void zookeeper_session::on_notice(const zookeeper_event& event) {
  if (!reading_) return;
  if (event.type == ZOO_DELETED_EVENT)
    tree_.on_deleted(event.path);
  else if (event.type == ZOO_CHANGED_EVENT)
    tree_.on_data_changed(event.path);
  else if (event.type == ZOO_CHILD_EVENT)
    tree_.on_children_changed(event.path);
}

void zookeeper_session::on_answer(zookeeper_event& event, time_point now) {
  auto found = handle_->open.find(event.token);
  if (found == handle_->open.end()) return;
  auto context = std::move(found->second);
  handle_->open.erase(found);
  const auto& read = context->read;
  // Of an attempt that was given up.
  if (!reading_) return;
  if (event.code == ZNONODE)
    tree_.take_absence(read.path);
  else if (event.code != ZOK)
    return fail(fmt::format("{}: {}", read.path, zerror(event.code)), now);
  else if (read.what == znode_read::part::data)
    tree_.take_data(read.path, std::move(event.data));
  else
    tree_.take_children(read.path, event.names);
  if (!is_within_bounds())
    return fail(fmt::format("more than {} znodes, or {} bytes", options_.znodes_max, options_.data_bytes_max), now);
  read_on(now);
}

bool zookeeper_session::is_within_bounds() const {
  return tree_.size() <= options_.znodes_max && tree_.data_bytes() <= options_.data_bytes_max;
}

// Answers to an earlier attempt may still be out. They come before those to this one and would be taken for them, so
// the attempt begins when they are in.
void zookeeper_session::restart(time_point now) {
  if (!handle_->open.empty()) {
    due_ = now + options_.retry_interval;
    return;
  }
  reading_ = true;
  due_ = time_point::max();
  tree_.restart();
  read_on(now);
}

void zookeeper_session::read_on(time_point now) {
  while (reading_ && tree_.open_reads() < options_.reads_in_flight_max) {
    auto read = tree_.next_read();
    if (!read) return;
    auto token = ++handle_->last_token;
    // The library keeps the context until it has answered.
    auto& context = *(handle_->open[token] = std::make_unique<handle::read_context>(
                          handle::read_context{handle_.get(), token, std::move(*read)}));
    const auto* path = context.read.path.c_str();
    int code = context.read.what == znode_read::part::data
                   ? zoo_awget(handle_->library, path, handle::on_watch, handle_.get(), handle::on_data, &context)
                   : zoo_awget_children(handle_->library, path, handle::on_watch, handle_.get(), handle::on_children,
                                        &context);
    if (code == ZOK) continue;
    auto error = fmt::format("{}: {}", path, zerror(code));
    handle_->open.erase(token);
    return fail(error, now);
  }
}

void zookeeper_session::fail(const std::string& error, time_point now) {
  reading_ = false;
  due_ = now + options_.retry_interval;
  watch_.on_failure(error);
}

void zookeeper_session::on_due(time_point now) {
  due_ = time_point::max();
  if (!handle_) return open(now);
  if (!connected_) return fail(fmt::format("not connected to {}", fmt::join(watch_.servers, ", ")), now);
  if (!reading_) return restart(now);
  tree_.retry_missing();
  read_on(now);
}

void zookeeper_session::publish(time_point now) {
  if (!reading_) return;
  if (auto changes = tree_.take_changes()) watch_.on_change(std::move(*changes));
  if (tree_.missing().empty() || due_ != time_point::max()) return;
  due_ = now + options_.retry_interval;
  watch_.on_failure(fmt::format("path {} does not exist", *tree_.missing().begin()));
}

}  // namespace rollcall
