#include "lib/queue/block.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace rollcall::queue {

namespace {

constexpr std::string_view block_magic = "RCB2";
constexpr std::string_view summary_magic = "RCS2";
constexpr size_t source_bytes_min = 10;
constexpr size_t fixed_bytes = 4 + 1 + 4 * 8 + 8;

int64_t as_signed(uint64_t value) { return static_cast<int64_t>(value); }

// By their number in a file, counted from 1.
constexpr std::array<remote_write::wire_form, 3> kinds{{
    {remote_write::message_kind::v1, remote_write::compression::snappy},
    {remote_write::message_kind::v2, remote_write::compression::snappy},
    {remote_write::message_kind::v1, remote_write::compression::zstd},
}};

uint8_t kind_of(const remote_write::wire_form& form) {
  auto found = std::find(kinds.begin(), kinds.end(), form);
  ROLLCALL_ASSERT(found != kinds.end());
  return static_cast<uint8_t>(found - kinds.begin() + 1);
}

bool is_possible(const remote_write::item_counts& counts) {
  return counts.samples > 0 && counts.histograms <= counts.samples &&
         counts.exemplars <= counts.samples - counts.histograms;
}

// Whether what was read could have been written.
bool read_sources(byte_reader& in, std::vector<remote_write::source_span>& sources) {
  auto count = in.varint();
  // A count that the bytes cannot hold must not make room for itself.
  if (count > sources_per_block_max || count > in.bytes_left() / source_bytes_min) return false;
  sources.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    remote_write::source_span span;
    span.source = in.fixed64();
    span.batch_first = in.varint();
    auto more = in.varint();
    if (more > std::numeric_limits<uint64_t>::max() - span.batch_first) return false;
    span.batch_last = span.batch_first + more;
    if (!in.good() || (!sources.empty() && sources.back().source >= span.source)) return false;
    sources.push_back(span);
  }
  return true;
}

}  // namespace

uint64_t encoded_bytes(const block& from) {
  const auto& request = from.request;
  auto bytes = fixed_bytes + varint_bytes(request.samples) + varint_bytes(request.histograms) +
               varint_bytes(request.exemplars) + varint_bytes(request.sources.size());
  for (const auto& span : request.sources)
    bytes += sizeof span.source + varint_bytes(span.batch_first) + varint_bytes(span.batch_last - span.batch_first);
  return bytes + varint_bytes(request.body->size()) + request.body->size();
}

std::string encode(const block& from) {
  byte_writer out;
  out.reserve(encoded_bytes(from));
  append(out, from);
  return out.take();
}

void append(byte_writer& out, const block& from) {
  const auto& request = from.request;
  ROLLCALL_ASSERT(request.body && request.sources.size() <= sources_per_block_max);
  auto part = out.begin(block_magic);
  out.fixed8(kind_of(request));
  out.fixed64(from.sequence);
  out.fixed64(static_cast<uint64_t>(from.created));
  out.fixed64(static_cast<uint64_t>(request.timestamp_lowest));
  out.fixed64(static_cast<uint64_t>(request.timestamp_highest));
  out.varint(request.samples);
  out.varint(request.histograms);
  out.varint(request.exemplars);
  out.varint(request.sources.size());
  for (const auto& span : request.sources) {
    out.fixed64(span.source);
    out.varint(span.batch_first);
    out.varint(span.batch_last - span.batch_first);
  }
  out.varint(request.body->size());
  out.raw(*request.body);
  out.end(part);
}

result<block> decode_block(std::string_view bytes) {
  byte_reader in(block_magic, bytes);
  if (!in.good()) return fail(errc::syntax, "the block is damaged: its checksum is wrong");
  block read;
  auto kind = in.fixed8();
  read.sequence = read.request.sequence = in.fixed64();
  read.created = as_signed(in.fixed64());
  read.request.timestamp_lowest = as_signed(in.fixed64());
  read.request.timestamp_highest = as_signed(in.fixed64());
  read.request.samples = in.varint();
  read.request.histograms = in.varint();
  read.request.exemplars = in.varint();
  if (!read_sources(in, read.request.sources)) return fail(errc::syntax, "the block's sources make no sense");
  auto length = in.varint();
  read.request.body = std::make_shared<const std::string>(in.raw(length));
  if (!in.finished()) return fail(errc::syntax, "the block has another length than its parts");
  if (kind == 0 || kind > kinds.size())
    return fail(errc::syntax, "the block is of kind " + std::to_string(kind) + ", which this version does not know");
  static_cast<remote_write::wire_form&>(read.request) = kinds[kind - 1];
  if (!is_possible(read.request)) return fail(errc::syntax, "the block has no samples, or makes no sense of them");
  return read;
}

block_summary summary_of(const block& from) {
  block_summary summary;
  summary.sequence = from.sequence;
  summary.bytes = encoded_bytes(from);
  static_cast<remote_write::item_counts&>(summary) = from.request;
  summary.created = from.created;
  for (const auto& span : from.request.sources) {
    summary.batch_highest = std::max(summary.batch_highest, span.batch_last);
  }
  return summary;
}

std::string encode(const block_summary& from) {
  byte_writer out(summary_magic);
  out.fixed64(from.sequence);
  out.fixed64(from.bytes);
  out.fixed64(from.samples);
  out.fixed64(from.histograms);
  out.fixed64(from.exemplars);
  out.fixed64(static_cast<uint64_t>(from.created));
  out.fixed64(from.batch_highest);
  return out.finish();
}

result<block_summary> decode_summary(std::string_view bytes) {
  byte_reader in(summary_magic, bytes);
  block_summary read;
  read.sequence = in.fixed64();
  read.bytes = in.fixed64();
  read.samples = in.fixed64();
  read.histograms = in.fixed64();
  read.exemplars = in.fixed64();
  read.created = as_signed(in.fixed64());
  read.batch_highest = in.fixed64();
  if (!in.finished() || !is_possible(read)) return fail(errc::syntax, "the summary of a block is damaged");
  return read;
}

}  // namespace rollcall::queue
