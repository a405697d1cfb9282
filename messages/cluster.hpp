#pragma once

#include "lib/cluster/protocol.hpp"
#include "messages/act_wire.hpp"
#include "messages/web.hpp"

#include <cstdint>
#include <string>

/// Cluster: the only messages that cross nodes. What they carry is lib/cluster/protocol.hpp.
///   worker --hello--> coordinator --welcome--> worker      worker --words--> coordinator --words--> worker

namespace rollcall {

/// The next portion of what one side has to say.
struct words {
  cluster::frame said;

  bool operator==(const words&) const = default;
};

ACT_WIRE_FIELDS(words, x.said.session, x.said.sequence, x.said.acknowledged, x.said.stamp, x.said.echo, x.said.items)

/// The coordinator knows nothing of this session: introduce yourself again.
struct session_over {
  uint64_t session = 0;

  bool operator==(const session_over&) const = default;
};

ACT_WIRE_FIELDS(session_over, x.session)

/// WORKER PORT: how a coordinator reaches a worker.
using worker_port_actor = act::handle<
    // What it is to do.
    void(words),
    // It has to say hello again.
    void(session_over)>;

/// A worker's first words on a connection.
struct hello {
  uint32_t version = cluster::protocol_version;
  std::string node;  ///< Its name: unique in the cluster.
  std::string zone;
  std::string introduction;  ///< An encoded cluster::introduction.
  worker_port_actor port;

  bool operator==(const hello&) const = default;
};

ACT_WIRE_FIELDS(hello, x.version, x.node, x.zone, x.introduction, x.port)

/// The answer to a hello.
struct welcome {
  std::string refusal;     ///< Why the worker is not a member, or empty.
  std::string acceptance;  ///< An encoded cluster::acceptance.

  bool operator==(const welcome&) const = default;
};

ACT_WIRE_FIELDS(welcome, x.refusal, x.acceptance)

/// COORDINATOR PORT: how a worker reaches a coordinator.
using coordinator_port_actor = act::handle<
    // Makes the worker a member, or says why not.
    welcome(hello),
    // What happened there; every one is answered by words.
    void(words)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_web, rollcall_cluster)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::words)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::session_over)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::worker_port_actor)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::hello)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::welcome)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::coordinator_port_actor)
ACT_END(rollcall_cluster)
