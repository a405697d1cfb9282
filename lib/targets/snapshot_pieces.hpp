#pragma once

#include "lib/targets/group_snapshot.hpp"

#include <functional>
#include <string_view>

namespace rollcall {

/// Takes the next bytes.
using byte_sink = std::function<void(std::string_view bytes)>;

/// What encode() makes, handed on in pieces as it is made: names written out, it is larger than the groups are.
void encode_in_pieces(const group_snapshot& from, const byte_sink& sink);

}  // namespace rollcall
