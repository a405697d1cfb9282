#pragma once

#include "lib/base/byte_format.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// What the files of a journal consist of; described in journal.md.
namespace rollcall::queue {

/// What a record has before its content.
inline constexpr size_t record_head_bytes = 4 + 8 + 8;

/// Begins a record of so many bytes, which are to be written next.
void begin_record(byte_writer& out, uint64_t bytes);

/// The content of the record with which these bytes begin; nothing when its head is damaged, or it is not whole.
std::optional<std::string_view> first_record(std::string_view bytes);

}  // namespace rollcall::queue
