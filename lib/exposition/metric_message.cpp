#include "lib/exposition/metric_message.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"
#include "lib/exposition/wire_fields.hpp"
#include "lib/histograms/bucket_list.hpp"
#include "lib/histograms/compaction.hpp"

#include <bit>
#include <cstring>

namespace rollcall::exposition {

namespace {

constexpr uint32_t varint(uint32_t number) { return wire_tag(number, wire_type::varint); }
constexpr uint32_t fixed64(uint32_t number) { return wire_tag(number, wire_type::fixed64); }
constexpr uint32_t bytes(uint32_t number) { return wire_tag(number, wire_type::bytes); }

// The highest field numbers of io/prometheus/client/metrics.proto. A known number in another encoding than it should
// have is a fault; what is above them comes from a later version and is passed over.
constexpr uint32_t label_pair_last = 2;
constexpr uint32_t metric_last = 7;
constexpr uint32_t single_last = 1;
constexpr uint32_t summary_last = 4;
constexpr uint32_t quantile_last = 2;
constexpr uint32_t histogram_last = 16;
constexpr uint32_t bucket_last = 4;
constexpr uint32_t span_last = 2;
constexpr uint32_t exemplar_last = 3;
constexpr uint32_t timestamp_last = 2;

struct label_pair {
  std::string_view name;
  std::string_view value;
};

bool read_label(std::string_view message, label_pair& label) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case bytes(1):
        label.name = fields.bytes();
        break;
      case bytes(2):
        label.value = fields.bytes();
        break;
      default:
        if (fields.number() <= label_pair_last) return false;
    }
  }
  return !fields.failed();
}

bool is_valid(const label_pair& label) {
  return !label.name.empty() && is_valid_utf8(label.name) && is_valid_utf8(label.value);
}

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

bool append_span(std::vector<histograms::bucket_span>& spans, std::string_view message) {
  if (spans.size() == metric_message::elements_max) return false;
  auto& span = spans.emplace_back();
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        span.offset = static_cast<int32_t>(fields.signed_value());
        break;
      case varint(2):
        span.length = static_cast<uint32_t>(fields.value());
        break;
      default:
        if (fields.number() <= span_last) return false;
    }
  }
  return !fields.failed();
}

template <class Value>
bool append(std::vector<Value>& values, Value value) {
  if (values.size() == metric_message::elements_max) return false;
  values.push_back(value);
  return true;
}

bool append_packed_deltas(std::vector<int64_t>& deltas, std::string_view message) {
  wire_fields values(message);
  while (values.next_packed_varint()) {
    if (!append(deltas, values.signed_value())) return false;
  }
  return !values.failed();
}

bool append_packed_counts(std::vector<double>& counts, std::string_view message) {
  wire_fields values(message);
  while (values.next_packed_fixed64()) {
    if (!append(counts, std::bit_cast<double>(values.value()))) return false;
  }
  return !values.failed();
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

// Of an integer or a float histogram, leaving the values of the other kind out.
histograms::buckets side_of(const histograms::buckets& both, bool is_float) {
  if (is_float) return {both.spans, {}, both.counts};
  return {both.spans, both.deltas, {}};
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
  count = 0;
  count_float = 0;
  sum = 0;
  numbers.clear();
  exemplars.clear();
  if (!has_native_parts_) return;
  has_native_parts_ = false;
  native_.schema = 0;
  native_.zero_threshold = 0;
  native_.zero_count = 0;
  native_.zero_count_float = 0;
  for (auto* side : {&native_.positive, &native_.negative}) {
    side->spans.clear();
    side->deltas.clear();
    side->counts.clear();
  }
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
  return append(numbers, number) || refuse("too many buckets or quantiles");
}

bool metric_message::read_summary(std::string_view message) {
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        count = fields.value();
        break;
      case fixed64(2):
        sum = std::bit_cast<double>(fields.value());
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
        count = fields.value();
        break;
      case fixed64(2):
        sum = std::bit_cast<double>(fields.value());
        break;
      case bytes(3): {
        labelled_number bucket;
        if (!read_bucket(fields.bytes(), bucket) || !add_number(bucket)) return false;
        break;
      }
      case fixed64(4):
        count_float = std::bit_cast<double>(fields.value());
        break;
      case bytes(15):
        created = fields.bytes();
        break;
      case bytes(16):
        if (!append(exemplars, fields.bytes())) return refuse("too many exemplars");
        break;
      default:
        if (fields.number() > histogram_last) break;
        if (!read_native_field(fields.tag(), fields.value(), fields.bytes())) return false;
    }
  }
  return !fields.failed();
}

