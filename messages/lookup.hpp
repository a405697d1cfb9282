#pragma once

#include "lib/dns/record.hpp"
#include "lib/znodes/znode_tree.hpp"
#include "messages/http.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// Lookup: what directories know that are no HTTP servers.
///   lookup sink --look_up--> dns resolver --looked_up--> lookup sink
///   znode sink --watch_znodes--> zookeeper client --znodes_changed--> znode sink

namespace rollcall {

/// The answer to a lookup.
struct looked_up {
  uint64_t tag = 0;                  ///< The lookup's tag.
  std::string error;                 ///< Why nobody could tell; empty when somebody did.
  std::vector<dns::record> records;  ///< In order of the answer. None also means that there is no such name.

  bool operator==(const looked_up&) const = default;
};

/// LOOKUP SINK: anyone who asks the resolver.
using lookup_sink_actor = act::handle<
    // The records of a name, or why they are not known.
    void(looked_up)>;

/// Find the records of a name and tell the sink.
struct look_up {
  std::string name;
  dns::record_type type = dns::record_type::a;
  uint64_t tag = 0;
  lookup_sink_actor sink;

  bool operator==(const look_up&) const = default;
};

/// DNS RESOLVER: asks the servers that resolv.conf names, for the names its search list gives; nothing is cached.
/// Sends: exactly one looked_up per look_up, also at shutdown, in a time bounded by the number of servers and names.
/// Ends: on exit from its parent, or with an error when its thread died.
using dns_resolver_actor = act::handle<
    // Looks a name up.
    void(look_up)>;

/// What changed in the trees that are watched, complete the first time and whenever they had to be read anew.
struct znodes_changed {
  znode_changes found;

  bool operator==(const znodes_changed&) const = default;
};

/// The trees cannot be followed for the moment; what was told of them may no longer be so.
struct znodes_unreadable {
  std::string error;

  bool operator==(const znodes_unreadable&) const = default;
};

/// ZNODE SINK: anyone who wants to know what is in some trees of ZooKeeper.
using znode_sink_actor = act::handle<
    // A change.
    void(znodes_changed),
    // Trouble; a change comes when it is over.
    void(znodes_unreadable)>;

/// Watch these trees; replaces the sink's earlier watch.
struct watch_znodes {
  std::vector<std::string> servers;  ///< "host:port" each, of one ensemble; without a port 2181.
  std::vector<std::string> paths;    ///< Roots of the trees.
  std::chrono::milliseconds session_timeout{0};
  znode_sink_actor sink;

  bool operator==(const watch_znodes&) const = default;
};

/// Watch no more for this sink.
struct unwatch_znodes {
  znode_sink_actor sink;

  bool operator==(const unwatch_znodes&) const = default;
};

/// ZOOKEEPER CLIENT: follows trees of znodes, with a session of its own for each watch.
/// Sends: znodes_changed to each sink, in order; znodes_unreadable when a tree cannot be read or the servers are away,
/// again and again until that is over. Ends: on exit from its parent, or with an error when its thread died.
using zookeeper_client_actor = act::handle<
    // Begins or changes a watch.
    void(watch_znodes),
    // Ends a watch.
    void(unwatch_znodes)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_http, rollcall_lookup)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::looked_up)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::look_up)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::znodes_changed)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::znodes_unreadable)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::watch_znodes)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::unwatch_znodes)
ACT_END(rollcall_lookup)
