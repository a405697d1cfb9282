#pragma once

#include "actors/discovery/consul_sd/consul_api.hpp"
#include "actors/discovery/watch_session.hpp"
#include "lib/targets/backoff.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace rollcall {

struct consul_session_options {
  consul_sd_options configuration;
  std::shared_ptr<telemetry> metrics;
  backoff_options retry{.initial = std::chrono::seconds(1), .max = std::chrono::seconds(15)};
  /// How long a question waits for a change. Where there are more services than may be asked at the same time, each
  /// waits as much less as it takes for all to have their turn within about one refresh interval.
  std::chrono::milliseconds wait_max = std::chrono::minutes(2);
  std::chrono::milliseconds wait_min = std::chrono::seconds(1);
  /// What an answer may take beyond the waiting.
  std::chrono::milliseconds answer_time_max = std::chrono::seconds(30);
  /// Services asked for at the same time. An agent takes 200 connections from one address, unless told otherwise.
  size_t services_asked_max = 100;
  uint64_t body_bytes_max = 64u << 20;
};

/// Watches Consul: learns the datacenter, watches the catalog for services (unless the configuration names them), and
/// each service for its instances. Every service has its own pace, failures and delays, so that one that changes or
/// fails all the time disturbs no other.
///
/// Nothing is passed on until each service has been asked once, so that the first update is complete and withdraws
/// nothing that is still there. Where a service fails at that, the others are passed on without it, and the complete
/// update follows its first answer.
class consul_session : public watch_session {
 public:
  explicit consul_session(consul_session_options options);

  watch_actions begin(const watch_moment& moment) override;
  watch_actions answered(uint64_t tag, const http::response& response, const watch_moment& moment) override;
  watch_actions failed(uint64_t tag, const std::string& error, const watch_moment& moment) override;
  watch_actions due(uint64_t tag, const watch_moment& moment) override;
  std::string trouble() const override;

 private:
  enum class kind : unsigned char { agent, catalog, service };
  enum class phase : unsigned char { resting, queued, asked };
  enum class delivery : unsigned char { withheld, partial, complete };

  /// One question that is asked over and over.
  struct watch {
    consul_session::kind kind = kind::service;
    std::string service;
    consul_session::phase phase = phase::resting;
    uint64_t index = 0;
    int64_t asked = 0;
    bool settled = false;   // answered or failed at least once
    bool answered = false;  // at least once
    std::string error;      // of the last answer
    backoff retry;
    target_group_ptr group;  // what a service last had
  };

  uint64_t add_watch(kind kind, std::string service = {});
  void ask(uint64_t tag, watch& one, const watch_moment& moment, watch_actions& actions);
  void ask_queued(const watch_moment& moment, watch_actions& actions);
  void rest(uint64_t tag, watch& one, std::chrono::milliseconds delay, watch_actions& actions);
  void go_on(uint64_t tag, watch& one, const watch_moment& moment, watch_actions& actions);
  void retry(uint64_t tag, watch& one, const std::string& error, const watch_moment& moment, watch_actions& actions);
  void start_watching(const watch_moment& moment, watch_actions& actions);
  watch* take_answer(uint64_t tag);
  result<void> read(watch& one, const http::response& response, watch_actions& actions);
  void take_catalog(const consul_catalog& catalog, watch_actions& actions);
  void take_instances(watch& one, target_group group, watch_actions& actions);
  void deliver(watch_actions& actions);
  void observe(const watch& one, const http::response& response);
  std::chrono::milliseconds wait_time() const;

  consul_session_options options_;
  std::string datacenter_;
  std::map<uint64_t, watch> watches_;
  std::map<std::string, uint64_t> services_;
  std::deque<uint64_t> queue_;  // services that wait for their turn
  size_t services_asked_ = 0;   // also those that are watched no more
  uint64_t last_tag_ = 0;
  delivery delivery_ = delivery::withheld;
};

}  // namespace rollcall
