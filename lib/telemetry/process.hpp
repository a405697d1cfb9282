#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace rollcall {

/// The process_* metrics as they are now, read from /proc. What cannot be read is left out.
std::vector<prometheus::MetricFamily> collect_process();

}  // namespace rollcall
