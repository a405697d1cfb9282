#pragma once

#include <cstdint>
#include <vector>

namespace rollcall::test {

/// The seeds of a test that has one of so many shares in all schedules: ROLLCALL_SCHEDULES of them, or what a build can
/// spare. ROLLCALL_SEED is the only one, of each test.
std::vector<uint64_t> seeds(uint64_t schedules_of_build, uint64_t share);

}  // namespace rollcall::test
