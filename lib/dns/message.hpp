#pragma once

#include "lib/base/result.hpp"
#include "lib/dns/record.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace rollcall::dns {

/// The records of a response's answer section (RFC 1035, 4), in order; those of other types (a CNAME on the way to an
/// address) are passed over. Whatever the response code. Errors: errc::syntax when the message, up to the end of that
/// section, is not well-formed.
result<std::vector<record>> parse_answer(std::string_view message);

}  // namespace rollcall::dns
