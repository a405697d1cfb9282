#pragma once

#include "lib/exposition/metric_type.hpp"
#include "lib/exposition/open_metrics_tokens.hpp"
#include "lib/series/exposed_sample.hpp"
#include "lib/series/scrape_batch.hpp"

#include <string>
#include <string_view>

namespace rollcall::series {

/// The sample that a parser of lines has just read.
template <class Parser>
class line_source final : public sample_source {
 public:
  /// The parser must outlive the source.
  explicit line_source(const Parser& parser) : parser_(parser) {}

  exposed_sample sample() const {
    auto timestamp = parser_.timestamp();
    bool has_exemplar = false;
    if constexpr (requires { parser_.has_exemplar(); }) has_exemplar = parser_.has_exemplar();
    return {parser_.value_bits(), timestamp.value_or(0), timestamp.has_value(), has_exemplar, this};
  }

  void append_labels(label_list& out) const override { parser_.append_labels(out); }
  void append_exemplars(std::vector<exposition::exemplar>& out) const override {
    if constexpr (requires { parser_.exemplar(); }) {
      if (parser_.has_exemplar()) out.push_back(parser_.exemplar());
    }
  }
  uint64_t exemplars_hash() const override {
    std::vector<exposition::exemplar> all;
    append_exemplars(all);
    return exemplars_hash_of(all);
  }
  histograms::histogram_ptr histogram() const override { return nullptr; }
  std::optional<int64_t> start_timestamp() const override { return std::nullopt; }

 private:
  const Parser& parser_;
};

/// A sample of a series known already, of which nothing is left to ask but its exemplar.
class exemplar_source final : public sample_source {
 public:
  /// The text of an exemplar as the scanner of OpenMetrics gave it.
  explicit exemplar_source(std::string_view text) : text_(text) {}

  void append_labels(label_list&) const override {}
  void append_exemplars(std::vector<exposition::exemplar>& out) const override {
    if (auto read = exposition::parse_exemplar(text_)) out.push_back(std::move(*read));
  }
  uint64_t exemplars_hash() const override { return series_text_hash(text_); }
  histograms::histogram_ptr histogram() const override { return nullptr; }
  std::optional<int64_t> start_timestamp() const override { return std::nullopt; }

 private:
  std::string_view text_;
};

/// What stands in the labels __type__ and __unit__.
struct series_description {
  exposition::metric_type type = exposition::metric_type::unknown;
  std::string unit;
};

/// Replaces the labels __type__ and __unit__ by what the description says, and leaves out what it does not know.
inline void describe(label_list& labels, const series_description& description) {
  constexpr std::string_view type_label = "__type__";
  constexpr std::string_view unit_label = "__unit__";
  std::erase_if(labels, [&](const auto& pair) { return pair.first == type_label || pair.first == unit_label; });
  if (description.type != exposition::metric_type::unknown) {
    labels.emplace_back(type_label, to_string(description.type));
  }
  if (!description.unit.empty()) labels.emplace_back(unit_label, description.unit);
}

/// The sample that a parser of entries has just read.
template <class Parser>
class entry_source final : public sample_source {
 public:
  /// The parser, and the description that labels get, must outlive the source. Null means that they get none.
  entry_source(Parser& parser, const series_description* description) : parser_(parser), description_(description) {}

  exposed_sample sample(bool is_histogram) const {
    auto timestamp = parser_.timestamp();
    return {is_histogram ? histogram_value : parser_.value_bits(), timestamp.value_or(0), timestamp.has_value(),
            has_exemplars(), this};
  }

  result<void> check_labels() const override {
    if constexpr (requires { parser_.check_labels(); }) return parser_.check_labels();
    return {};
  }
  bool has_exemplars() const {
    if constexpr (requires { parser_.has_exemplars(); }) return parser_.has_exemplars();
    return !exemplars().empty();
  }

  void append_labels(label_list& out) const override {
    parser_.append_labels(out);
    if (description_ != nullptr) describe(out, *description_);
  }
  void append_exemplars(std::vector<exposition::exemplar>& out) const override { parser_.append_exemplars(out); }
  uint64_t exemplars_hash() const override {
    if constexpr (requires { parser_.exemplars_hash(); }) return parser_.exemplars_hash();
    return exemplars_hash_of(exemplars());
  }
  histograms::histogram_ptr histogram() const override { return parser_.histogram(); }
  std::optional<int64_t> start_timestamp() const override { return parser_.start_timestamp(); }

 private:
  std::vector<exposition::exemplar> exemplars() const {
    std::vector<exposition::exemplar> all;
    append_exemplars(all);
    return all;
  }
  Parser& parser_;
  const series_description* description_;
};

}  // namespace rollcall::series
