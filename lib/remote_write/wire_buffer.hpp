#pragma once

#include "lib/remote_write/beyond_samples.hpp"
#include "lib/remote_write/growing_buffer.hpp"
#include "lib/series/scrape_batch.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace rollcall::remote_write {

/// The end of an encoded sample: its timestamp as field 2. Nothing for 0, which protobuf leaves out.
class encoded_timestamp {
 public:
  static constexpr size_t bytes_max = 11;

  explicit encoded_timestamp(int64_t milliseconds) {
    if (milliseconds == 0) return;
    bytes_[0] = 0x10;
    size_ = static_cast<size_t>(write_varint(bytes_ + 1, static_cast<uint64_t>(milliseconds)) - bytes_);
  }

  size_t size() const { return size_; }
  /// Writes bytes_max bytes, of which size() count.
  void write(char* out) const { std::memcpy(out, bytes_, bytes_max); }

 private:
  char bytes_[bytes_max] = {};
  size_t size_ = 0;
};

/// The most that append_sample() writes.
inline constexpr size_t sample_bytes_max = 2 + 9 + encoded_timestamp::bytes_max;

/// Writes a sample as field 2 of a TimeSeries, which is the same in both versions of remote_write.
inline char* append_sample(char* out, series::value_bits value, const encoded_timestamp& timestamp) {
  size_t value_size = value == 0 ? 0 : 9;
  *out++ = 0x12;
  *out++ = static_cast<char>(value_size + timestamp.size());
  if (value != 0) {
    *out++ = 0x09;
    std::memcpy(out, &value, sizeof value);
    out += sizeof value;
  }
  timestamp.write(out);
  return out + timestamp.size();
}

/// What else a TimeSeries may hold.
enum class series_field : unsigned char { exemplar, histogram };

/// The protobuf bytes of a remote_write 1.0 WriteRequest under construction. Its memory grows as needed and stays for
/// the next request. After an exception it holds the series that were appended before, whole.
class wire_buffer {
 public:
  static constexpr bool takes_custom_buckets = false;

  std::string_view bytes() const { return buffer_.bytes(); }
  void append_to(std::string& out) const { out += buffer_.bytes(); }
  void clear() { buffer_.clear(); }
  bool full() const { return false; }

  /// Appends a TimeSeries of one sample. `pair_of(id)` gives the label of each id as series::encode_pair() wrote it.
  template <class Id, class PairOf>
  void append_series(std::span<const Id> ids, PairOf pair_of, series::value_bits value,
                     const encoded_timestamp& timestamp, int64_t /* start: version 1 has no place for it */) {
    finish_series(append_sample(begin_series(ids, pair_of), value, timestamp));
  }

  /// Appends a TimeSeries of one histogram or exemplar, whose message was encoded by encode().
  template <class Id, class PairOf>
  void append_series(std::span<const Id> ids, PairOf pair_of, series_field field, std::string_view message) {
    char* out = begin_series(ids, pair_of);
    out = buffer_.room(out, message.size() + sample_room);
    *out++ = field == series_field::exemplar ? exemplar_tag : histogram_tag;
    out = write_varint(out, message.size());
    std::memcpy(out, message.data(), message.size());
    finish_series(out + message.size());
  }

  static void encode(std::string& out, const histograms::native_histogram& histogram, int64_t timestamp,
                     int64_t /* start */) {
    append_histogram_message(out, histogram, timestamp);
  }
  static void encode(std::string& out, const exposition::exemplar& exemplar) { append_exemplar_message(out, exemplar); }

 private:
  // Field tag and a length of two bytes: what nearly all series need.
  static constexpr size_t header_room = 3;
  static constexpr size_t header_room_max = 6;
  static constexpr size_t sample_room = sample_bytes_max + header_room_max;
  static constexpr char exemplar_tag = 0x1A;
  static constexpr char histogram_tag = 0x22;

  // Leaves room for a sample behind the labels.
  template <class Id, class PairOf>
  char* begin_series(std::span<const Id> ids, PairOf pair_of) {
    char* out = buffer_.room(buffer_.end(), header_room + sample_room) + header_room;
    for (Id id : ids) {
      std::string_view pair = pair_of(id);
      out = copy(buffer_.room(out, pair.size() + sample_room), pair);
    }
    return out;
  }

  void finish_series(char* out);

  // Labels are short: a few overlapping moves of fixed size beat a call. Reads and writes nothing outside the pair.
  static char* copy(char* out, std::string_view pair) {
    const char* from = pair.data();
    size_t size = pair.size();
    if (size > 32) {
      std::memcpy(out, from, size);
    } else if (size >= 16) {
      std::memcpy(out, from, 16);
      std::memcpy(out + size - 16, from + size - 16, 16);
    } else if (size >= 8) {
      std::memcpy(out, from, 8);
      std::memcpy(out + size - 8, from + size - 8, 8);
    } else {
      for (size_t i = 0; i < size; ++i) out[i] = from[i];
    }
    return out + size;
  }

  growing_buffer buffer_;
};

}  // namespace rollcall::remote_write
