#pragma once

#include "lib/http/client_config.hpp"
#include "lib/http/content_type.hpp"
#include "lib/http/request.hpp"
#include "lib/series/scrape_cache.hpp"
#include "lib/targets/schedule.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace rollcall {

/// What the command line says of all scrapes.
struct scrape_mode {
  timestamp_adjustment adjust_timestamps = timestamp_adjustment::on;
  std::chrono::milliseconds timestamp_tolerance{2};
  bool created_timestamp_zero_ingestion = false;
  bool keep_start_times = false;  ///< Beside the samples, for receivers of remote_write 2.0.
  bool type_and_unit_labels = false;

  bool operator==(const scrape_mode&) const = default;
};

/// What the loops of one job have in common. Immutable and shared by them.
struct loop_settings {
  std::string job;
  std::shared_ptr<const http::header_list> headers;  ///< Accept, User-Agent and the like.
  http::client_config_ptr client;
  series::ingest_options_ptr ingest;
  uint64_t body_size_limit = 0;  ///< Bytes after inflation; reaching it fails the scrape. 0 means none.
  std::optional<http::exposition_format> fallback_format;  ///< Of a body of unknown type.
  bool extra_scrape_metrics = false;
  std::string failure_log_file;  ///< Where failed fetches are logged; empty for nowhere.
  timestamp_adjustment adjust_timestamps = timestamp_adjustment::on;
  std::chrono::milliseconds timestamp_tolerance{2};

  bool operator==(const loop_settings&) const = default;
};

using loop_settings_ptr = std::shared_ptr<const loop_settings>;

}  // namespace rollcall
