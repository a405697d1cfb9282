#pragma once

#include "lib/remote_write/request.hpp"

namespace rollcall::remote_write {

/// One request with all samples of two of the same kind, those of `older` first; it has no sequence. The bodies must be
/// ones that were made here.
request merge(const request& older, const request& newer);

}  // namespace rollcall::remote_write
