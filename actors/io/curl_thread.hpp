#pragma once

#include "actors/io/curl_exchange.hpp"
#include "actors/io/curl_headers.hpp"
#include "actors/io/curl_proxy.hpp"
#include "actors/io/curl_reactor.hpp"
#include "messages/io.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rollcall {

struct curl_options {
  std::size_t connections_expected = 25'600;  ///< How many connections are kept open between requests.
  long connections_per_shard_max = 500;       ///< What a request costs grows with it beyond some hundreds.
  std::size_t in_flight_max = 20'000;         ///< Further requests fail at once.
  exchange_limits limits;
  environment_proxies proxies = environment_proxies::read();
  /// Called on the thread before each round of work. A test makes it throw to see what becomes of a thread that fails.
  std::function<void()> before_round;
};

/// A thread that performs HTTP requests. Knows no actors: it answers by callback. Every fetch that is submitted is
/// answered exactly once, also when the thread is stopped or fails; before that, parts of its body if it is streamed.
/// Callbacks run on the thread, except for fetches that come after its end: those are answered within submit.
class curl_thread {
 public:
  using part_callback = std::function<void(const fetch&, std::string&&)>;
  using answer_callback = std::function<void(const fetch&, http::response&&)>;
  using failure_callback = std::function<void(const std::string&)>;

  curl_thread(curl_options options, part_callback on_part, answer_callback on_answer, failure_callback on_failure);
  /// Stops the thread; see stop().
  ~curl_thread();
  curl_thread(const curl_thread&) = delete;
  curl_thread& operator=(const curl_thread&) = delete;

  /// From any thread.
  void submit(fetch order);
  /// From any thread. Means nothing when there is no such fetch any more.
  void acknowledge(parts_taken taken);
  /// Ends the fetch with this tag, or all fetches, of a sink. From any thread.
  void cancel(http_sink_actor sink, std::optional<uint64_t> tag = std::nullopt);

  /// Answers everything that is pending with failure::shutdown and ends the thread. Not from within a callback.
  void stop();

  http_client_status status() const;

 private:
  struct answer {
    fetch order;
    http::response response;
  };

  struct cancellation {
    http_sink_actor sink;
    std::optional<uint64_t> tag;
  };
  /// What was asked of the thread and not yet taken over by it.
  struct inbox {
    std::vector<fetch> fetches;
    std::vector<parts_taken> acknowledgements;
    std::vector<cancellation> cancellations;

    bool empty() const { return fetches.empty() && acknowledgements.empty() && cancellations.empty(); }
  };

  void run();
  void loop();
  void begin(fetch& order);
  void finish(const curl_reactor::finished& done);
  void conclude(curl_exchange& exchange, http::response response);
  void deliver();
  void close(http::failure why, const std::string& error);
  inbox take_inbox();
  void work_off_inbox();
  template <class Put>
  bool put_into_inbox(const Put& put);
  void obey(const parts_taken& taken);
  void obey(const cancellation& order);
  void refuse(fetch order, http::failure why, const std::string& error);
  curl_exchange* idle_exchange();

  const curl_options options_;
  const part_callback on_part_;
  const answer_callback on_answer_;
  const failure_callback on_failure_;
  std::unique_ptr<curl_reactor> reactor_;

  // Of the thread alone.
  header_cache headers_;
  std::vector<std::unique_ptr<curl_exchange>> active_, idle_;
  std::vector<curl_exchange*> streams_;  // Those of the active ones that are streamed.
  std::deque<fetch> taken_;              // Out of the inbox and not begun.
  std::vector<curl_reactor::finished> finished_;
  std::vector<answer> answers_;

  std::mutex mutex_;  // Guards what follows.
  inbox inbox_;
  bool closed_ = false;
  http::failure closed_why_ = http::failure::none;
  std::string closed_error_;

  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> requests_{0}, failures_{0}, connections_opened_{0}, in_flight_{0};
  std::thread thread_;
};

}  // namespace rollcall
