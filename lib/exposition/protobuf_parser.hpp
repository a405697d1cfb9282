#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/exposition/histogram_options.hpp"
#include "lib/exposition/metric_message.hpp"
#include "lib/exposition/number.hpp"
#include "lib/exposition/series_hash.hpp"
#include "lib/exposition/wire_fields.hpp"
#include "lib/histograms/classic_histogram.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// Reads Prometheus's protobuf format, a sequence of io.prometheus.client.MetricFamily messages each behind its length,
/// entry by entry: help, unit if there is one, type, and then what the text format would show of each metric, or native
/// histograms. Decides for each histogram by itself whether it is native or classic; an always scraped classic form
/// comes behind the native one, and in front of one that was converted. The body must outlive the parser and all views
/// it gives. Errors say family and offset.
class protobuf_parser {
 public:
  /// The secret, which must outlive the parser, seeds series_hash().
  protobuf_parser(std::string_view body, const histogram_options& options, hash_secret secret);

  /// Reads the next entry. Errors are errc::syntax; after one there is nothing but that error.
  result<entry> next();

  /// Behind a sample that next() gave: hands the hash and value_bits() of each sample that follows in the family to
  /// `take(uint64_t, uint64_t) -> bool`, as long as it returns true. Stops in front of the first that was not taken, or
  /// is more than a number (a histogram, or with a timestamp or exemplars), or cannot be read; that one is what next()
  /// reads. Until then nothing but next() may be called.
  template <class Take>
  void take_numbers(Take take);

  /// The offset of the metric that was last read from the body, or of the family if none was yet.
  size_t position() const { return static_cast<size_t>(place_ - body_.data()); }

  std::string_view family() const { return family_; }
  uint64_t family_hash() const { return family_hash_; }
  std::string_view help() const { return help_; }
  std::string_view unit() const { return unit_; }
  metric_type type() const { return type_; }

  /// Identifies the series within the target, from one body to the next with the same secret: a hash of the name, the
  /// labels as encoded, and what of the metric it is. Of a sample or a histogram, as all that follows.
  uint64_t series_hash() const {
    if (role_ == role::value) return metric_hash_;
    bool has_label = role_ == role::bucket || role_ == role::quantile;
    return part_hash(role_, has_label ? label_bits_ : 0);
  }
  /// The metric's name with its suffix.
  std::string_view raw_name() const;
  /// The bits of the value. Every NaN but Prometheus's staleness marker is not_a_number_bits.
  uint64_t value_bits() const { return exposed_bits(value_); }
  /// Milliseconds, if the metric has a timestamp.
  std::optional<int64_t> timestamp() const {
    // The format does not tell 0 from nothing.
    if (metric_.timestamp == 0) return std::nullopt;
    return metric_.timestamp;
  }
  /// Milliseconds: when the counter, histogram or summary began to count, if the target says so.
  std::optional<int64_t> start_timestamp() const;
  /// What was read with entry::histogram; made anew by each call. It may be one that histograms::validate() refuses.
  histograms::histogram_ptr histogram() const;
  /// Whether the labels are well-formed and UTF-8. next() leaves that open, because a series whose hash is known from
  /// another body has passed this before; any other fails the scrape if it does not.
  result<void> check_labels() const;
  /// Appends the labels as encoded, `__name__` first and `le` or `quantile` last. Names may repeat.
  void append_labels(std::vector<std::pair<std::string, std::string>>& out) const;
  /// Appends the exemplars of a counter, a bucket or a histogram; of a histogram only those with a timestamp. What is
  /// malformed is left out.
  void append_exemplars(std::vector<exemplar>& out) const;
  bool has_exemplars() const {
    if (role_ == role::native) return has_native_exemplars();
    if (type_ == metric_type::counter) return metric_.exemplar.data() != nullptr;
    if (role_ != role::bucket || number_ >= metric_.numbers.size()) return false;
    return metric_.numbers[number_].exemplar.data() != nullptr;
  }
  /// A hash of the exemplars as encoded.
  uint64_t exemplars_hash() const;

 private:
  // Prometheus's staleness marker (model/value in prometheus/prometheus), which a target may pass on.
  static constexpr uint64_t stale_marker_bits = 0x7ff0000000000002;
  static constexpr uint64_t infinity_bits = std::bit_cast<uint64_t>(std::numeric_limits<double>::infinity());
  // The field of a family that its metrics are.
  static constexpr uint32_t family_metric = wire_tag(4, wire_type::bytes);

  enum class stage : uint8_t { families, unit, type, metrics, failed };
  // What of a metric a sample is.
  enum class role : uint8_t { value, native, count, sum, bucket, quantile, none };

