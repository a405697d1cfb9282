#include "lib/remote_write/symbol_buffer.hpp"

#include "lib/base/assert.hpp"
#include "lib/histograms/encoding.hpp"

#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <bit>

namespace rollcall::remote_write {

namespace {

constexpr std::string_view metric_name_label = "__name__";
// A longer help text says nothing to anybody, and every request would carry it.
constexpr size_t help_bytes_max = 64 * 1024;

// Field numbers of io.prometheus.write.v2.
constexpr protozero::pbf_tag_type histogram_timestamp = 15;
constexpr protozero::pbf_tag_type histogram_start = 17;
constexpr protozero::pbf_tag_type exemplar_labels = 1;
constexpr protozero::pbf_tag_type exemplar_value = 2;
constexpr protozero::pbf_tag_type exemplar_timestamp = 3;
constexpr char sample_start_tag = 0x18;
constexpr char metadata_tag = 0x2A;
constexpr char metadata_type_tag = 0x08;
constexpr char metadata_help_tag = 0x18;
constexpr char metadata_unit_tag = 0x20;

size_t varint_bytes(uint64_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

}  // namespace

void symbol_buffer::append_to(std::string& out) const {
  out += symbols_.encoded();
  out += buffer_.bytes();
}

void symbol_buffer::clear() {
  symbols_.clear();
  buffer_.clear();
  labels_.clear();
  blocks_.clear();
  metadata_.clear();
  std::fill(slots_.begin(), slots_.end(), label_refs{});
  std::fill(literals_.begin(), literals_.end(), label_refs{});
  if (block_) enter_block(std::exchange(block_, nullptr));
}

void symbol_buffer::leave() {
  target_ = nullptr;
  table_ = nullptr;
  block_ = nullptr;
}

void symbol_buffer::enter_batch(const series::target_labels& target, series::metadata_ptr metadata) {
  target_ = &target;
  table_ = std::move(metadata);
  block_ = nullptr;
  slots_.assign(target.size(), {});
}

void symbol_buffer::enter_block(series::block_ptr block) {
  auto [found, fresh] = blocks_.try_emplace({block.get(), table_.get()}, block_labels{block, table_, labels_.size()});
  if (fresh) labels_.resize(labels_.size() + block->pair_count());
  labels_at_ = found->second.labels_at;
  block_ = std::move(block);
}

void symbol_buffer::look_up(label_refs& known, std::string_view pair) {
  auto [name, value] = series::decode_pair(pair);
  char bytes[16];
  char* end = write_varint(bytes, symbols_.ref_of(name));
  end = write_varint(end, symbols_.ref_of(value));
  auto size = static_cast<size_t>(end - bytes);
  ROLLCALL_ASSERT(size < sizeof known.packed);
  uint64_t packed = 0;
  std::memcpy(&packed, bytes, size);
  if (name == metric_name_label) known.metadata = metadata_of(value);
  known.packed = packed | static_cast<uint64_t>(size) << 56;
}

uint32_t symbol_buffer::metadata_of(std::string_view metric_name) {
  const auto* family = table_ ? series::find_family(*table_, metric_name) : nullptr;
  if (family == nullptr) return 0;
  auto help = family->help.size() > help_bytes_max ? 0 : symbols_.ref_of(family->help);
  auto unit = symbols_.ref_of(family->unit);
  encoded_metadata made{};
  char* out = made.bytes.data() + 2;
  if (family->type != exposition::metric_type::unknown) {
    *out++ = metadata_type_tag;
    *out++ = static_cast<char>(family->type);
  }
  if (help != 0) {
    *out++ = metadata_help_tag;
    out = write_varint(out, help);
  }
  if (unit != 0) {
    *out++ = metadata_unit_tag;
    out = write_varint(out, unit);
  }
  made.size = static_cast<uint8_t>(out - made.bytes.data());
  made.bytes[0] = metadata_tag;
  made.bytes[1] = static_cast<char>(made.size - 2);
  metadata_.push_back(made);
  return static_cast<uint32_t>(metadata_.size());
}

char* symbol_buffer::append_start(char* sample, char* out, int64_t start) {
  char* end = out;
  *end++ = sample_start_tag;
  end = write_varint(end, static_cast<uint64_t>(start));
  // Behind the tag stands the length, which is less than 128.
  sample[1] = static_cast<char>(sample[1] + (end - out));
  return end;
}

void symbol_buffer::finish_series(const begun_series& begun, char* out) {
  if (begun.metadata != 0) {
    const auto& metadata = metadata_[begun.metadata - 1];
    std::memcpy(out, metadata.bytes.data(), metadata.bytes.size());
    out += metadata.size;
  }
  char* start = buffer_.end();
  char* labels = start + header_room;
  auto labels_bytes = static_cast<size_t>(begun.labels_end - labels);
  auto rest_bytes = static_cast<size_t>(out - labels);
  auto total = 1 + varint_bytes(labels_bytes) + rest_bytes;
  auto header = 2 + varint_bytes(total) + varint_bytes(labels_bytes);
  if (header != header_room) std::memmove(start + header, labels, rest_bytes);
  *start++ = series_tag;
  start = write_varint(start, total);
  *start++ = labels_tag;
  start = write_varint(start, labels_bytes);
  buffer_.take(start + rest_bytes);
}

void symbol_buffer::encode(std::string& out, const histograms::native_histogram& histogram, int64_t timestamp,
                           int64_t start) {
  histograms::encode_histogram(out, histogram);
  protozero::pbf_writer writer(out);
  if (timestamp != 0) writer.add_int64(histogram_timestamp, timestamp);
  histograms::encode_custom_values(out, histogram);
  if (start != 0) protozero::pbf_writer(out).add_int64(histogram_start, start);
}

void symbol_buffer::encode(std::string& out, const exposition::exemplar& exemplar) {
  auto labels = exemplar.labels;
  std::sort(labels.begin(), labels.end());
  std::vector<uint32_t> refs;
  refs.reserve(2 * labels.size());
  for (const auto& [name, value] : labels) {
    refs.push_back(symbols_.ref_of(name));
    refs.push_back(symbols_.ref_of(value));
  }
  protozero::pbf_writer writer(out);
  writer.add_packed_uint32(exemplar_labels, refs.begin(), refs.end());
  if (exemplar.value_bits != 0) writer.add_double(exemplar_value, std::bit_cast<double>(exemplar.value_bits));
  if (exemplar.timestamp.value_or(0) != 0) writer.add_int64(exemplar_timestamp, *exemplar.timestamp);
}

}  // namespace rollcall::remote_write
