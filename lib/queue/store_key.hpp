#pragma once

#include "lib/queue/block_store.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How a key-value store keeps a queue; described in block.md.
namespace rollcall::queue {

/// What the value of a key is; the first byte of the key.
enum class table : char { blocks = 'b', summaries = 's', set_aside = 'x', reasons = 'y', last_appended = 'z' };

/// A key whose order is that of the table, then of the sequence.
class store_key {
 public:
  store_key(table of, uint64_t sequence);
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, 1 + sizeof(uint64_t)> bytes_;
};

/// The sequence in a key; nothing for what is no key of ours.
std::optional<uint64_t> sequence_of(std::string_view key);

/// The value in `last_appended`, whose one key has the sequence 0.
std::string encode_last_appended(uint64_t sequence);
/// 0 for what is damaged.
uint64_t decode_last_appended(std::string_view bytes);

/// The value in `reasons`; `bytes` is the size of the block, 0 when it could not be read.
std::string encode_reason(const set_aside_order& order, uint64_t bytes);
/// What is damaged is read as a reason that says so.
set_aside_block decode_reason(uint64_t sequence, std::string_view bytes);

}  // namespace rollcall::queue
