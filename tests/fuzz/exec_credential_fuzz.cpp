#include "lib/auth/exec_credential.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// What is read can be used: a token that fits into a header line, or a certificate with its key.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view output(reinterpret_cast<const char*>(data), size);
  for (const char* version : {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}) {
    auto read = rollcall::auth::read_exec_credential(output, version);
    if (!read) {
      require(!read.error().message.empty());
      continue;
    }
    require(rollcall::auth::is_header_value(read->token));
    require(read->certificate.empty() == read->key.empty());
    require(!read->token.empty() || !read->certificate.empty());
    require(!read->expires || read->expires->time_since_epoch().count() >= 0);
  }
  return 0;
}
