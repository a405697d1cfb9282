#pragma once

#include "lib/exposition/series_hash.hpp"
#include "lib/series/parser_source.hpp"
#include "lib/series/text_hash.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::series {

/// A parser of lines that reads like one of entries. Every line costs a full parse: for what the short way over lines
/// does not look at.
template <class Parser>
class line_entries {
 public:
  /// The secret must outlive the entries.
  line_entries(Parser lines, const hash_secret& secret) : lines_(std::move(lines)), secret_(secret) {}

  auto next() { return lines_.next(); }
  std::string family() const { return std::string(lines_.family()); }
  std::string help() const { return lines_.help(); }
  std::string_view unit() const {
    if constexpr (requires { lines_.unit(); }) return lines_.unit();
    return {};
  }
  exposition::metric_type type() const { return lines_.type(); }

  uint64_t series_hash() const { return hash_text(lines_.series_text(), secret_); }
  std::string_view raw_name() const { return lines_.raw_name(); }
  uint64_t value_bits() const { return lines_.value_bits(); }
  std::optional<int64_t> timestamp() const { return lines_.timestamp(); }
  std::optional<int64_t> start_timestamp() {
    if constexpr (requires { lines_.start_timestamp(); }) return lines_.start_timestamp();
    return std::nullopt;
  }
  histograms::histogram_ptr histogram() const { return nullptr; }
  void append_labels(label_list& out) const { lines_.append_labels(out); }
  void append_exemplars(std::vector<exposition::exemplar>& out) const {
    line_source<Parser>(lines_).append_exemplars(out);
  }

 private:
  Parser lines_;
  const hash_secret& secret_;
};

}  // namespace rollcall::series
