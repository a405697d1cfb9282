#include "tests/simulation/schedules.hpp"

#include <cstdlib>
#include <numeric>
#include <optional>

namespace rollcall::test {

namespace {

std::optional<uint64_t> number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  if (!text) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

std::vector<uint64_t> seeds(uint64_t schedules_of_build, uint64_t share) {
  if (auto only = number_in_environment("ROLLCALL_SEED")) return {*only};
  std::vector<uint64_t> all(number_in_environment("ROLLCALL_SCHEDULES").value_or(schedules_of_build) / share);
  std::iota(all.begin(), all.end(), uint64_t{1});
  return all;
}

}  // namespace rollcall::test
