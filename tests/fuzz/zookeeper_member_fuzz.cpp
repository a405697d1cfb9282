#include "actors/discovery/nerve_sd/nerve_sd.hpp"
#include "actors/discovery/serverset_sd/serverset_sd.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>

/// The data of a znode: it is a member with an address and its path, or none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto member = parse_serverset_member(text, "/p")) {
    ROLLCALL_ASSERT(member->get("__meta_serverset_path") == "/p");
    ROLLCALL_ASSERT(member->get("__address__").find(':') != std::string_view::npos);
  }
  if (auto member = parse_nerve_member(text, "/p")) {
    ROLLCALL_ASSERT(member->get("__meta_nerve_path") == "/p");
    ROLLCALL_ASSERT(member->get("__address__").find(':') != std::string_view::npos);
  }
  return 0;
}
