#pragma once

#include "app/discovery_report.hpp"
#include "lib/base/duration.hpp"

#include <string>

namespace rollcall {

struct daemon_flags;

/// What `rollcall check service-discovery` is asked to look at.
struct discovery_order {
  std::string file;
  std::string job;
  milliseconds timeout = std::chrono::seconds(30);
  report_format format = report_format::text;
};

/// Runs the job's discovery once and says on standard output what it found. Returns 0, or 1 when the configuration is
/// bad, there is no such job, or some mechanism has not said everything in time; standard error says which.
int check_service_discovery(const discovery_order& order, const daemon_flags& flags);

}  // namespace rollcall
