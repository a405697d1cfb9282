#include "lib/exposition/metric_message.hpp"

#include "lib/exposition/wire_fields.hpp"

#include <bit>
#include <cstring>

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
  totals = {};
  numbers.clear();
  exemplars.clear();
  native.clear();
}

bool metric_message::read(std::string_view message, metric_type type) {
  clear();
  fault = "malformed metric";
  const char* run_end = nullptr;
  if (size_t size = short_label_bytes(message); size > 0) {
    label_runs.push_back(message.substr(0, size));
    run_end = message.data() + size;
    message.remove_prefix(size);
  }
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
    } else if (fields.tag() == payload_tag(type)) {
      if (!read_field(fields.bytes(), type)) return false;
    } else if (fields.tag() == varint(6)) {
      timestamp = static_cast<int64_t>(fields.value());
    } else if (fields.number() <= metric_last && fields.tag() != bytes(fields.number())) {
      return false;
    }
  }
  return !fields.failed();
}

bool metric_message::read_field(std::string_view payload, metric_type type) {
  switch (type) {
    case metric_type::summary:
      return read_summary(payload);
    case metric_type::histogram:
    case metric_type::gauge_histogram:
      return read_histogram(payload);
    default:
      return read_single(payload);
  }
}

bool metric_message::read_single(std::string_view message) {
  constexpr size_t lone_value_bytes = 9;
  if (message.size() == lone_value_bytes && message.front() == static_cast<char>(fixed64(1))) {
    std::memcpy(&value, message.data() + 1, sizeof value);
    return true;
  }
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

bool metric_message::add_number(const labelled_number& number) {
  if (numbers.size() == elements_max) return refuse("too many buckets or quantiles");
  numbers.push_back(number);
  return true;
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
        labelled_number quantile;
        if (!read_quantile(fields.bytes(), quantile) || !add_number(quantile)) return false;
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
        labelled_number bucket;
        if (!read_bucket(fields.bytes(), bucket) || !add_number(bucket)) return false;
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
