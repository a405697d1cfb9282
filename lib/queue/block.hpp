#pragma once

#include "lib/base/byte_format.hpp"
#include "lib/base/result.hpp"
#include "lib/remote_write/request.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// What a durable queue keeps. The format of both encodings is described in block.md.
namespace rollcall::queue {

/// One wire request, encoded and compressed once, with what the queue must know of it.
struct block {
  uint64_t sequence = 0;          ///< Ascends within a queue and is never used twice.
  int64_t created = 0;            ///< Milliseconds since the Unix epoch.
  remote_write::request request;  ///< Its body is never null.
};

using block_ptr = std::shared_ptr<const block>;

/// What can be said of a block without its body.
struct block_summary : remote_write::item_counts {
  uint64_t sequence = 0;
  uint64_t bytes = 0;  ///< Of the encoded block.
  int64_t created = 0;
  uint64_t batch_highest = 0;  ///< The highest batch number of any of its sources.

  bool operator==(const block_summary&) const = default;
};

/// Bounds on what decode() believes.
inline constexpr uint64_t sources_per_block_max = 1'000'000;

std::string encode(const block& from);
/// Likewise, behind what was written before.
void append(byte_writer& out, const block& from);
/// How long that is.
uint64_t encoded_bytes(const block& from);
/// Errors: syntax, when any byte is not as it was written, or is missing, or is too much.
result<block> decode_block(std::string_view bytes);

block_summary summary_of(const block& from);

std::string encode(const block_summary& from);
/// Errors: as decode_block().
result<block_summary> decode_summary(std::string_view bytes);

}  // namespace rollcall::queue
