#include "actors/io/curl_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>

namespace rollcall {

namespace {

/// Handles that wait for work keep some kilobytes each; a burst shall not leave thousands of them behind.
constexpr std::size_t idle_exchanges_max = 256;

/// Mean and maximum fill of the shards differ, hence a fifth of room.
std::size_t shards_for(const curl_options& options) {
  const auto per_shard = std::max<std::size_t>(1, static_cast<std::size_t>(options.connections_per_shard_max) * 4 / 5);
  return std::clamp<std::size_t>((options.connections_expected + per_shard - 1) / per_shard, 1, 512);
}

}  // namespace

curl_thread::curl_thread(curl_options options, part_callback on_part, answer_callback on_answer,
                         failure_callback on_failure)
    : options_(std::move(options)),
      on_part_(std::move(on_part)),
      on_answer_(std::move(on_answer)),
      on_failure_(std::move(on_failure)),
      reactor_(std::make_unique<curl_reactor>(shards_for(options_), options_.connections_per_shard_max)),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "curl");
}

curl_thread::~curl_thread() { stop(); }

/// False when the thread has ended and takes nothing any more.
template <class Put>
bool curl_thread::put_into_inbox(const Put& put) {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  // The thread takes all at once, so only the first one after that needs to wake it.
  const bool first = inbox_.empty();
  put(inbox_);
  lock.unlock();
  if (first) reactor_->wake();
  return true;
}

void curl_thread::submit(fetch order) {
  if (put_into_inbox([&](inbox& all) { all.fetches.push_back(std::move(order)); })) return;
  http::response response;
  response.failure = closed_why_;
  response.error = closed_error_;
  ++requests_;
  ++failures_;
  on_answer_(order, std::move(response));
}

void curl_thread::acknowledge(parts_taken taken) {
  put_into_inbox([&](inbox& all) { all.acknowledgements.push_back(std::move(taken)); });
}

void curl_thread::cancel(http_sink_actor sink, std::optional<uint64_t> tag) {
  put_into_inbox([&](inbox& all) { all.cancellations.push_back({std::move(sink), tag}); });
}

void curl_thread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  reactor_->wake();
  thread_.join();
}

http_client_status curl_thread::status() const { return {requests_, failures_, connections_opened_, in_flight_}; }

void curl_thread::run() {
  try {
    loop();
    close(http::failure::shutdown, "the HTTP client was stopped");
  } catch (const std::exception& exception) {
    close(http::failure::shutdown, std::string("the HTTP client failed: ") + exception.what());
    on_failure_(exception.what());
  }
}

void curl_thread::loop() {
  while (!stopping_) {
    if (options_.before_round) options_.before_round();
    finished_.clear();
    reactor_->run_once(finished_);
    for (const auto& done : finished_) finish(done);
    work_off_inbox();
    deliver();
  }
}

curl_thread::inbox curl_thread::take_inbox() {
  inbox all;
  {
    std::lock_guard lock(mutex_);
    all = std::exchange(inbox_, {});
  }
  std::move(all.fetches.begin(), all.fetches.end(), std::back_inserter(taken_));
  return all;
}

void curl_thread::work_off_inbox() {
  const auto all = take_inbox();
  for (; !taken_.empty(); taken_.pop_front()) begin(taken_.front());
  for (const auto& taken : all.acknowledgements) obey(taken);
  for (const auto& order : all.cancellations) obey(order);
}

void curl_thread::obey(const parts_taken& taken) {
  for (auto* exchange : streams_)
    if (exchange->is_of(taken.sink) && exchange->tag() == taken.tag) return exchange->resume(taken.bytes);
}

void curl_thread::obey(const cancellation& order) {
  // Backwards, because the last one takes the place of one that is concluded.
  for (auto i = active_.size(); i-- > 0;) {
    auto& exchange = *active_[i];
    if (!exchange.is_of(order.sink) || exchange.tag() != order.tag.value_or(exchange.tag())) continue;
    reactor_->remove(exchange.handle(), exchange.shard);
    conclude(exchange, exchange.abandon(http::failure::cancelled, "the request was cancelled"));
  }
}

void curl_thread::refuse(fetch order, http::failure why, const std::string& error) {
  ++failures_;
  http::response response;
  response.failure = why;
  response.error = error;
  answers_.push_back({std::move(order), std::move(response)});
}

curl_exchange* curl_thread::idle_exchange() {
  if (idle_.empty()) idle_.push_back(std::make_unique<curl_exchange>(options_.limits));
  auto exchange = std::move(idle_.back());
  idle_.pop_back();
  exchange->position = active_.size();
  active_.push_back(std::move(exchange));
  in_flight_ = active_.size();
  return active_.back().get();
}

/// When this throws, the order is either still where it was or in an active exchange.
void curl_thread::begin(fetch& order) {
  if (active_.size() >= options_.in_flight_max) {
    ++requests_;
    refuse(std::move(order), http::failure::transport,
           "more than " + std::to_string(options_.in_flight_max) + " requests in flight");
    return;
  }
  auto* exchange = idle_exchange();
  ++requests_;
  if (auto failed = exchange->begin(std::move(order), headers_, options_.proxies)) {
    conclude(*exchange, std::move(*failed));
    return;
  }
  if (exchange->is_streamed()) streams_.push_back(exchange);
  exchange->shard = reactor_->shard_of(exchange->affinity());
  reactor_->add(exchange->handle(), exchange->shard);
}

void curl_thread::finish(const curl_reactor::finished& done) {
  auto& exchange = curl_exchange::of(done.handle);
  connections_opened_ += static_cast<uint64_t>(exchange.connections_opened());
  if (auto response = exchange.finish(done.code, headers_, options_.proxies)) {
    conclude(exchange, std::move(*response));
  } else {
    reactor_->add(done.handle, exchange.shard);
  }
}

void curl_thread::conclude(curl_exchange& exchange, http::response response) {
  if (response.failure != http::failure::none) ++failures_;
  if (exchange.is_streamed()) {
    exchange.deliver_part(on_part_);
    std::erase(streams_, &exchange);
  }
  answers_.push_back({exchange.take_order(), std::move(response)});
  const auto position = exchange.position;
  auto owned = std::move(active_[position]);
  if (position + 1 != active_.size()) {
    active_[position] = std::move(active_.back());
    active_[position]->position = position;
  }
  active_.pop_back();
  in_flight_ = active_.size();
  if (idle_.size() < idle_exchanges_max) idle_.push_back(std::move(owned));
}

/// After the round's work with libcurl, so that actors wake up while the thread goes on to wait.
void curl_thread::deliver() {
  for (auto* stream : streams_) stream->deliver_part(on_part_);
  for (auto& answer : answers_) on_answer_(answer.order, std::move(answer.response));
  answers_.clear();
}

void curl_thread::close(http::failure why, const std::string& error) {
  while (!active_.empty()) {
    auto& exchange = *active_.back();
    reactor_->remove(exchange.handle(), exchange.shard);
    conclude(exchange, exchange.abandon(why, error));
  }
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    closed_why_ = why;
    closed_error_ = error;
  }
  take_inbox();
  for (auto& order : taken_) {
    // An order that was moved into its exchange is answered there.
    if (!order.request) continue;
    ++requests_;
    refuse(std::move(order), why, error);
  }
  taken_.clear();
  deliver();
}

}  // namespace rollcall
