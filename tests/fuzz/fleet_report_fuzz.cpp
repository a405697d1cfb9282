#include "actors/cluster/report_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace rollcall;

// What is understood of a worker's bytes is understood the same once it is written again, and what is not adds nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fleet_report report;
  if (!add_encoded(report, {reinterpret_cast<const char*>(data), size})) {
    if (report != fleet_report{}) std::abort();
    return 0;
  }
  fleet_report again;
  if (!add_encoded(again, encode_report(report))) std::abort();
  bool is_same = again.statuses == report.statuses && again.samples == report.samples &&
                 again.metadata.size() == report.metadata.size();
  if (!is_same) std::abort();
  return 0;
}
