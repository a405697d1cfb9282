#include "tests/support/readable_batch.hpp"

#include <fmt/format.h>

namespace rollcall::test {

std::map<std::string, std::string> readable(const series::scrape_batch& batch) {
  std::map<std::string, std::string> result;
  for (const auto& part : batch.parts) {
    std::map<uint32_t, int64_t> times;
    for (const auto& each : part.timestamps) times[each.position] = each.milliseconds;
    uint32_t position = 0;
    for (const auto& block : *part.series) {
      for (size_t i = 0; i < block->size(); ++i, ++position) {
        auto bits = part.values.at(position);
        if (bits == series::absent) continue;
        auto text = bits == series::stale_marker ? std::string("stale") : fmt::format("{}", series::to_double(bits));
        if (auto time = times.find(position); time != times.end()) text += fmt::format("@{}", time->second);
        result[block->labels_of(i, *batch.target).to_string()] = text;
      }
    }
  }
  return result;
}

}  // namespace rollcall::test
