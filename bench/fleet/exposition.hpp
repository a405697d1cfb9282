#pragma once

#include "bench/fleet/families.hpp"
#include "bench/fleet/random.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace rollcall::bench {

struct exposition_options {
  size_t series = 1000;
  double churn_percent = 0;  ///< Of all series, renamed at each advance.
  uint64_t seed = 1;
};

/// What a target exposes: text format 0.0.4 with exactly the series asked for. Counters never decrease, histograms are
/// consistent, and the same seed gives the same text. For one thread at a time.
class exposition {
 public:
  explicit exposition(exposition_options options);

  /// One scrape interval passes: values move, and the due share of the series gets new names.
  void advance();

  std::string render() const;

 private:
  /// Series that live and are renamed together: one of a counter or gauge, all of a histogram.
  struct group {
    const family* of = nullptr;
    size_t combination = 0;
    unsigned generation = 0;
    double rate = 0;  ///< Mean change per advance; 0 stands still.
    size_t first = 0;
    size_t count = 1;
  };

  struct series {
    std::string text;  ///< Name, labels and the space before the value.
    double value = 0;
  };

  void add_family(const family& of, size_t series_count);
  void name_group(const group& named);
  void start_values(group& started);
  void move_values(const group& moved);
  void observe(const group& observed, double rate);
  void rename_due();

  exposition_options options_;
  random_numbers random_;
  std::vector<series> series_;
  std::vector<group> groups_;
  std::vector<size_t> renamable_;  ///< Indexes of groups that live in pods, in random order.
  size_t next_renamed_ = 0;
  double rename_credit_ = 0;
};

/// A value as Go programs print it: the shortest digits that read back the same, with an exponent from 1e+06 on.
void append_value(std::string& text, double value);

}  // namespace rollcall::bench
