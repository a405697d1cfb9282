#pragma once

#include "lib/histograms/native_histogram.hpp"

#include <string>

namespace rollcall::histograms {

/// Appends the fields of a remote-write Histogram message but its last but one, the timestamp (number 15, an int64
/// varint), and custom_values (number 16), in order of their numbers and as libprotobuf writes proto3: zeros are left
/// out, but for the counts, which are in a oneof, and repeated numbers are packed. The message is the same in
/// prometheus.WriteRequest and io.prometheus.write.v2.Request.
void encode_histogram(std::string& out, const native_histogram& histogram);

/// Appends field 16, which stands behind the timestamp: nothing for a histogram without custom bounds.
void encode_custom_values(std::string& out, const native_histogram& histogram);

}  // namespace rollcall::histograms
