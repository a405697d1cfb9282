#pragma once

#include <cstdint>
#include <string>

namespace rollcall::dns {

/// The record types that name a host; the values are those of the wire (RFC 1035, 2782, 3596).
enum class record_type : uint16_t { a = 1, ns = 2, mx = 15, aaaa = 28, srv = 33 };

/// One record of an answer.
struct record {
  record_type type = record_type::a;
  /// The address of an A or AAAA record; otherwise the host's name with its final dot, unusual bytes escaped as in a
  /// zone file.
  std::string target;
  uint16_t port = 0;  ///< Of an SRV record.

  bool operator==(const record&) const = default;
};

}  // namespace rollcall::dns
