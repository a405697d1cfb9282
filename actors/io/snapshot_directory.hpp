#pragma once

#include "lib/base/result.hpp"
#include "lib/targets/snapshot_pieces.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace rollcall {

/// Snapshots in a directory, each in a file of its own that is replaced as a whole: whenever the process or the machine
/// ends, it is there as it was before a write or as it is after it. Only the owner may read them, and files that are
/// none stay untouched. Every call may block.
class snapshot_directory {
 public:
  /// Beyond this a file is no snapshot of ours.
  static constexpr uint64_t file_bytes_max = uint64_t{1} << 30;

  explicit snapshot_directory(std::string path) : path_(std::move(path)) {}

  /// Writes what the function hands to the sink that it is given. Makes the directory if need be. Returns how many
  /// bytes that were. Errors: io.
  result<uint64_t> write(const std::string& name, const std::function<void(const byte_sink&)>& content) const;
  /// Errors: not_found; io; limit_exceeded.
  result<std::string> read(const std::string& name) const;
  /// Renames a file, so that it is there to be looked at and no longer in the way. Errors: io.
  result<void> set_aside(const std::string& name) const;
  /// Removes all but these that were written before this time, in milliseconds since the Unix epoch, and what was set
  /// aside before it. Files that cannot be removed stay.
  void remove_old(const std::set<std::string>& except, int64_t before) const;

 private:
  std::string file(const std::string& name, std::string_view state = {}) const;

  std::string path_;
};

}  // namespace rollcall
