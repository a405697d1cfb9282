#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <cstdint>
#include <string>

namespace rollcall::remote_write {

/// Appends a Histogram message of remote_write 1.0; the timestamp is in milliseconds since the Unix epoch.
void append_histogram_message(std::string& out, const histograms::native_histogram& histogram, int64_t timestamp);

/// Appends an Exemplar message of remote_write 1.0: its labels in order of name, its value, and its timestamp, which
/// must be set.
void append_exemplar_message(std::string& out, const exposition::exemplar& exemplar);

}  // namespace rollcall::remote_write
