#pragma once

#include "messages/discovery.hpp"

#include <cstdint>
#include <string>

/// Failure log: where jobs keep account of fetches that failed (scrape_failure_log_file).
///   scrape loop --fetch_failed--> failure log

namespace rollcall {

/// A target could not be fetched.
struct fetch_failed {
  std::string file;  ///< The log it belongs to.
  int64_t time = 0;  ///< Milliseconds since the Unix epoch.
  std::string job;
  std::string target;  ///< Its URL.
  std::string error;

  bool operator==(const fetch_failed&) const = default;
};

/// The files may have been moved away: open them anew.
struct reopen_logs {
  bool operator==(const reopen_logs&) const = default;
};

/// FAILURE LOG: appends a line of JSON to a file for each fetch that failed.
/// Sends: nothing. What cannot be written is told in the process's own log, once per file until it can.
/// Ends: on exit from its parent.
using failure_log_actor = act::handle<
    // Writes a line.
    void(fetch_failed),
    // Closes all files; the next line opens its file again.
    void(reopen_logs)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_discovery, rollcall_failure_log)
ACT_LOCAL_MESSAGE(rollcall_failure_log, rollcall::fetch_failed)
ACT_LOCAL_MESSAGE(rollcall_failure_log, rollcall::reopen_logs)
ACT_END(rollcall_failure_log)
