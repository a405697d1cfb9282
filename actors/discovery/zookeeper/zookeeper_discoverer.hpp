#pragma once

#include "actors/discovery/mechanism.hpp"
#include "actors/discovery/zookeeper/zookeeper_options.hpp"
#include "lib/base/result.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace rollcall {

/// Makes a target of a znode's data. Errors: the data is no member of its mechanism.
using znode_parser = result<labels> (*)(std::string_view data, const std::string& path);

struct zookeeper_discoverer_state : act::state_base {
  static inline const char* name = "zookeeper-discoverer";

  ~zookeeper_discoverer_state();

  std::string mechanism;
  std::shared_ptr<const zookeeper_sd_options> options;
  znode_parser parse = nullptr;
  discoverer_context context;
  discoverer_status status;
  std::set<std::string> znodes;  // that are there
  act::watcher watchers;
};

/// A discoverer that follows trees of ZooKeeper: every znode is a source, and its data a target or none. While the
/// servers are away the targets stay.
discoverer_actor spawn_zookeeper_discoverer(caf::actor_system& system, std::string mechanism,
                                            const sd_options_ptr& options, znode_parser parse,
                                            discoverer_context context);

}  // namespace rollcall
