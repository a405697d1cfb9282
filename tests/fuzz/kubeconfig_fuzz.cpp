#include "actors/discovery/kubernetes_sd/cluster_access.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Kubeconfig files: reading ends with a server, or with a message that says which file it is about.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto access = rollcall::kubernetes::read_kubeconfig({reinterpret_cast<const char*>(data), size}, "/home");
  if (access)
    ROLLCALL_ASSERT(access->server.starts_with("http"));
  else
    ROLLCALL_ASSERT(access.error().message.starts_with("kubeconfig: "));
  return 0;
}
