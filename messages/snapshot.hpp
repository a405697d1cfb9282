#pragma once

#include "lib/targets/group_snapshot.hpp"
#include "messages/io.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Snapshot: how what was discovered outlives the process.
///   provider --store_snapshot--> snapshot store      discovery manager --keep_snapshots--> snapshot store

namespace rollcall {

/// Keep this in place of what has been kept under the name.
struct store_snapshot {
  std::string name;  ///< Fit for a file's name.
  group_snapshot_ptr snapshot;

  bool operator==(const store_snapshot&) const = default;
};

/// What came of it.
struct snapshot_stored {
  uint64_t bytes = 0;
  std::string error;  ///< Why it was not, or empty.

  bool operator==(const snapshot_stored&) const = default;
};

struct get_snapshot {
  std::string name;

  bool operator==(const get_snapshot&) const = default;
};

struct stored_snapshot {
  group_snapshot_ptr snapshot;  ///< Null when there is none that can be read.

  bool operator==(const stored_snapshot&) const = default;
};

/// These names are in use, and no others.
struct keep_snapshots {
  std::vector<std::string> names;

  bool operator==(const keep_snapshots&) const = default;
};

/// SNAPSHOT STORE: keeps the last snapshot under each name in a file, on a thread of its own.
/// Sends: nothing. What is stored is on disk for good. A file that is damaged is set aside and told in the log.
/// Ends: on exit from its parent.
using snapshot_store_actor = act::handle<
    // Writes a snapshot.
    snapshot_stored(store_snapshot),
    // Reads one.
    stored_snapshot(get_snapshot),
    // Removes the files of other names once they are old, now and later.
    void(keep_snapshots)>;

/// Keep snapshots there from now on.
struct use_snapshot_store {
  snapshot_store_actor store;

  bool operator==(const use_snapshot_store&) const = default;
};

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_io, rollcall_snapshot)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::store_snapshot)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::snapshot_stored)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::get_snapshot)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::stored_snapshot)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::keep_snapshots)
ACT_LOCAL_MESSAGE(rollcall_snapshot, rollcall::use_snapshot_store)
ACT_END(rollcall_snapshot)
