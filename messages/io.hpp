#pragma once

#include "lib/series/scrape_batch.hpp"
#include "messages/lookup.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Io: time, files, the door through which samples leave, and all that everyone needs of the outside world.
///   ticker --tick--> tick sink      file watcher --files_read--> file sink      loop --samples--> sample sink

namespace rollcall {

/// A moment that was asked for has come.
struct tick {
  int64_t scheduled = 0;  ///< When it was due, in milliseconds since the Unix epoch.

  bool operator==(const tick&) const = default;
};

/// TICK SINK: anyone who wants to be woken at an interval.
using tick_sink_actor = act::handle<
    // Its time has come; late ticks are not repeated.
    void(tick)>;

/// Wake the sink at every k * interval + phase of wall-clock time; replaces the sink's earlier schedule.
struct schedule {
  tick_sink_actor sink;
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds phase{0};

  bool operator==(const schedule&) const = default;
};

/// Wake the sink no more.
struct unschedule {
  tick_sink_actor sink;

  bool operator==(const unschedule&) const = default;
};

/// TICKER: one timer wheel for everyone who does something at an interval.
/// Sends: tick to each scheduled sink. A tick that could not be sent in time (the machine slept) is skipped.
/// Ends: on exit from its parent.
using ticker_actor = act::handle<
    // Starts or changes a schedule.
    void(schedule),
    // Ends a schedule.
    void(unschedule)>;

/// What one scrape yielded.
struct samples {
  series::scrape_batch_ptr batch;

  bool operator==(const samples&) const = default;
};

/// SAMPLE SINK: anyone who takes samples: a write endpoint, or a test.
using sample_sink_actor = act::handle<
    // Takes a batch; batches of one source come in order.
    void(samples)>;

/// A file as it was found.
struct file_content {
  std::string path;
  std::string error;  ///< Why it could not be read, or empty.
  std::string text;
  int64_t modified = 0;  ///< Milliseconds since the Unix epoch.

  bool operator==(const file_content&) const = default;
};

using file_content_ptr = std::shared_ptr<const file_content>;

/// All files that match the patterns now, in order of path; files that did not change are the same object as before.
struct files_read {
  std::vector<file_content_ptr> files;

  bool operator==(const files_read&) const = default;
};

/// FILE SINK: anyone who wants to know what is in some files.
using file_sink_actor = act::handle<
    // The files' contents, at first and whenever anything about them changed.
    void(files_read)>;

/// Watch the files that match these patterns; replaces the sink's earlier watch.
struct watch_files {
  std::vector<std::string> patterns;              ///< Paths; the last component may hold one `*`.
  std::chrono::milliseconds refresh_interval{0};  ///< How often to look without having been notified.
  file_sink_actor sink;

  bool operator==(const watch_files&) const = default;
};

/// Watch no more for this sink.
struct unwatch_files {
  file_sink_actor sink;

  bool operator==(const unwatch_files&) const = default;
};

/// FILE WATCHER: reads files and notices changes, by inotify and by looking again at an interval.
/// Sends: files_read to each sink: at once, after every notified change, and after a look that found a difference.
/// Ends: on exit from its parent, or with an error when its thread died.
using file_watcher_actor = act::handle<
    // Begins or changes a watch.
    void(watch_files),
    // Ends a watch.
    void(unwatch_files)>;

/// The actors that everyone needs and that may be replaced after a crash.
struct services {
  std::vector<http_client_actor> http;  ///< Never empty; pick by affinity.
  ticker_actor ticker;
  file_watcher_actor files;
  dns_resolver_actor dns;
  zookeeper_client_actor zookeeper;
  std::vector<sample_sink_actor> sinks;  ///< One per remote_write endpoint; may be empty.

  bool operator==(const services&) const = default;
};

using services_ptr = std::shared_ptr<const services>;

/// From now on use these. A handle that changed was restarted: what was asked of the old one is lost.
struct use_services {
  services_ptr services;

  bool operator==(const use_services&) const = default;
};

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_lookup, rollcall_io)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::tick)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::schedule)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::unschedule)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::samples)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::files_read)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::watch_files)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::unwatch_files)
ACT_LOCAL_MESSAGE(rollcall_io, rollcall::use_services)
ACT_END(rollcall_io)
