#pragma once

#include "lib/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::bench {

/// One sample as far as it is counted.
struct observed_sample {
  uint64_t series = 0;     ///< Hash of the label set; the order of the labels does not matter.
  int64_t timestamp = 0;   ///< Milliseconds since the epoch.
  bool is_stale = false;   ///< Its value is the staleness marker.
  bool is_report = false;  ///< Of the agent about a scrape: `up` or `scrape_*`, not of the target.

  bool operator==(const observed_sample&) const = default;
};

/// What a request carries.
struct observed_request {
  std::vector<observed_sample> samples;
  uint64_t exemplars = 0;
  uint64_t histograms = 0;
  uint64_t metadata = 0;
};

/// Reads remote write 1.0 requests; keeps its memory from one to the next. For one thread at a time.
class write_request_reader {
 public:
  explicit write_request_reader(size_t plain_bytes_max) : plain_bytes_max_(plain_bytes_max) {}

  /// Reads the body of a request: a snappy block of a prometheus.WriteRequest. The answer stays valid until the next
  /// call. Errors: errc::syntax, errc::limit_exceeded when the body inflates beyond the bound.
  result<const observed_request*> read(std::string_view body);

 private:
  const size_t plain_bytes_max_;
  std::string plain_;
  observed_request request_;
};

}  // namespace rollcall::bench
