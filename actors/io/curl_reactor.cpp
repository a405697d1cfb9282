#include "actors/io/curl_reactor.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace rollcall {

namespace {

constexpr int events_max = 256;

void start_libcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

}  // namespace

curl_reactor::curl_reactor(std::size_t shards, long connections_per_shard_max)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), shards_(shards) {
  start_libcurl();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ < 0 || wakeup_.descriptor() < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_.descriptor(), &event) != 0)
    throw std::runtime_error("no descriptors left for an HTTP client");
  for (auto& shard : shards_) {
    shard.reactor = this;
    shard.multi = curl_multi_init();
    if (shard.multi == nullptr) throw std::bad_alloc();
    curl_multi_setopt(shard.multi, CURLMOPT_MAXCONNECTS, connections_per_shard_max);
    curl_multi_setopt(shard.multi, CURLMOPT_PIPELINING, long{CURLPIPE_NOTHING});
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETFUNCTION, &curl_reactor::on_socket);
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETDATA, &shard);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERFUNCTION, &curl_reactor::on_timer);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERDATA, &shard);
  }
}

curl_reactor::~curl_reactor() {
  for (auto& shard : shards_) curl_multi_cleanup(shard.multi);
  close(epoll_);
}

std::size_t curl_reactor::shard_of(uint32_t affinity) const {
  // Whoever spreads requests over several reactors takes the low bits; these are the high ones of a golden-ratio hash.
  const uint64_t mixed = affinity * uint64_t{0x9E3779B97F4A7C15};
  return (mixed >> 32) % shards_.size();
}

void curl_reactor::add(CURL* handle, std::size_t shard) {
  if (auto code = curl_multi_add_handle(shards_[shard].multi, handle); code != CURLM_OK)
    throw std::runtime_error(std::string("curl_multi_add_handle: ") + curl_multi_strerror(code));
}

void curl_reactor::remove(CURL* handle, std::size_t shard) { curl_multi_remove_handle(shards_[shard].multi, handle); }

void curl_reactor::wake() const { wakeup_.wake(); }

int curl_reactor::on_socket(CURL*, curl_socket_t socket, int what, void* shard_pointer,
                            void* watched_pointer) noexcept {
  auto* owner = static_cast<shard*>(shard_pointer);
  auto* entry = static_cast<watched*>(watched_pointer);
  const int epoll = owner->reactor->epoll_;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nullptr);
    if (entry == nullptr) return 0;
    curl_multi_assign(owner->multi, socket, nullptr);
    entry->owner = nullptr;
    owner->reactor->unwatched_.emplace_back(entry);
    return 0;
  }
  const bool known = entry != nullptr;
  if (!known) {
    // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): without memory the process ends, here as elsewhere
    entry = new watched{owner, socket};
    curl_multi_assign(owner->multi, socket, entry);
  }
  epoll_event event{};
  event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  event.data.ptr = entry;
  // A number of a descriptor may come back before its removal was seen, or the other way round.
  if (epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0)
    epoll_ctl(epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  return 0;
}

int curl_reactor::on_timer(CURLM*, long timeout, void* shard_pointer) noexcept {
  auto* owner = static_cast<shard*>(shard_pointer);
  owner->due = timeout < 0 ? time_point::max() : std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout);
  return 0;
}

int curl_reactor::next_timeout() const {
  auto due = time_point::max();
  for (const auto& shard : shards_) due = std::min(due, shard.due);
  if (due == time_point::max()) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(wait, 0, 60'000));
}

void curl_reactor::work_off_events(int timeout) {
  std::array<epoll_event, events_max> events;
  const int count = epoll_wait(epoll_, events.data(), events_max, timeout);
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    auto* entry = static_cast<watched*>(event.data.ptr);
    if (entry == nullptr) {
      wakeup_.take();
      continue;
    }
    if (entry->owner == nullptr) continue;
    int flags = 0;
    if ((event.events & EPOLLIN) != 0) flags |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) flags |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) flags |= CURL_CSELECT_ERR;
    auto* owner = entry->owner;
    owner->touched = true;
    int running = 0;
    curl_multi_socket_action(owner->multi, entry->socket, flags, &running);
  }
  unwatched_.clear();
}

void curl_reactor::work_off_timers() {
  const auto now = std::chrono::steady_clock::now();
  for (auto& shard : shards_) {
    if (shard.due > now) continue;
    shard.due = time_point::max();
    shard.touched = true;
    int running = 0;
    curl_multi_socket_action(shard.multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void curl_reactor::reap(shard& owner, std::vector<finished>& out) {
  owner.touched = false;
  int left = 0;
  while (auto* message = curl_multi_info_read(owner.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message is gone with the removal.
    const finished done{message->easy_handle, message->data.result};
    curl_multi_remove_handle(owner.multi, done.handle);
    out.push_back(done);
  }
}

void curl_reactor::run_once(std::vector<finished>& out) {
  work_off_events(next_timeout());
  work_off_timers();
  for (auto& shard : shards_)
    if (shard.touched) reap(shard, out);
}

}  // namespace rollcall
