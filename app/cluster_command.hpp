#pragma once

#include <string>

namespace rollcall {

/// What `rollcall cluster` is asked to do.
struct cluster_order {
  enum class work : unsigned char { status, drain };

  cluster_order::work what = cluster_order::work::status;
  std::string url = "http://127.0.0.1:9095";  ///< Of a coordinator's API.
  std::string node;                           ///< For drain.
};

/// Asks, and says on standard output and error what the answer is. Returns 0, or 1 when it could not be done.
int run_cluster_command(const cluster_order& order);

}  // namespace rollcall
