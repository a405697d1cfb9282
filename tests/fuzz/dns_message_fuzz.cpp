#include "lib/base/assert.hpp"
#include "lib/dns/message.hpp"

#include <cstddef>
#include <cstdint>

/// DNS messages: reading ends with records that have a target, or with a message that says so.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  auto records = dns::parse_answer({reinterpret_cast<const char*>(data), size});
  if (!records) {
    ROLLCALL_ASSERT(records.error().message.starts_with("malformed DNS message: "));
    return 0;
  }
  for (const auto& record : *records) {
    ROLLCALL_ASSERT(!record.target.empty());
    bool is_address = record.type == dns::record_type::a || record.type == dns::record_type::aaaa;
    ROLLCALL_ASSERT(is_address || record.target.back() == '.');
  }
  return 0;
}
