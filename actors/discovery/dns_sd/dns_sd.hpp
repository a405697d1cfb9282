#pragma once

#include "actors/discovery/dns_sd/dns_sd_options.hpp"
#include "actors/discovery/mechanism.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rollcall {

/// It is time to look the names up again.
struct dns_refresh_due {
  bool operator==(const dns_refresh_due&) const = default;
};

struct dns_sd_state : act::state_base {
  static inline const char* name = "dns-sd";

  std::shared_ptr<const dns_sd_options> options;
  discoverer_context context;
  discoverer_status status;
  std::shared_ptr<refresh_metrics> metrics;
  std::map<uint64_t, std::string> asked;  // lookups without an answer yet, by tag
  uint64_t last_tag = 0;
  int64_t started = 0;                      // when the refresh under way began
  bool overdue = false;                     // the next refresh was due meanwhile
  std::string error;                        // of a lookup of this refresh, or empty
  bool delivered = false;                   // whether the first update is sent
  std::vector<target_group_ptr> collected;  // for the first update, which tells of all names at once
  act::watcher watchers;
};

/// dns_sd_configs: targets from the records of names. A lookup that fails leaves the name's targets as they were.
discovery_mechanism dns_sd();

/// The group of a name; `port` goes with records that bring none.
target_group make_dns_group(const std::string& name, const std::vector<dns::record>& records, uint16_t port);

}  // namespace rollcall

ACT_PRIVATE_MESSAGE(rollcall::dns_refresh_due)
