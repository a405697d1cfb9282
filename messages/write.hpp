#pragma once

#include "config/config.hpp"
#include "messages/queue.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Write: how samples leave.
///   scrape loop --samples--> write endpoint --fetch--> http client        write manager --sinks_changed--> supervisor

namespace rollcall {

/// The sample sinks that exist from now on, one per configured endpoint, in the order of the configuration.
struct sinks_changed {
  std::vector<sample_sink_actor> sinks;

  bool operator==(const sinks_changed&) const = default;
};

/// SERVICE REGISTRY: who tells everyone which actors to use.
using service_registry_actor = act::handle<
    // A new set of sample sinks.
    void(sinks_changed)>;

/// What an endpoint delivers to, and how.
struct write_settings {
  remote_write_config config;
  labels external_labels;
  name_validation scheme = name_validation::utf8;  ///< Of the names that write relabeling may make.

  bool operator==(const write_settings&) const = default;
};

using write_settings_ptr = std::shared_ptr<const write_settings>;

/// The endpoint has these settings now; what is pending for the same receiver stays as it is.
struct reload_endpoint {
  write_settings_ptr settings;

  bool operator==(const reload_endpoint&) const = default;
};

struct get_endpoint_status {
  bool operator==(const get_endpoint_status&) const = default;
};

/// How what an endpoint has on disk fares.
struct endpoint_queue {
  std::string name;     ///< Empty when nothing is kept on disk.
  uint64_t blocks = 0;  ///< Requests that are not delivered.
  uint64_t bytes = 0;
  int64_t oldest_created = 0;  ///< Milliseconds since the Unix epoch; 0 when there are none.
  uint64_t set_aside_bytes = 0;
  std::vector<queue::set_aside_block> set_aside;
  std::string store_error;  ///< Why the disk is not written to; empty when all is well.

  bool operator==(const endpoint_queue&) const = default;
};

struct endpoint_status {
  std::string name;
  std::string url;               ///< Without password.
  uint64_t samples_pending = 0;  ///< Taken but not yet delivered.
  uint64_t samples_delivered = 0;
  uint64_t samples_failed = 0;   ///< Refused for good by the receiver.
  uint64_t samples_dropped = 0;  ///< Dropped here: queue full, too old, or by write relabeling.
  uint64_t restarts = 0;
  std::string last_error;  ///< Empty after a success.
  endpoint_queue queue;

  bool operator==(const endpoint_status&) const = default;
};

/// Keep what is not delivered in this store from now on. What was asked of another is lost.
struct use_queue_store {
  queue_store_actor store;  ///< Null while there is none.

  bool operator==(const use_queue_store&) const = default;
};

/// What is to become of a block that was set aside.
enum class set_aside_fate : unsigned char { release, discard };

/// Send a block that was set aside again, or forget it.
struct settle_set_aside {
  std::string endpoint;  ///< Its name.
  uint64_t sequence = 0;
  set_aside_fate fate = set_aside_fate::release;

  bool operator==(const settle_set_aside&) const = default;
};

struct set_aside_settled {
  bool found = false;  ///< Whether there is such an endpoint with such a block.

  bool operator==(const set_aside_settled&) const = default;
};

/// Deliver what is pending, then answer; stop waiting when the time is over.
struct flush {
  std::chrono::milliseconds deadline{0};

  bool operator==(const flush&) const = default;
};

/// How much was left undelivered when a flush ended.
struct flushed {
  uint64_t samples_left = 0;

  bool operator==(const flushed&) const = default;
};

/// WRITE ENDPOINT: one remote_write receiver.
/// Conforms to: sample sink, http sink, queue sink.
/// Sends: queue_work to the queue store; fetch to the http client; retries what may succeed later, in the order of each
/// source. Ends: on exit from the write manager.
using write_endpoint_actor = act::handle<
    // Takes a batch; never blocks the sender. Over the queue's bound the oldest samples are dropped and counted.
    void(samples),
    // The receiver's answer to a request.
    void(fetched),
    // Names the actors to work with from now on.
    void(use_services),
    // The receiver's new settings.
    void(reload_endpoint),
    // The store's answer.
    void(queue_work_done),
    // Names the store to work with from now on.
    void(use_queue_store),
    // Releases or discards a block that was set aside.
    set_aside_settled(settle_set_aside),
    // Sends without waiting for full batches, and answers when all is delivered or the deadline is over.
    flushed(flush),
    // Counters since start.
    endpoint_status(get_endpoint_status)>;

/// Deliver to the receivers of this configuration, and no others. Endpoints that stay as they were go on untouched.
struct apply_remote_write {
  config_ptr config;

  bool operator==(const apply_remote_write&) const = default;
};

struct get_write_status {
  bool operator==(const get_write_status&) const = default;
};

struct write_status {
  std::vector<endpoint_status> endpoints;
  std::vector<stored_queue> orphans;  ///< Queues of endpoints that are not configured any more.

  bool operator==(const write_status&) const = default;
};

/// WRITE MANAGER: owns the queue store and the endpoints, and restarts one that crashed.
/// Sends: sinks_changed to the service registry whenever an endpoint comes, goes or is restarted.
/// Ends: on exit from the supervisor.
using write_manager_actor = act::handle<
    // A new set of endpoints.
    void(apply_remote_write),
    // Names the actors to work with from now on; handed on to the endpoints.
    void(use_services),
    // Flushes every endpoint; answers with the sum of what was left.
    flushed(flush),
    // How every endpoint fares.
    write_status(get_write_status),
    // Handed on to the endpoint that it names.
    set_aside_settled(settle_set_aside)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_queue, rollcall_write)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::sinks_changed)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::reload_endpoint)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::get_endpoint_status)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::endpoint_status)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::use_queue_store)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::settle_set_aside)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::set_aside_settled)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::flush)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::flushed)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::apply_remote_write)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::get_write_status)
ACT_LOCAL_MESSAGE(rollcall_write, rollcall::write_status)
ACT_END(rollcall_write)
