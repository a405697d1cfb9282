#include "lib/exposition/metric_message.hpp"

#include "lib/exposition/wire_fields.hpp"

#include <bit>
#include <cstring>
#include <optional>

namespace rollcall::exposition {

namespace {

using wire::bytes;
using wire::fixed64;
using wire::varint;

// The highest field numbers of io/prometheus/client/metrics.proto. A known number in another encoding than it should
// have is a fault; what is above them comes from a later version and is passed over.
constexpr uint32_t metric_last = 7;
constexpr uint32_t single_last = 1;
constexpr uint32_t summary_last = 4;
constexpr uint32_t quantile_last = 2;
constexpr uint32_t histogram_last = 16;
constexpr uint32_t bucket_last = 4;

// How far a count that takes the short way reaches; longer ones take the long one.
constexpr unsigned count_shift_max = 49;

// The bytes at the front of a Metric that are labels with a length of one byte: most often all that it has.
size_t short_label_bytes(std::string_view metric) {
  size_t at = 0;
  while (metric.size() - at >= 2 && metric[at] == static_cast<char>(bytes(1))) {
    auto size = static_cast<unsigned char>(metric[at + 1]);
    if (size >= 0x80 || size > metric.size() - at - 2) break;
    at += 2 + size;
  }
  return at;
}

bool read_quantile(std::string_view message, labelled_number& quantile) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case fixed64(1):
        quantile.label_bits = fields.value();
        break;
      case fixed64(2):
        quantile.value_bits = fields.value();
        break;
      default:
        if (fields.number() <= quantile_last) return false;
    }
  }
  return !fields.failed();
}

struct bound_and_value {
  uint64_t bound_bits;
  uint64_t value_bits;
};

// Reads a bucket of nothing but a count and its bound, in this order: what most of them are.
std::optional<bound_and_value> plain_bucket(std::string_view message) {
  constexpr size_t bound_bytes = 1 + sizeof(double);
  if (message.size() < 2 + bound_bytes || message[0] != static_cast<char>(varint(1))) return std::nullopt;
  const size_t bound_at = message.size() - bound_bytes;
  uint64_t count = 0;
  size_t at = 1;
  unsigned char byte = 0x80;
  for (unsigned shift = 0; byte >= 0x80; shift += 7, ++at) {
    if (at == bound_at || shift > count_shift_max) return std::nullopt;
    byte = static_cast<unsigned char>(message[at]);
    count |= static_cast<uint64_t>(byte & 0x7F) << shift;
  }
  if (at != bound_at || message[at] != static_cast<char>(fixed64(2))) return std::nullopt;
  uint64_t bound_bits = 0;
  std::memcpy(&bound_bits, message.data() + at + 1, sizeof bound_bits);
  return bound_and_value{bound_bits, std::bit_cast<uint64_t>(static_cast<double>(count))};
}

bool read_bucket(std::string_view message, labelled_number& bucket) {
  uint64_t count = 0;
  double count_float = 0;
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        count = fields.value();
        break;
      case fixed64(2):
        bucket.label_bits = fields.value();
        break;
      case bytes(3):
        bucket.exemplar = fields.bytes();
        break;
      case fixed64(4):
        count_float = std::bit_cast<double>(fields.value());
        break;
      default:
        if (fields.number() <= bucket_last) return false;
    }
  }
  bucket.value_bits = std::bit_cast<uint64_t>(count_float != 0 ? count_float : static_cast<double>(count));
  return !fields.failed();
}

constexpr uint32_t payload_tag(metric_type type) {
  switch (type) {
    case metric_type::gauge:
      return bytes(2);
    case metric_type::counter:
      return bytes(3);
    case metric_type::summary:
      return bytes(4);
    case metric_type::histogram:
    case metric_type::gauge_histogram:
      return bytes(7);
    default:
      return bytes(5);
  }
}

// Whether it is the payload of another type than the family's, which says nothing.
constexpr bool is_other_payload(uint32_t tag) {
  return tag == bytes(2) || tag == bytes(3) || tag == bytes(4) || tag == bytes(5) || tag == bytes(7);
}

// Whether the message is a payload of nothing but a double as field 1: what most gauges and counters are.
bool is_lone_value(std::string_view message, uint32_t payload) {
  constexpr size_t value_bytes = 1 + sizeof(double);
  bool may_be = payload != payload_tag(metric_type::summary) && payload != payload_tag(metric_type::histogram);
  return may_be && message.size() == 2 + value_bytes && message[0] == static_cast<char>(payload) &&
         message[1] == static_cast<char>(value_bytes) && message[2] == static_cast<char>(fixed64(1));
}

}  // namespace

