#pragma once

#include "config/config.hpp"

#include <cstddef>
#include <string>

namespace rollcall {

/// Under which name the snapshots of a discovery are kept, and whose they are.
struct snapshot_identity {
  std::string name;           ///< Empty: none are kept.
  std::string configuration;  ///< As YAML, without secrets.

  bool operator==(const snapshot_identity&) const = default;
};

/// The same for the same configuration on every machine and in every run, whatever its secrets. `further` tells
/// discoveries apart that differ in their secrets alone. None for what static and file discovery find: that is on this
/// machine's disk already, and they say everything there is as soon as they start.
snapshot_identity identify_snapshot(const sd_config& discovery, size_t further);

}  // namespace rollcall
