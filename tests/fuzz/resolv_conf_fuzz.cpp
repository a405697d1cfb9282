#include "lib/base/assert.hpp"
#include "lib/dns/resolv_conf.hpp"

#include <cstddef>
#include <cstdint>

/// Any text is a resolv.conf within its bounds, and every name it has tried ends in a dot.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  auto conf = dns::parse_resolv_conf({reinterpret_cast<const char*>(data), size});
  ROLLCALL_ASSERT(conf.servers.size() <= dns::resolv_conf::servers_max);
  ROLLCALL_ASSERT(conf.search.size() <= dns::resolv_conf::search_max);
  ROLLCALL_ASSERT(conf.ndots <= dns::resolv_conf::ndots_max);
  for (const auto& name : dns::names_to_try(conf, "a.b")) ROLLCALL_ASSERT(name.ends_with('.'));
  return 0;
}
