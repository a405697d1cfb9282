#pragma once

#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall {

/// What a discovery knew at some time. The format of its encoding is described in group_snapshot.md.
struct group_snapshot {
  std::string configuration;             ///< Of the discovery, so that it is not taken for another's; no secrets.
  int64_t confirmed = 0;                 ///< When its source last said so, in milliseconds since the Unix epoch.
  std::vector<target_group_ptr> groups;  ///< In strictly ascending order of source, none null, each with targets.

  bool operator==(const group_snapshot& other) const;
};

using group_snapshot_ptr = std::shared_ptr<const group_snapshot>;

std::string encode(const group_snapshot& from);
/// Errors: syntax, when any byte is not as it was written, or is missing, or is too much.
result<group_snapshot> decode_group_snapshot(std::string_view bytes);

}  // namespace rollcall
