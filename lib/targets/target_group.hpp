#pragma once

#include "lib/labels/packed_labels.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rollcall {

/// Targets that came from one source, as a discovery mechanism reports them. A group without targets withdraws its
/// source. Immutable once shared: every holder sees the same value.
struct target_group {
  std::string source;                  ///< Unique within its provider.
  packed_labels common;                ///< Labels of every target of the group; a target's own win.
  std::vector<packed_labels> targets;  ///< Each with at least __address__.

  bool operator==(const target_group&) const = default;
};

using target_group_ptr = std::shared_ptr<const target_group>;

}  // namespace rollcall
