#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::remote_write {

/// The batches of one source that a request has samples of. A source's batches are numbered in the order in which they
/// came; two requests that hold parts of one and the same batch have no series in common.
struct source_span {
  uint64_t source = 0;
  uint64_t batch_first = 0;
  uint64_t batch_last = 0;

  bool operator==(const source_span&) const = default;
};

/// One remote_write 1.0 WriteRequest, ready to be posted. Never changes, however often it is sent.
struct request {
  std::shared_ptr<const std::string> body;  ///< Compressed in snappy's block format.
  uint64_t samples = 0;                     ///< Samples, histograms and exemplars together.
  uint64_t histograms = 0;                  ///< How many of them are histograms.
  uint64_t exemplars = 0;                   ///< How many of them are exemplars.
  int64_t timestamp_lowest = 0;             ///< Of the samples, in milliseconds since the Unix epoch.
  int64_t timestamp_highest = 0;            ///< Likewise.
  std::vector<source_span> sources;         ///< In order of source, each once.
  uint64_t sequence = 0;                    ///< Its name in a durable queue; 0 when it is in none.
};

}  // namespace rollcall::remote_write
