#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/exposition/series_hash.hpp"
#include "lib/histograms/classic_histogram.hpp"
#include "lib/histograms/native_histogram.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::exposition {

/// A line of a family of type histogram, as far as it tells of one histogram.
struct classic_line {
  enum class part : uint8_t { none, bucket, sum, count };

  using label_list = std::vector<std::pair<std::string, std::string>>;

  part what = part::none;  ///< None for a line that looks like no part of a histogram.
  double upper_bound = 0;  ///< Of a bucket.
  std::string base_name;   ///< The metric's name without the suffix of a part.
  label_list labels;       ///< In order, without the name and `le`.

  /// Takes a line's labels apart, of which the name comes first.
  static classic_line of(label_list labels);
};

/// Makes native histograms of the lines of classic ones.
class histogram_collector {
 public:
  bool is_collecting() const { return is_collecting_; }
  /// Whether the line has the name and the labels of the histogram that is being collected.
  bool continues(const classic_line& line) const;

  /// Begins a histogram with the line that add() takes next. `raw_name` is the line's name in the text.
  void begin(const classic_line& line, std::string_view raw_name, std::optional<int64_t> start_timestamp);
  void add(const classic_line& line, double value, std::optional<int64_t> timestamp);
  /// Where the exemplars of the histogram belong.
  std::vector<exemplar>& exemplars() { return exemplars_; }
  /// Ends the collection; whether it gave a histogram, of which all below speaks until the next begin().
  bool finish();

  histograms::histogram_ptr histogram() const { return histogram_; }
  const std::vector<exemplar>& exemplars() const { return exemplars_; }
  std::string_view raw_name() const { return raw_name_; }
  std::optional<int64_t> timestamp() const { return timestamp_; }
  std::optional<int64_t> start_timestamp() const { return start_timestamp_; }
  /// A hash of name and labels, other than that of any text.
  uint64_t series_hash(hash_secret secret) const;
  void append_labels(classic_line::label_list& out) const;

 private:
  bool is_collecting_ = false;
  std::string base_name_;
  classic_line::label_list labels_;
  std::string_view raw_name_;
  std::optional<int64_t> timestamp_;
  std::optional<int64_t> start_timestamp_;
  std::vector<exemplar> exemplars_;
  histograms::classic_histogram classic_;
  histograms::histogram_ptr histogram_;
};

}  // namespace rollcall::exposition
