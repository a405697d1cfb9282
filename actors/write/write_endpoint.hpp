#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "actors/write/outbox.hpp"
#include "messages/write.hpp"

#include <memory>
#include <set>
#include <vector>

namespace rollcall {

/// Something may be due: a batch to be cut, a request to be sent or sent again.
struct wake_due {
  std::chrono::milliseconds at{0};  ///< On the actor clock.

  bool operator==(const wake_due&) const = default;
};

/// The time of a flush is over.
struct flush_due {
  uint64_t flush = 0;

  bool operator==(const flush_due&) const = default;
};

struct write_endpoint_options {
  outbox_ptr out;  ///< Never null; what it holds is delivered, whoever put it there.
  services_ptr services;
  environment_ptr environment;
  queue_store_actor store = {};             ///< Null while there is none, or nothing is to be kept.
  uint64_t response_bytes_max = 64 * 1024;  ///< Of a receiver's answer; only its begin is looked at.
  std::chrono::milliseconds log_pause = std::chrono::minutes(1);  ///< The least time between two lines on failures.
};

struct write_endpoint_state : act::state_base {
  static inline const char* name = "write-endpoint";

  struct open_flush {
    uint64_t id = 0;
    caf::typed_response_promise<flushed> promise;
  };

  write_endpoint_options options;
  http::request_ptr request_v1, request_v2, request_zstd;  // how to post each form
  std::vector<open_flush> flushes;
  uint64_t last_flush = 0;
  std::set<std::chrono::milliseconds> wakes;  // on the actor clock: when each wake_due that is pending comes
  int64_t last_logged = 0;
  std::string store_error;                              // the last one that was logged
  std::weak_ptr<const queue::journal_note> on_its_way;  // until the journal is done with it
  std::optional<std::chrono::milliseconds> note_due;    // on the actor clock: when what is to be noted has gathered
  act::watcher watchers;
};

write_endpoint_actor spawn_write_endpoint(caf::actor_system& system, write_endpoint_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::wake_due)
ACT_PRIVATE_MESSAGE(rollcall::flush_due)
