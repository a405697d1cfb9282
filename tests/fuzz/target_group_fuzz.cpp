#include "actors/discovery/file_sd/target_group_file.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Target-group lists in both formats: reading ends with groups that carry what the mechanism adds, or with a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const target_group_origin origin = {"list", "__meta_url"};
  for (auto format : {target_group_format::yaml, target_group_format::json}) {
    auto groups = parse_target_groups(text, format, origin);
    if (!groups) {
      ROLLCALL_ASSERT(!groups.error().message.empty() && groups.error().message.front() != '0');
      continue;
    }
    for (const auto& group : *groups)
      ROLLCALL_ASSERT(group.common.get("__meta_url") == "list" && group.source.starts_with("list:"));
  }
  return 0;
}
