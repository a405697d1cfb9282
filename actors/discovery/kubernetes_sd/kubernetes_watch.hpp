#pragma once

#include "actors/act.hpp"
#include "actors/discovery/kubernetes_sd/cluster_access.hpp"
#include "actors/discovery/kubernetes_sd/kubernetes_sd_options.hpp"
#include "actors/discovery/kubernetes_sd/line_splitter.hpp"
#include "actors/discovery/kubernetes_sd/reflector.hpp"
#include "actors/environment.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/discovery.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// Watches: one for each list of objects, however many discoverers want to know of it.
///   kubernetes-sd --watch_objects--> kubernetes-watch --objects_changed--> kubernetes-sd

namespace rollcall {

/// Identifies a watch to one of its subscribers.
using watch_id = size_t;

/// What a subscriber knows of a watch's objects changes so.
struct objects_changed {
  watch_id watch = 0;
  bool complete = false;  ///< Whether all objects there are have been told by now. Said once.
  std::shared_ptr<const std::vector<kubernetes::object_change>> changes;

  bool operator==(const objects_changed&) const = default;
};

/// How a watch fares, told whenever that changes.
struct watch_health {
  watch_id watch = 0;
  std::string error;  ///< Empty when all is well.

  bool operator==(const watch_health&) const = default;
};

/// OBJECT SINK: anyone who wants to hear of objects.
using object_sink_actor = act::handle<
    // Takes changes, in order.
    void(objects_changed),
    // Takes what is the matter.
    void(watch_health)>;

/// Tell this sink of the objects from now on, beginning with all that is known.
struct watch_objects {
  watch_id id = 0;  ///< What the sink calls the watch.
  object_sink_actor sink;

  bool operator==(const watch_objects&) const = default;
};

/// KUBERNETES WATCH: follows the objects of one list. Conforms to: http stream sink.
/// Sends: objects_changed and watch_health to its sinks; to one that comes late after another LIST, since it keeps no
/// objects. While it is in trouble, what was known stays in force.
/// Ends: on exit. A sink that ends is forgotten.
using kubernetes_watch_actor = act::handle<
    // One more sink.
    void(watch_objects),
    // Names the actors to work with from now on.
    void(use_services)>;

/// The time to ask again has come.
struct retry_due {
  uint64_t generation = 0;

  bool operator==(const retry_due&) const = default;
};

/// Which list: equal ones can be one watch.
struct watched_list {
  kubernetes::cluster_access access;
  kubernetes::resource resource = kubernetes::resource::pod;
  std::string name_space;  ///< Empty for all.
  kubernetes_selector selector;

  bool operator==(const watched_list&) const = default;
};

struct kubernetes_watch_options {
  watched_list list;
  environment_ptr environment;
  services_ptr services;
  kubernetes::reflector::options follow;
  std::chrono::milliseconds list_timeout = std::chrono::minutes(2);
  std::chrono::milliseconds watch_begin_timeout = std::chrono::seconds(30);
  /// Longer than the server lets pass without a sign of life, which it gives about once a minute.
  std::chrono::seconds silence_max = std::chrono::minutes(3);
  uint64_t page_bytes_max = 512u << 20;
  uint64_t event_bytes_max = 16u << 20;        ///< The server takes no object of more than some megabytes.
  uint64_t events_ahead_bytes_max = 1u << 20;  ///< How much may have arrived and not be read.
};

struct kubernetes_watch_state : act::state_base {
  static inline const char* name = "kubernetes-watch";

  struct subscription {
    watch_id id = 0;
    bool told_all = false;
  };

  kubernetes_watch_state() : follower({}), lines(0) {}

  kubernetes_watch_options options;
  kubernetes::reflector follower;
  kubernetes::line_splitter lines;
  std::map<object_sink_actor, subscription> sinks;
  std::shared_ptr<kubernetes_metrics> metrics;
  std::string base_url;  // Up to the query.
  std::string endpoint;  // The path, for metrics.
  std::shared_ptr<const http::header_list> headers;
  http::client_config_ptr client;
  uint32_t affinity = 0;
  std::string error;  // As last told.
  uint64_t tag = 0;   // Of the latest request; answers to earlier ones come too late.
  bool waiting = false;
  int64_t asked = 0;
  act::watcher watchers;
};

kubernetes_watch_actor spawn_kubernetes_watch(caf::actor_system& system, kubernetes_watch_options options);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::objects_changed)
ACT_PRIVATE_MESSAGE(rollcall::watch_health)
ACT_PRIVATE_MESSAGE(rollcall::watch_objects)
ACT_PRIVATE_MESSAGE(rollcall::retry_due)
