#pragma once

#include <snappy.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// remote_write 1.0 on the wire, written and read in the plainest way there is, to hold the real encoder against.
namespace rollcall::test {

struct wire_sample {
  std::vector<std::pair<std::string, std::string>> labels;
  uint64_t value = 0;  ///< Bits.
  int64_t timestamp = 0;

  bool operator==(const wire_sample&) const = default;
};

inline std::string wire_varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

inline std::string wire_field(int number, std::string_view bytes) {
  return wire_varint(static_cast<uint64_t>(number) << 3 | 2) + wire_varint(bytes.size()) + std::string(bytes);
}

/// As libprotobuf writes proto3: fields in order of number, those with a zero value left out.
inline std::string wire_encode(const std::vector<wire_sample>& samples) {
  std::string out;
  for (const auto& sample : samples) {
    std::string series, point;
    for (const auto& [name, value] : sample.labels) {
      series += wire_field(1, (name.empty() ? "" : wire_field(1, name)) + (value.empty() ? "" : wire_field(2, value)));
    }
    if (sample.value != 0) {
      point += wire_varint(1 << 3 | 1);
      for (int byte = 0; byte < 8; ++byte) point += static_cast<char>(sample.value >> (8 * byte));
    }
    if (sample.timestamp != 0) point += wire_varint(2 << 3) + wire_varint(static_cast<uint64_t>(sample.timestamp));
    out += wire_field(1, series + wire_field(2, point));
  }
  return out;
}

/// Reads one message field by field; throws on anything malformed.
class wire_reader {
 public:
  explicit wire_reader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("varint too long");
  }
  void expect_tag(uint64_t number, uint64_t wire_type) {
    if (varint() != (number << 3 | wire_type)) throw std::runtime_error("unexpected field");
  }
  bool next_is(uint64_t number, uint64_t wire_type) const {
    return !rest_.empty() && static_cast<unsigned char>(rest_[0]) == (number << 3 | wire_type);
  }
  std::string_view bytes() { return take(varint()); }
  uint64_t fixed64() {
    uint64_t value;
    std::memcpy(&value, take(8).data(), 8);
    return value;
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > rest_.size()) throw std::runtime_error("message cut short");
    auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

inline std::vector<wire_sample> wire_decode(std::string_view request) {
  std::vector<wire_sample> samples;
  for (wire_reader all(request); !all.done();) {
    all.expect_tag(1, 2);
    wire_reader series(all.bytes());
    wire_sample sample;
    while (series.next_is(1, 2)) {
      series.expect_tag(1, 2);
      wire_reader pair(series.bytes());
      pair.expect_tag(1, 2);
      std::string name(pair.bytes());
      pair.expect_tag(2, 2);
      sample.labels.emplace_back(std::move(name), std::string(pair.bytes()));
      if (!pair.done()) throw std::runtime_error("label with more than name and value");
    }
    series.expect_tag(2, 2);
    wire_reader point(series.bytes());
    if (point.next_is(1, 1)) {
      point.expect_tag(1, 1);
      sample.value = point.fixed64();
    }
    if (point.next_is(2, 0)) {
      point.expect_tag(2, 0);
      sample.timestamp = static_cast<int64_t>(point.varint());
    }
    if (!point.done() || !series.done()) throw std::runtime_error("more than one sample in a series");
    samples.push_back(std::move(sample));
  }
  return samples;
}

inline std::string uncompressed(const std::string& body) {
  std::string plain;
  if (!snappy::Uncompress(body.data(), body.size(), &plain)) throw std::runtime_error("not a snappy block");
  return plain;
}

inline std::string zstd_uncompressed(const std::string& body) {
  std::string plain(ZSTD_getFrameContentSize(body.data(), body.size()), '\0');
  if (ZSTD_decompress(plain.data(), plain.size(), body.data(), body.size()) != plain.size())
    throw std::runtime_error("not a frame of zstd");
  return plain;
}

}  // namespace rollcall::test