  result<entry> begin_family();
  result<bool> read_family();
  result<std::string_view> take_message();
  result<entry> next_metric();
  result<entry> begin_metric(std::string_view message);
  result<entry> next_sample();
  result<entry> take(role what, double value);
  result<entry> take_number();
  result<entry> convert();
  template <class Take>
  void take_values(Take take);
  template <class Take>
  void take_parts(Take take);
  histograms::native_histogram with_hint(histograms::native_histogram histogram) const;
  bool is_histogram() const { return type_ == metric_type::histogram || type_ == metric_type::gauge_histogram; }
  std::string place_text() const;
  tl::unexpected<error> failed_with(const std::string& what);

  template <class Visitor>
  void visit_exemplars(Visitor visit) const;

  uint64_t secret_word(size_t index) const {
    uint64_t word = 0;
    std::memcpy(&word, secret_.data() + index * sizeof word, sizeof word);
    return word;
  }
  // Multiplication to 128 bits and folding, as in the short forms of XXH3; unpredictable without the secret.
  uint64_t mixed(uint64_t a, uint64_t b) const {
    __extension__ using uint128 = unsigned __int128;
    auto product = static_cast<uint128>(a ^ secret_word(0)) * (b ^ secret_word(1));
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  // The hash of a sample that is a part of its metric.
  uint64_t part_hash(role part, uint64_t label_bits) const {
    return mixed(metric_hash_ ^ secret_word(2 + static_cast<size_t>(part)), label_bits);
  }
  static uint64_t exposed_bits(double value) {
    auto bits = std::bit_cast<uint64_t>(value);
    return bits == stale_marker_bits ? bits : value_bits_of(value);
  }
  bool has_native_exemplars() const;
  uint64_t with_labels(uint64_t hash, std::string_view run) const { return mixed(hash, hash_bytes(run, secret_)); }
  void hash_metric() {
    metric_hash_ = family_hash_;
    for (auto run : metric_.label_runs) metric_hash_ = with_labels(metric_hash_, run);
  }

  std::string_view body_;
  histogram_options options_;
  hash_secret secret_;
  stage stage_ = stage::families;
  size_t at_ = 0;      // where the next family's length stands
  const char* place_;  // what position() tells
  std::optional<error> failure_;

  std::string_view family_;
  std::string_view help_;
  std::string_view unit_;
  metric_type type_ = metric_type::unknown;
  uint64_t family_hash_ = 0;
  std::string count_name_;
  std::string sum_name_;
  std::string bucket_name_;
  const char* family_at_ = nullptr;  // behind the metric that was read
  const char* family_end_ = nullptr;

  metric_message metric_;
  uint64_t metric_hash_ = 0;
  role role_ = role::none;
  bool classic_follows_ = false;
  bool converted_follows_ = false;
  size_t number_ = 0;        // which bucket or quantile
  uint64_t label_bits_ = 0;  // of its label
  double value_ = 0;
  histograms::classic_histogram classic_;
  histograms::histogram_ptr converted_;  // if the histogram was a classic one
};

template <class Take>
[[gnu::always_inline]] inline void protobuf_parser::take_numbers(Take take) {
  if (role_ == role::value) return take_values(take);
  bool is_plain = metric_.timestamp == 0 && !metric_.numbers_have_exemplars && !converted_follows_;
  if (is_plain && role_ == role::count) take_parts(take);
}

// The metrics that follow in the family: counters, gauges or untyped ones.
template <class Take>
[[gnu::always_inline]] inline void protobuf_parser::take_values(Take take) {
  wire_fields fields(std::string_view(family_at_, static_cast<size_t>(family_end_ - family_at_)));
  while (fields.next()) {
    if (fields.tag() != family_metric) continue;
    if (auto plain = read_labelled_value(fields.bytes(), type_)) {
      if (!take(with_labels(family_hash_, plain->labels), exposed_bits(plain->value))) return;
    } else {
      bool is_plain = metric_.read(fields.bytes(), type_) && metric_.timestamp == 0 && !metric_.exemplar.data();
      if (!is_plain) return;
      hash_metric();
      if (!take(metric_hash_, exposed_bits(metric_.value))) return;
    }
    family_at_ = fields.end();
  }
}

// What follows the count of a summary or a classic histogram.
template <class Take>
[[gnu::always_inline]] inline void protobuf_parser::take_parts(Take take) {
  if (!take(part_hash(role::sum, 0), exposed_bits(metric_.totals.sum))) return;
  role_ = role::sum;
  auto kind = type_ == metric_type::summary ? role::quantile : role::bucket;
  for (size_t i = 0; i < metric_.numbers.size(); ++i) {
    const auto& number = metric_.numbers[i];
    if (!take(part_hash(kind, number.label_bits), exposed_bits(std::bit_cast<double>(number.value_bits)))) return;
    role_ = kind;
    number_ = i;
    label_bits_ = number.label_bits;
    if (kind == role::bucket && label_bits_ == infinity_bits) return;
  }
  if (kind == role::quantile) return;
  if (!take(part_hash(kind, infinity_bits), exposed_bits(metric_.totals.all()))) return;
  role_ = kind;
  number_ = metric_.numbers.size();
  label_bits_ = infinity_bits;
}

}  // namespace rollcall::exposition
