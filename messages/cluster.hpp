#pragma once

#include "lib/cluster/protocol.hpp"
#include "messages/act_wire.hpp"
#include "messages/web.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Cluster: the only messages that cross nodes. What they carry is lib/cluster/protocol.hpp.
///   worker --hello--> coordinator --welcome--> worker      worker --words--> coordinator --words--> worker
///   coordinator --get_loops_page--> worker      worker --get_answer--> coordinator, then --get_answer_rest--> its
///   answer

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
  /// An encoded cluster::candidacy: what was promised to it is given back, and the worker is to look for another
  /// coordinator. Empty for none.
  std::string given_back{};

  bool operator==(const session_over&) const = default;
};

ACT_WIRE_FIELDS(session_over, x.session, x.given_back)

/// What can be asked about loops.
enum class loops_topic : uint8_t { statuses, metadata, samples };

/// What is asked about loops, and about which.
struct loops_question {
  loops_topic topic = loops_topic::statuses;
  std::string job;                           ///< Loops of one job only, or of all when empty.
  std::string metric;                        ///< Metadata of one metric family only, or of all when empty.
  std::vector<std::string> selectors;        ///< Samples of the series that match any of them.
  std::vector<std::string> external_labels;  ///< What these samples get: name and value in turn.

  bool operator==(const loops_question&) const = default;
};

/// One page of an answer: no message grows with the number of loops.
struct get_loops_page {
  loops_question about;
  uint64_t after = 0;  ///< Where the page before has ended; 0 for the first.

  bool operator==(const get_loops_page&) const = default;
};

ACT_WIRE_FIELDS(get_loops_page, x.about.topic, x.about.job, x.about.metric, x.about.selectors, x.about.external_labels,
                x.after)

struct loops_page {
  std::string entries;  ///< An encoded fleet_report.
  uint64_t end = 0;     ///< Where the page ends; 0 when nothing comes after it.

  bool operator==(const loops_page&) const = default;
};

ACT_WIRE_FIELDS(loops_page, x.entries, x.end)

/// WORKER PORT: how a coordinator reaches a worker.
using worker_port_actor = act::handle<
    // What it is to do.
    void(words),
    // It has to say hello again, there or elsewhere.
    void(session_over),
    // How its loops fare.
    loops_page(get_loops_page)>;

/// Bytes of an answer, from here on.
struct get_answer_rest {
  uint64_t from = 0;

  bool operator==(const get_answer_rest&) const = default;
};

ACT_WIRE_FIELDS(get_answer_rest, x.from)

struct answer_rest {
  std::string bytes;  ///< Not empty, unless there are no more.

  bool operator==(const answer_rest&) const = default;
};

ACT_WIRE_FIELDS(answer_rest, x.bytes)

/// ANSWER SOURCE: holds an answer until it is fetched.
/// Ends: when its last byte was fetched, or nobody fetches any for a while.
using answer_source_actor = act::handle<
    // The next portion.
    answer_rest(get_answer_rest)>;

/// What a web server of another node would answer.
struct get_answer {
  std::string target;           ///< Path and query, below any prefix.
  std::string accept_encoding;  ///< What the body may be compressed by.

  bool operator==(const get_answer&) const = default;
};

ACT_WIRE_FIELDS(get_answer, x.target, x.accept_encoding)

/// The beginning of an answer.
struct answer_begun {
  uint32_t status = 0;  ///< Of HTTP; 0 when there is nobody to answer.
  std::string content_type;
  std::string content_encoding;
  uint64_t size = 0;  ///< Of the whole body.
  std::string bytes;
  answer_source_actor rest;

  bool operator==(const answer_begun&) const = default;
};

ACT_WIRE_FIELDS(answer_begun, x.status, x.content_type, x.content_encoding, x.size, x.bytes, x.rest)

/// ANSWERER: a web server, for other nodes.
using answerer_actor = act::handle<
    // Answers, or says that it cannot.
    answer_begun(get_answer)>;

/// A worker's first words on a connection.
struct hello {
  uint32_t version = cluster::protocol_version;
  std::string node;  ///< Its name: unique in the cluster.
  std::string zone;
  std::string introduction;  ///< An encoded cluster::introduction.
  std::string vote;          ///< An encoded cluster::vote.
  worker_port_actor port;

  bool operator==(const hello&) const = default;
};

ACT_WIRE_FIELDS(hello, x.version, x.node, x.zone, x.introduction, x.vote, x.port)

/// The answer to a hello. With neither a refusal nor an acceptance, the worker says hello again at each beat.
struct welcome {
  std::string refusal;      ///< Why the worker is not a member, or empty.
  std::string acceptance;   ///< An encoded cluster::acceptance.
  uint64_t epoch = 0;       ///< The highest that is known there; whoever leads in an earlier one is not to be obeyed.
  std::string leader;       ///< HOST:PORT of who leads, as far as that is known; empty where there is one coordinator.
  std::string candidacy{};  ///< An encoded cluster::candidacy: what the worker is asked to promise.

  bool operator==(const welcome&) const = default;
};

ACT_WIRE_FIELDS(welcome, x.refusal, x.acceptance, x.epoch, x.leader, x.candidacy)

/// COORDINATOR PORT: how a worker reaches a coordinator.
using coordinator_port_actor = act::handle<
    // Makes the worker a member, asks for its promise, or says why not.
    welcome(hello),
    // What happened there; every one is answered by words.
    void(words),
    // What the whole cluster looks like.
    answer_begun(get_answer)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_web, rollcall_cluster)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::words)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::session_over)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::get_loops_page)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::loops_page)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::worker_port_actor)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::get_answer_rest)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::answer_rest)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::answer_source_actor)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::get_answer)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::answer_begun)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::hello)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::welcome)
ACT_WIRE_MESSAGE(rollcall_cluster, rollcall::coordinator_port_actor)
ACT_END(rollcall_cluster)
