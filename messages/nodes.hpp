#pragma once

#include "lib/cluster/placement_wish.hpp"
#include "messages/fleet.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

/// Nodes: how a process takes part in a cluster. None of these messages leaves its process.
///   placed loop --want_loop--> coordinator      node link --coordinator_found--> worker

namespace rollcall {

/// What the worker that has the loop said of its last scrape.
struct loop_observed {
  loop_status status;

  bool operator==(const loop_observed&) const = default;
};

/// LOOP SEAT: stands for a loop wherever it is.
using loop_seat_actor = act::handle<
    // News of the loop.
    void(loop_observed)>;

/// Have a loop run somewhere.
struct want_loop {
  std::string name;  ///< For people: the target's URL.
  cluster::loop_plan plan;
  cluster::opaque settings;  ///< What plan.settings stands for.
  cluster::placement_wish wish;
  loop_seat_actor seat;

  bool operator==(const want_loop&) const = default;
};

/// The loop has this plan now.
struct change_loop {
  cluster::loop_plan plan;
  cluster::opaque settings;  ///< What plan.settings stands for.

  bool operator==(const change_loop&) const = default;
};

/// The target is gone. With an heir, its series go on there.
struct unwant_loop {
  uint64_t key = 0;
  uint64_t heir_seat = 0;  ///< The actor id of the heir's seat; 0 for none.

  bool operator==(const unwant_loop&) const = default;
};

/// Where workers are to deliver.
struct configure_workers {
  config_ptr config;

  bool operator==(const configure_workers&) const = default;
};

struct get_cluster {
  bool operator==(const get_cluster&) const = default;
};

/// One worker, as the coordinator knows it.
struct node_view {
  std::string name;
  std::string zone;
  uint64_t loops = 0;
  uint64_t load = 0;    ///< Nanoseconds of CPU time per second, by estimate.
  uint64_t unsent = 0;  ///< Orders that wait to be acknowledged.
  uint64_t session = 0;
  bool draining = false;
  std::chrono::milliseconds silent_for{0};

  bool operator==(const node_view&) const = default;
};

/// The copies of what owners know of their targets' series.
struct copies_view {
  uint64_t targets = 0;
  uint64_t bytes = 0;
  uint64_t left_out = 0;  ///< Targets of which there is none, as it was too large or there was no room.

  bool operator==(const copies_view&) const = default;
};

struct cluster_view {
  std::string role;
  uint64_t epoch = 0;
  std::chrono::milliseconds lease{0};
  uint64_t targets = 0;
  uint64_t handovers = 0;  ///< Under way.
  uint64_t takeovers = 0;  ///< Since the start.
  copies_view copies;
  std::vector<node_view> nodes;
  std::vector<move_view> moves;  ///< The latest.
  std::string leader;            ///< HOST:PORT of who leads, where the view is that of one that does not.

  bool operator==(const cluster_view&) const = default;
};

/// Have everything moved away from a worker.
struct drain_node {
  std::string name;

  bool operator==(const drain_node&) const = default;
};

struct node_drained {
  bool found = false;  ///< Whether there is such a worker.

  bool operator==(const node_drained&) const = default;
};

/// CLUSTER COORDINATOR: knows who has which loop, and hands loops over.
/// Conforms to: coordinator port.
/// Sends: words to the workers; loop_observed to the seats.
/// Ends: on exit from its parent; the workers go on.
using cluster_coordinator_actor = act::handle<
    // Makes the worker a member, or says why not.
    welcome(hello),
    // What happened at a worker.
    void(words),
    // A new loop, or one that some worker has already.
    void(want_loop),
    // Another plan for a loop.
    void(change_loop),
    // A loop to be ended.
    void(unwant_loop),
    // Where to deliver.
    void(configure_workers),
    // Moves everything away from a worker.
    node_drained(drain_node),
    // What the whole cluster looks like.
    answer_begun(get_answer),
    // Nodes, moves, epochs.
    cluster_view(get_cluster),
    // Who has which target.
    places(get_places),
    // How the loops fare.
    fleet_report(get_fleet_report)>;

/// CLUSTER WORKER: runs the loops that a coordinator gives it, in place of a scrape manager.
/// Conforms to: scrape manager.
/// Sends: hello and words to the coordinator; the orders of a pool, and ticks, to the loops.
/// Ends: on exit from its parent.
using cluster_worker_actor = act::extended<scrape_manager_actor,
                                           // Asks the coordinator, if it can be reached.
                                           answer_begun(get_answer),
                                           // This node alone.
                                           cluster_view(get_cluster)>;

/// There is a connection to a coordinator.
struct coordinator_found {
  coordinator_port_actor coordinator;

  bool operator==(const coordinator_found&) const = default;
};

/// The connection is gone.
struct coordinator_lost {
  std::string why;

  bool operator==(const coordinator_lost&) const = default;
};

/// COORDINATOR SINK: anyone who wants to be connected to a coordinator.
using coordinator_sink_actor = act::handle<
    // Somebody to talk to.
    void(coordinator_found),
    // Nobody any more.
    void(coordinator_lost)>;

/// This coordinator does not do: try the next one.
struct leave_coordinator {
  bool operator==(const leave_coordinator&) const = default;
};

/// NODE LINK: keeps a connection to one of several coordinators.
/// Sends: coordinator_found and coordinator_lost, in turn, to its sink.
/// Ends: on exit from its parent.
using node_link_actor = act::handle<
    // Connects to the next one.
    void(leave_coordinator)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_fleet, rollcall_nodes)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::loop_observed)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::want_loop)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::change_loop)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::unwant_loop)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::configure_workers)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::get_cluster)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::cluster_view)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::drain_node)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::node_drained)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::coordinator_found)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::coordinator_lost)
ACT_LOCAL_MESSAGE(rollcall_nodes, rollcall::leave_coordinator)
ACT_END(rollcall_nodes)
