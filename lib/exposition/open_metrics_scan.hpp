#pragma once

#include "lib/exposition/line_scan.hpp"

#include <cmath>

namespace rollcall::exposition {

/// What follows the series in a line of OpenMetrics.
struct scanned_open_metrics_sample : scanned_sample {
  std::string_view exemplar;  ///< For parse_exemplar(), which will not fail on it; empty if there is none.
};

/// Reads the exemplar whose '#' is at `at`, and moves to the newline behind it, of which there must be one. False, with
/// `at` anywhere, when it is none of the usual form: names without quotes, values of ASCII without escapes.
bool scan_exemplar(const char*& at, std::string_view& text);

namespace detail {

/// Reads a space and the time in seconds that is to follow.
inline bool scan_seconds(const char*& at, int64_t& milliseconds) {
  ++at;
  uint64_t bits = 0;
  if (!scan_value(at, bits)) return false;
  auto seconds = std::bit_cast<double>(bits);
  if (!std::isfinite(seconds)) return false;
  milliseconds = milliseconds_of(seconds);
  return true;
}

inline bool at_exemplar(const char* at) { return at[0] == ' ' && at[1] == '#'; }

}  // namespace detail

/// scan_after_series() for OpenMetrics: what it takes, open_metrics_parser takes just so. False, with `at` anywhere,
/// when that one has to decide.
inline bool scan_after_open_metrics_series(const char*& at, scanned_open_metrics_sample& sample) {
  if (*at != ' ') return false;
  ++at;
  if (!scan_value(at, sample.value_bits)) return false;
  sample.has_timestamp = false;
  sample.exemplar = {};
  if (*at != '\n') {
    if (*at != ' ') return false;
    if (!detail::at_exemplar(at)) {
      if (!detail::scan_seconds(at, sample.timestamp)) return false;
      sample.has_timestamp = true;
    }
    if (detail::at_exemplar(at) && !scan_exemplar(++at, sample.exemplar)) return false;
    if (*at != '\n') return false;
  }
  ++at;
  return true;
}

}  // namespace rollcall::exposition
