#pragma once

#include "lib/remote_write/request.hpp"

namespace rollcall::remote_write {

/// One request with all samples of two, those of `older` first; it has no sequence. WriteRequests of remote_write 1.0
/// may be put one after the other: the repeated field of the whole is that of the parts.
request merge(const request& older, const request& newer);

}  // namespace rollcall::remote_write
