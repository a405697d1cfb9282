#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rollcall::remote_write {

/// The protobuf messages that samples travel in.
enum class message_kind : uint8_t {
  v1,  ///< prometheus.WriteRequest of remote_write 1.0
  v2,  ///< io.prometheus.write.v2.Request of remote_write 2.0
};

/// What bodies are compressed with.
enum class compression : uint8_t {
  snappy,  ///< Its block format, as the specifications of remote_write have it.
  zstd,    ///< One frame that tells its size, as VictoriaMetrics's protocol has it. For messages of version 1.
};

/// What a request is on the wire. The greater of two compressions or messages is that which fewer receivers understand.
struct wire_form {
  message_kind message = message_kind::v1;
  remote_write::compression compression = remote_write::compression::snappy;

  const wire_form& form() const { return *this; }
  bool operator==(const wire_form&) const = default;
};

/// How much there is of what can be delivered.
struct item_counts {
  uint64_t samples = 0;     ///< Samples, histograms and exemplars together.
  uint64_t histograms = 0;  ///< How many of them are histograms.
  uint64_t exemplars = 0;   ///< How many of them are exemplars.

  uint64_t floats() const { return samples - histograms - exemplars; }
  item_counts& operator+=(const item_counts& more) {
    samples += more.samples;
    histograms += more.histograms;
    exemplars += more.exemplars;
    return *this;
  }
  item_counts& operator-=(const item_counts& less) {
    samples -= less.samples;
    histograms -= less.histograms;
    exemplars -= less.exemplars;
    return *this;
  }
  bool operator==(const item_counts&) const = default;
};

/// What a receiver that refuses a request does not want: all of it, or perhaps some of its series only.
enum class blame : uint8_t { request, series };

/// The batches of one source that a request has samples of. A source's batches are numbered in the order in which they
/// came; two requests that hold parts of one and the same batch have no series in common.
struct source_span {
  uint64_t source = 0;
  uint64_t batch_first = 0;
  uint64_t batch_last = 0;

  bool operator==(const source_span&) const = default;
};

/// One request, ready to be posted. Never changes, however often it is sent.
struct request : item_counts, wire_form {
  std::shared_ptr<const std::string> body;
  int64_t timestamp_lowest = 0;      ///< Of the samples, in milliseconds since the Unix epoch.
  int64_t timestamp_highest = 0;     ///< Likewise.
  std::vector<source_span> sources;  ///< In order of source, each once.
  uint64_t sequence = 0;             ///< Its name in a durable queue; 0 when it is in none.
};

}  // namespace rollcall::remote_write
