#include "lib/cluster/etcd_arbiter.hpp"
#include "lib/cluster/kubernetes_arbiter.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace rollcall;

void require(bool holds) {
  if (!holds) std::abort();
}

// Whatever an arbiter answers: what is taken for a mandate can be surpassed and comes to an end.
void check(const cluster::arbiter& dialect, int status, const std::string& body) {
  if (auto content = dialect.content_of(status, body); content && content->held) {
    require(!content->version.empty());
    require(content->held->epoch > 0 && content->held->epoch < cluster::epoch_max);
    require(content->held->lease.count() > 0);
  }
  if (auto outcome = dialect.outcome_of(status, body)) require(outcome->is_written == !outcome->version.empty());
}

}  // namespace

// The first byte chooses the status.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const cluster::etcd_arbiter etcd("http://etcd", "key");
  static const cluster::kubernetes_arbiter kubernetes("https://api", "namespace", "name");
  int status = data[0] % 4 == 1 ? 404 : data[0] % 4 == 2 ? 409 : 200;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(etcd, status, body);
  check(kubernetes, status, body);
  return 0;
}
