#pragma once

#include "lib/base/result.hpp"
#include "lib/labels/labels.hpp"
#include "lib/series/block_builder.hpp"
#include "lib/series/scrape_cache.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rollcall::series {

/// Eight bits of a metric name, the same in every process.
uint8_t metric_name_tag(std::string_view name);

/// Which series of its target a sample is about, before its labels are looked at.
struct series_identity {
  uint64_t hash = 0;      ///< The same from scrape to scrape.
  size_t text_bytes = 0;  ///< Length of the text that was hashed, or 0 for a format without one.
  std::string_view name;  ///< The metric name as exposed.
};

using label_list = std::vector<std::pair<std::string, std::string>>;

/// Turns what a target exposes into the series that are delivered: the target's labels added, conflicts resolved,
/// metric relabeling applied, limits checked.
class series_maker {
 public:
  /// Both must outlive the maker.
  series_maker(const ingest_options& options, const target_labels& target) : options_(options), target_(target) {}

  /// Makes the record of a series that was exposed with these labels, `__name__` among them, in any order; its kind
  /// tells whether it was dropped. An error means that the whole scrape fails: errc::limit_exceeded for a label limit
  /// of the job, errc::invalid_argument or errc::unsupported for a series that nobody can store.
  result<series_record> make(const series_identity& identity, label_list exposed);

 private:
  void sort_exposed();
  void add_target_labels();
  void honor_exposed_labels();
  result<void> check() const;
  result<void> check_limits() const;

  const ingest_options& options_;
  const target_labels& target_;
  label_list exposed_;                       // sorted by name
  std::vector<std::string> repeated_names_;  // exposed more than once
  label_builder labels_;
};

}  // namespace rollcall::series
