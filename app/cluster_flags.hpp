#pragma once

#include "lib/base/duration.hpp"
#include "lib/base/result.hpp"
#include "lib/cluster/arbiter.hpp"
#include "lib/cluster/placement_wish.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// What a process is in a cluster.
enum class cluster_role : unsigned char {
  all,          ///< Everything in one process, without a cluster.
  coordinator,  ///< Discovers, and decides who scrapes what.
  worker        ///< Scrapes and delivers what a coordinator gives it.
};

/// What the owner of targets does when its coordinator is silent for longer than its lease.
enum class lease_loss : unsigned char { go_on, stop };

struct cluster_flags {
  cluster_role role = cluster_role::all;
  std::string listen_address = "127.0.0.1:9096";  ///< Of a coordinator.
  std::string advertise_address;                  ///< Where workers reach a coordinator; empty for listen_address.
  std::vector<std::string> join;                  ///< Coordinators of a worker.
  std::string arbiter;                            ///< What decides which coordinator leads; empty for none.
  std::string arbiter_certificate_file;
  std::string arbiter_key_file;
  std::string arbiter_authority_file;
  std::string certificate_file;
  std::string key_file;
  std::string authority_file;
  bool insecure = false;
  std::string node_name;  ///< Empty for the host's name.
  std::string zone;
  milliseconds lease = std::chrono::seconds(4);
  lease_loss on_lease_loss = lease_loss::go_on;
  uint32_t moves_per_minute = 0;                    ///< For balance; 0 for as many as the number of targets suggests.
  uint64_t copies_bytes_max = uint64_t{256} << 20;  ///< Of what workers know, at the coordinator; 0 for none.
  cluster::placement_rules placement;
  milliseconds drain_deadline = std::chrono::minutes(2);
};

/// Whether these make a cluster that may be started: everything but loopback needs mutual TLS unless `insecure` says
/// otherwise, and the files have to be there. Errors: errc::invalid_argument, errc::io.
result<void> check(const cluster_flags& flags);

/// The arbiter that these name. Errors: as cluster::find_arbiter.
result<cluster::named_arbiter> find_arbiter(const cluster_flags& flags);

}  // namespace rollcall