bool metric_message::refuse(std::string_view why) {
  fault = why;
  return false;
}

void metric_message::clear() {
  label_runs.clear();
  timestamp = 0;
  created = {};
  exemplar = {};
  value = 0;
  if (holds_distribution_) clear_distribution();
}

void metric_message::clear_distribution() {
  totals = {};
  numbers.clear();
  numbers_have_exemplars = false;
  exemplars.clear();
  native.clear();
  holds_distribution_ = false;
}

std::optional<labelled_value> read_labelled_value(std::string_view metric, metric_type type) {
  const size_t label_bytes = short_label_bytes(metric);
  std::string_view payload = metric.substr(label_bytes);
  if (label_bytes == 0 || !is_lone_value(payload, payload_tag(type))) return std::nullopt;
  labelled_value read{metric.substr(0, label_bytes), 0};
  std::memcpy(&read.value, payload.data() + payload.size() - sizeof read.value, sizeof read.value);
  return read;
}

bool metric_message::read(std::string_view message, metric_type type) {
  clear();
  fault = "malformed metric";
  if (auto plain = read_labelled_value(message, type)) {
    label_runs.push_back(plain->labels);
    value = plain->value;
    return true;
  }
  const uint32_t payload = payload_tag(type);
  const char* run_end = nullptr;
  wire_fields fields(message);
  while (fields.next()) {
    if (fields.tag() == bytes(1)) {
      if (fields.begin() == run_end) {
        auto& run = label_runs.back();
        run = {run.data(), static_cast<size_t>(fields.end() - run.data())};
      } else {
        label_runs.emplace_back(fields.begin(), static_cast<size_t>(fields.end() - fields.begin()));
      }
      run_end = fields.end();
    } else if (fields.tag() == payload) {
      if (!read_field(fields.bytes(), type)) return false;
    } else if (fields.tag() == varint(6)) {
      timestamp = static_cast<int64_t>(fields.value());
    } else if (fields.number() <= metric_last && !is_other_payload(fields.tag())) {
      return false;
    }
  }
  return !fields.failed();
}

bool metric_message::read_field(std::string_view payload, metric_type type) {
  switch (type) {
    case metric_type::summary:
      holds_distribution_ = true;
      return read_summary(payload);
    case metric_type::histogram:
    case metric_type::gauge_histogram:
      holds_distribution_ = true;
      return read_histogram(payload);
    default:
      return read_single(payload);
  }
}

bool metric_message::read_single(std::string_view message) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case fixed64(1):
        value = std::bit_cast<double>(fields.value());
        break;
      case bytes(2):
        exemplar = fields.bytes();
        break;
      case bytes(3):
        created = fields.bytes();
        break;
      default:
        if (fields.number() <= single_last) return false;
    }
  }
  return !fields.failed();
}

bool metric_message::read_summary(std::string_view message) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        totals.count = fields.value();
        break;
      case fixed64(2):
        totals.sum = std::bit_cast<double>(fields.value());
        break;
      case bytes(3): {
        if (numbers.size() == elements_max) return refuse("too many quantiles");
        if (!read_quantile(fields.bytes(), numbers.emplace_back())) return false;
        break;
      }
      case bytes(4):
        created = fields.bytes();
        break;
      default:
        if (fields.number() <= summary_last) return false;
    }
  }
  return !fields.failed();
}

bool metric_message::read_histogram(std::string_view message) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        totals.count = fields.value();
        break;
      case fixed64(2):
        totals.sum = std::bit_cast<double>(fields.value());
        break;
      case bytes(3): {
        if (numbers.size() == elements_max) return refuse("too many buckets");
        if (auto plain = plain_bucket(fields.bytes())) {
          numbers.push_back({plain->bound_bits, plain->value_bits, {}});
          break;
        }
        auto& bucket = numbers.emplace_back();
        if (!read_bucket(fields.bytes(), bucket)) return false;
        numbers_have_exemplars |= bucket.exemplar.data() != nullptr;
        break;
      }
      case fixed64(4):
        totals.count_float = std::bit_cast<double>(fields.value());
        break;
      case bytes(15):
        created = fields.bytes();
        break;
      case bytes(16):
        if (exemplars.size() == elements_max) return refuse("too many exemplars");
        exemplars.push_back(fields.bytes());
        break;
      default:
        if (fields.number() > histogram_last) break;
        if (!native.read(fields.tag(), fields.value(), fields.bytes())) return false;
    }
  }
  return !fields.failed();
}

}  // namespace rollcall::exposition
