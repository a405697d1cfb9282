#pragma once

#include "lib/base/result.hpp"
#include "lib/exposition/entry.hpp"
#include "lib/exposition/histogram_collector.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// What becomes of the lines that a histogram was made of.
enum class classic_lines : uint8_t { suppressed, kept };

/// Reads a text format as Parser does and makes native histograms with custom buckets (NHCB) of classic ones: lines in
/// a row of one family of type histogram that have the same labels but for `le`. A histogram comes where its lines end,
/// with the labels and exemplars of all of them and the timestamp of the last. Lines that make up no histogram give
/// none; they are suppressed all the same, as in Prometheus. Interface and bounds are those of protobuf_parser.
template <class Parser>
class nhcb_parser {
 public:
  /// The secret, which must outlive the parser, seeds series_hash().
  nhcb_parser(Parser lines, classic_lines classic, hash_secret secret)
      : lines_(std::move(lines)), classic_(classic), secret_(secret) {}

  /// Reads the next entry. Errors are those of Parser.
  result<entry> next() {
    for (;;) {
      bool was_histogram = is_histogram_;
      is_histogram_ = false;
      if (!was_histogram) {
        auto read = lines_.next();
        if (!read) return read;
        read_ = *read;
        if (read_ == entry::type) family_ = lines_.family();
        take_line_apart();
        if (collector_.is_collecting() && !continues() && collector_.finish()) {
          is_histogram_ = true;
          return entry::histogram;
        }
      }
      is_collected_ = collect();
      if (!is_collected_ || classic_ == classic_lines::kept) return read_;
    }
  }

  size_t position() const { return lines_.position(); }
  std::string family() const { return std::string(lines_.family()); }
  std::string help() const { return std::string(lines_.help()); }
  std::string unit() const {
    if constexpr (requires { lines_.unit(); }) return std::string(lines_.unit());
    return {};
  }
  metric_type type() const { return lines_.type(); }

  /// Identifies the series within the target: for a line the hash of its text, for a histogram that of its labels.
  uint64_t series_hash() const {
    return is_histogram_ ? collector_.series_hash(secret_) : hash_bytes(lines_.series_text(), secret_);
  }
  std::string_view raw_name() const { return is_histogram_ ? collector_.raw_name() : lines_.raw_name(); }
  uint64_t value_bits() const { return lines_.value_bits(); }
  std::optional<int64_t> timestamp() const { return is_histogram_ ? collector_.timestamp() : lines_.timestamp(); }
  std::optional<int64_t> start_timestamp() {
    return is_histogram_ ? collector_.start_timestamp() : line_start_timestamp();
  }
  histograms::histogram_ptr histogram() const { return collector_.histogram(); }
  /// Nothing is left to be checked.
  result<void> check_labels() const { return {}; }
  void append_labels(std::vector<std::pair<std::string, std::string>>& out) const {
    if (is_histogram_) {
      collector_.append_labels(out);
    } else {
      lines_.append_labels(out);
    }
  }
  /// Appends the exemplars of a histogram or of a line that went into none.
  void append_exemplars(std::vector<exemplar>& out) const {
    if (is_histogram_) {
      out.insert(out.end(), collector_.exemplars().begin(), collector_.exemplars().end());
    } else if (!is_collected_) {
      append_line_exemplars(out);
    }
  }

 private:
  void take_line_apart() {
    line_.reset();
    if (read_ != entry::sample || lines_.type() != metric_type::histogram) return;
    classic_line::label_list labels;
    lines_.append_labels(labels);
    line_ = classic_line::of(std::move(labels));
  }

  bool continues() const { return line_ && collector_.continues(*line_); }

  // Whether the line is part of a histogram, which then has it.
  bool collect() {
    if (!line_ || line_->what == classic_line::part::none || line_->base_name != family_) return false;
    if (!collector_.is_collecting()) collector_.begin(*line_, lines_.raw_name(), line_start_timestamp());
    collector_.add(*line_, std::bit_cast<double>(lines_.value_bits()), lines_.timestamp());
    append_line_exemplars(collector_.exemplars());
    return true;
  }

  std::optional<int64_t> line_start_timestamp() {
    if constexpr (requires { lines_.start_timestamp(); }) return lines_.start_timestamp();
    return std::nullopt;
  }

  void append_line_exemplars(std::vector<exemplar>& out) const {
    if constexpr (requires { lines_.has_exemplar(); }) {
      if (lines_.has_exemplar()) out.push_back(lines_.exemplar());
    }
  }

  Parser lines_;
  classic_lines classic_;
  hash_secret secret_;
  std::string family_;  // in the last TYPE line
  entry read_ = entry::end;
  bool is_histogram_ = false;         // and what was read stands behind it
  bool is_collected_ = false;         // and what was read went into a histogram
  std::optional<classic_line> line_;  // what was read, in a family of type histogram
  histogram_collector collector_;
};

}  // namespace rollcall::exposition
