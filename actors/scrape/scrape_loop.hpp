#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/scrape.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rollcall {

/// The grace of a loop whose target is gone is over: its series go stale.
struct stale_due {
  bool operator==(const stale_due&) const = default;
};

/// Whether another loop is about to hand over its series.
enum class legacy : unsigned char { none, awaited };

/// The one target of a loop.
struct loop_target {
  http::request_ptr request;
  series::target_labels_ptr labels;
  uint64_t identity = 0;
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds phase{0};
};

struct scrape_loop_options {
  loop_target target;
  loop_settings_ptr settings;
  services_ptr services;
  environment_ptr environment;
  std::shared_ptr<interval_metrics> metrics;
  std::shared_ptr<dialer_metrics> dialer;
  failure_log_actor failure_log;  ///< For jobs with a log of failed fetches; none if invalid.
  std::string forced_error;       ///< As by force_error.
  /// While it is awaited, a loop that is to stop stays for its grace, as else those series would never go stale.
  legacy from_before = legacy::none;
  /// Bound on a body, on the wire and inflated, where the job sets none; more than any sane target sends.
  uint64_t body_bytes_max = 256u << 20;
  /// An answer that is this late beyond the timeout will not come any more: the client was lost.
  std::chrono::milliseconds answer_grace = std::chrono::seconds(5);
};

struct scrape_loop_state : act::state_base {
  static inline const char* name = "scrape-loop";

  /// A scrape under way.
  struct attempt {
    int64_t timestamp = 0;
    act::time_point started;
  };

  /// A target that is gone, on its way out.
  struct farewell {
    heir_actor heir;
    std::optional<int64_t> stale_time;  // the first tick without a scrape
    bool waiting = false;               // for stale_due
  };

  scrape_loop_options options;
  std::shared_ptr<series::scrape_cache> cache;
  /// What earlier owners and earlier rules knew; what is gone of it goes stale with the next scrape. There are more
  /// than one only when the target changes owners faster than it is scraped.
  std::vector<std::shared_ptr<series::scrape_cache>> predecessors;
  bool has_inherited = false;                   // from one that delivered samples
  std::shared_ptr<series::scrape_cache> shown;  // the latest outline that was asked for
  uint64_t shown_version = 0;
  std::optional<attempt> running;
  std::optional<farewell> stopping;
  uint64_t tag = 0;
  std::optional<act::time_point> last_started;
  size_t last_body_bytes = 0;
  size_t last_inflated_bytes = 0;
  loop_status status;
  series::scrape_batch_ptr last_batch;
  act::watcher watchers;
};

scrape_loop_actor spawn_scrape_loop(caf::actor_system& system, scrape_loop_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::stale_due)
