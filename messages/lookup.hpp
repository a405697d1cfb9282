#pragma once

#include "lib/dns/record.hpp"
#include "messages/http.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Lookup: what directories know that are no HTTP servers.
///   lookup sink --look_up--> dns resolver --looked_up--> lookup sink

namespace rollcall {

/// The answer to a lookup.
struct looked_up {
  uint64_t tag = 0;                  ///< The lookup's tag.
  std::string error;                 ///< Why nobody could tell; empty when somebody did.
  std::vector<dns::record> records;  ///< In order of the answer. None also means that there is no such name.

  bool operator==(const looked_up&) const = default;
};

/// LOOKUP SINK: anyone who asks the resolver.
using lookup_sink_actor = act::handle<
    // The records of a name, or why they are not known.
    void(looked_up)>;

/// Find the records of a name and tell the sink.
struct look_up {
  std::string name;
  dns::record_type type = dns::record_type::a;
  uint64_t tag = 0;
  lookup_sink_actor sink;

  bool operator==(const look_up&) const = default;
};

/// DNS RESOLVER: asks the servers that resolv.conf names, for the names its search list gives; nothing is cached.
/// Sends: exactly one looked_up per look_up, also at shutdown, in a time bounded by the number of servers and names.
/// Ends: on exit from its parent, or with an error when its thread died.
using dns_resolver_actor = act::handle<
    // Looks a name up.
    void(look_up)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_http, rollcall_lookup)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::looked_up)
ACT_LOCAL_MESSAGE(rollcall_lookup, rollcall::look_up)
ACT_END(rollcall_lookup)
