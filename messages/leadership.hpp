#pragma once

#include "lib/cluster/leadership.hpp"
#include "messages/nodes.hpp"

#include <optional>
#include <string>

/// Leadership: which of several coordinators assigns.
///   leader gate --consult--> arbiter client --fetch--> etcd, Kubernetes
///   leader gate --follow_leader--> leader line      web_request --get_answer--> leader line --> the leader's gate

namespace rollcall {

/// Find out what the arbiter holds, or replace it.
struct consult {
  cluster::leadership::step step;

  bool operator==(const consult&) const = default;
};

/// What came of it: an error, or the answer to the kind of step that it was.
struct consulted {
  std::string error;
  cluster::register_content content;
  cluster::write_outcome outcome;

  bool operator==(const consulted&) const = default;
};

/// ARBITER CLIENT: speaks with the arbiter.
/// Sends: fetch to its HTTP client.
/// Ends: on exit from its parent.
using arbiter_client_actor = act::handle<
    // Whatever goes wrong is part of the answer.
    consulted(consult)>;

/// Be connected to whoever leads.
struct follow_leader {
  std::optional<std::string> address;  ///< HOST:PORT; empty for any of the others, nothing for nobody.

  bool operator==(const follow_leader&) const = default;
};

/// LEADER LINE: where a coordinator that does not lead has questions about the cluster answered.
/// Conforms to: answerer.
/// Ends: on exit from its parent.
using leader_line_actor = act::extended<answerer_actor,
                                        // Whom to ask from now on.
                                        void(follow_leader)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_nodes, rollcall_leadership)
ACT_LOCAL_MESSAGE(rollcall_leadership, rollcall::consult)
ACT_LOCAL_MESSAGE(rollcall_leadership, rollcall::consulted)
ACT_LOCAL_MESSAGE(rollcall_leadership, rollcall::follow_leader)
ACT_END(rollcall_leadership)