// A repeated number may come packed or field by field.
bool metric_message::read_native_field(uint32_t tag, uint64_t value, std::string_view bytes_value) {
  has_native_parts_ = true;
  auto zigzag = [value] { return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1); };
  switch (tag) {
    case varint(5):
      native_.schema = static_cast<int32_t>(zigzag());
      return true;
    case fixed64(6):
      native_.zero_threshold = std::bit_cast<double>(value);
      return true;
    case varint(7):
      native_.zero_count = value;
      return true;
    case fixed64(8):
      native_.zero_count_float = std::bit_cast<double>(value);
      return true;
    case bytes(9):
      return append_span(native_.negative.spans, bytes_value);
    case varint(10):
      return append(native_.negative.deltas, zigzag());
    case bytes(10):
      return append_packed_deltas(native_.negative.deltas, bytes_value);
    case fixed64(11):
      return append(native_.negative.counts, std::bit_cast<double>(value));
    case bytes(11):
      return append_packed_counts(native_.negative.counts, bytes_value);
    case bytes(12):
      return append_span(native_.positive.spans, bytes_value);
    case varint(13):
      return append(native_.positive.deltas, zigzag());
    case bytes(13):
      return append_packed_deltas(native_.positive.deltas, bytes_value);
    case fixed64(14):
      return append(native_.positive.counts, std::bit_cast<double>(value));
    case bytes(14):
      return append_packed_counts(native_.positive.counts, bytes_value);
    default:
      return false;
  }
}

bool metric_message::is_native() const {
  return has_native_parts_ && (!native_.positive.spans.empty() || !native_.negative.spans.empty() ||
                               native_.zero_threshold > 0 || native_.zero_count > 0);
}

histograms::native_histogram metric_message::native_histogram() const {
  histograms::native_histogram histogram;
  histogram.is_float = count_float > 0 || native_.zero_count_float > 0;
  histogram.schema = native_.schema;
  histogram.zero_threshold = native_.zero_threshold;
  histogram.sum = sum;
  if (histogram.is_float) {
    histogram.count_float = count_float;
    histogram.zero_count_float = native_.zero_count_float;
  } else {
    histogram.count = count;
    histogram.zero_count = native_.zero_count;
  }
  histogram.positive = side_of(native_.positive, histogram.is_float);
  histogram.negative = side_of(native_.negative, histogram.is_float);
  histograms::compact(histogram, 0);
  return histogram;
}

bool metric_message::has_all_buckets() const {
  bool is_float = count_float > 0 || native_.zero_count_float > 0;
  auto has_all = [is_float](const histograms::buckets& side) {
    return histograms::buckets_in(side.spans) == (is_float ? side.counts.size() : side.deltas.size());
  };
  return has_all(native_.positive) && has_all(native_.negative);
}

std::optional<int64_t> read_timestamp(std::string_view message) {
  uint64_t seconds = 0;
  int64_t nanoseconds = 0;
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case varint(1):
        seconds = fields.value();
        break;
      case varint(2):
        nanoseconds = static_cast<int32_t>(fields.value());
        break;
      default:
        if (fields.number() <= timestamp_last) return std::nullopt;
    }
  }
  if (fields.failed()) return std::nullopt;
  return static_cast<int64_t>(seconds * 1000 + static_cast<uint64_t>(nanoseconds / 1'000'000));
}

std::optional<exemplar> read_exemplar(std::string_view message) {
  exemplar read;
  wire_fields fields(message);
  while (fields.next()) {
    switch (fields.tag()) {
      case bytes(1): {
        label_pair label;
        if (!read_label(fields.bytes(), label) || !is_valid(label)) return std::nullopt;
        read.labels.emplace_back(label.name, label.value);
        break;
      }
      case fixed64(2):
        read.value_bits = value_bits_of(std::bit_cast<double>(fields.value()));
        break;
      case bytes(3):
        read.timestamp = read_timestamp(fields.bytes());
        if (!read.timestamp) return std::nullopt;
        break;
      default:
        if (fields.number() <= exemplar_last) return std::nullopt;
    }
  }
  if (fields.failed()) return std::nullopt;
  return read;
}

bool are_valid_labels(std::string_view run) {
  for (wire_fields fields(run); fields.next();) {
    label_pair label;
    if (!read_label(fields.bytes(), label) || !is_valid(label)) return false;
  }
  return true;
}

void append_label_run(std::vector<std::pair<std::string, std::string>>& out, std::string_view run) {
  for (wire_fields fields(run); fields.next();) {
    label_pair label;
    read_label(fields.bytes(), label);
    out.emplace_back(label.name, label.value);
  }
}

}  // namespace rollcall::exposition
