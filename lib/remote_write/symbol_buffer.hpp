#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/histograms/native_histogram.hpp"
#include "lib/remote_write/growing_buffer.hpp"
#include "lib/remote_write/symbol_table.hpp"
#include "lib/remote_write/wire_buffer.hpp"
#include "lib/series/metadata.hpp"
#include "lib/series/series_block.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::remote_write {

/// What stands for one label in a remote_write 2.0 request.
struct label_refs {
  /// The references of name and value as varints, in the order of memory; the highest byte is how many bytes they are.
  /// 0 while they are not looked up.
  uint64_t packed = 0;
  uint32_t metadata = 0;  ///< Which metadata a series with this label has; 0 for none that is known.
};

/// The protobuf bytes of a remote_write 2.0 Request under construction. A label of a block or a target is looked up
/// among the request's strings once, when a series first has it; after that it is one move of 8 bytes. Its memory grows
/// as needed and stays for the next request.
class symbol_buffer {
 public:
  static constexpr bool takes_custom_buckets = true;

  /// All of the request: its strings, then its series.
  void append_to(std::string& out) const;
  /// Begins another request. The batch, block and plan that were entered are entered in it too.
  void clear();
  /// Whether there is no room for the strings of one more series.
  bool full() const { return symbols_.size() >= symbols_max; }

  // What comes is of this batch, block and plan, until the next is entered.
  /// The metadata may be null.
  void enter_batch(const series::target_labels& target, series::metadata_ptr metadata);
  void enter_block(series::block_ptr block);
  void enter_plan(size_t literals) { literals_.assign(literals, {}); }
  /// Nothing is entered any more, so that nothing is held on to.
  void leave();

  label_refs own_label(uint16_t id) {
    auto& known = labels_[labels_at_ + id];
    if (known.packed == 0) look_up(known, block_->pair(id));
    return known;
  }
  label_refs target_label(size_t slot) {
    auto& known = slots_[slot];
    if (known.packed == 0) look_up(known, target_->encoded(slot));
    return known;
  }
  /// `pair` is the plan's literal of this number.
  label_refs literal(size_t number, std::string_view pair) {
    auto& known = literals_[number];
    if (known.packed == 0) look_up(known, pair);
    return known;
  }

  /// Appends a TimeSeries of one sample. `refs_of(id)` gives the label of each id. `start`, in milliseconds since the
  /// Unix epoch, is when the series began; 0 when that is not known.
  template <class Id, class RefsOf>
  void append_series(std::span<const Id> ids, RefsOf refs_of, series::value_bits value,
                     const encoded_timestamp& timestamp, int64_t start) {
    auto begun = begin_series(ids, refs_of);
    char* out = append_sample(begun.labels_end, value, timestamp);
    finish_series(begun, start == 0 ? out : append_start(begun.labels_end, out, start));
  }

  /// Appends a TimeSeries of one histogram or exemplar, whose message was encoded by encode().
  template <class Id, class RefsOf>
  void append_series(std::span<const Id> ids, RefsOf refs_of, series_field field, std::string_view message) {
    auto begun = begin_series(ids, refs_of);
    char* out = buffer_.room(begun.labels_end, message.size() + tail_room);
    begun.labels_end = out;
    *out++ = field == series_field::exemplar ? exemplar_tag : histogram_tag;
    out = write_varint(out, message.size());
    std::memcpy(out, message.data(), message.size());
    finish_series(begun, out + message.size());
  }

  void encode(std::string& out, const histograms::native_histogram& histogram, int64_t timestamp, int64_t start);
  void encode(std::string& out, const exposition::exemplar& exemplar);

 private:
  struct block_labels {
    series::block_ptr block;  // held, or its address could become that of another
    series::metadata_ptr metadata;
    size_t labels_at;
  };
  // Field 5 of a TimeSeries, whole.
  struct encoded_metadata {
    std::array<char, 12> bytes;
    uint8_t size;
  };
  struct begun_series {
    char* labels_end;
    uint32_t metadata;
  };

  // A request with more symbols is cut; references then have 3 bytes at most, whatever labels its last series has.
  static constexpr size_t symbols_max = size_t{1} << 20;
  // Tags and lengths of the series and its references, with one byte for each length: what nearly all need.
  static constexpr size_t header_room = 4;
  static constexpr size_t header_room_max = 12;
  static constexpr size_t start_bytes_max = 11;
  static constexpr size_t tail_room = sample_bytes_max + start_bytes_max + sizeof(encoded_metadata) + header_room_max;
  static constexpr char series_tag = 0x2A;
  static constexpr char labels_tag = 0x0A;
  static constexpr char histogram_tag = 0x1A;
  static constexpr char exemplar_tag = 0x22;

  // Leaves room for a sample and metadata behind the labels.
  template <class Id, class RefsOf>
  begun_series begin_series(std::span<const Id> ids, RefsOf refs_of) {
    char* out = buffer_.room(buffer_.end(), header_room + ids.size() * sizeof(uint64_t) + tail_room) + header_room;
    uint32_t metadata = 0;
    for (Id id : ids) {
      label_refs refs = refs_of(id);
      std::memcpy(out, &refs.packed, sizeof refs.packed);
      out += refs.packed >> 56;
      metadata |= refs.metadata;
    }
    return {out, metadata};
  }

  // Makes the sample, which stands between these places, longer by its start.
  static char* append_start(char* sample, char* out, int64_t start);
  void finish_series(const begun_series& begun, char* out);
  void look_up(label_refs& known, std::string_view pair);
  uint32_t metadata_of(std::string_view metric_name);

  symbol_table symbols_;
  growing_buffer buffer_;
  std::vector<label_refs> labels_;  // of all blocks of the request, one after the other
  std::map<std::pair<const series::series_block*, const series::metadata_table*>, block_labels> blocks_;
  std::vector<encoded_metadata> metadata_;  // number 1 stands first
  const series::target_labels* target_ = nullptr;
  series::metadata_ptr table_;
  std::vector<label_refs> slots_;
  series::block_ptr block_;
  size_t labels_at_ = 0;  // those of block_
  std::vector<label_refs> literals_;
};

}  // namespace rollcall::remote_write
