#pragma once

#include "lib/series/exposed_sample.hpp"
#include "lib/series/scrape_batch.hpp"

namespace rollcall::series {

/// The sample that a parser of lines has just read.
template <class Parser>
class line_source final : public sample_source {
 public:
  /// The parser must outlive the source.
  explicit line_source(const Parser& parser) : parser_(parser) {}

  exposed_sample sample() const {
    auto timestamp = parser_.timestamp();
    return {parser_.value_bits(), timestamp.value_or(0), timestamp.has_value(), false, this};
  }

  void append_labels(label_list& out) const override { parser_.append_labels(out); }
  void append_exemplars(std::vector<exposition::exemplar>&) const override {}
  uint64_t exemplars_hash() const override { return 0; }
  histograms::histogram_ptr histogram() const override { return nullptr; }
  std::optional<int64_t> start_timestamp() const override { return std::nullopt; }

 private:
  const Parser& parser_;
};

}  // namespace rollcall::series
