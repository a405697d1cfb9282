#pragma once

#include "lib/exposition/metric_type.hpp"
#include "lib/exposition/token_reader.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::exposition {

/// Whether metrics of this type have start times.
bool has_start_time(metric_type type);
/// The name without `_created`; nothing when it has none.
std::optional<std::string_view> without_created(std::string_view name);

/// The `_created` lines of a stretch of a body. Compares names and values as they stand in the text.
class open_metrics_start_times {
 public:
  /// Whether the stretch has this place.
  bool covers(size_t at) const { return at >= first_ && at < end_; }
  /// Forgets what was and begins a stretch.
  void begin(size_t first);
  /// Notes a `_created` line by the rest of its name. A later one of the same series takes its place.
  void add(size_t at, std::string_view family, const std::vector<raw_label>& labels, metric_type type,
           int64_t milliseconds);
  /// Ends the stretch before this place.
  void finish(size_t end) { end_ = end; }

  /// What the series of a sample at this place finds behind itself.
  std::optional<int64_t> find(size_t at, std::string_view name, const std::vector<raw_label>& labels, metric_type type);

 private:
  struct found {
    size_t at = 0;
    int64_t milliseconds = 0;
  };

  void spell_key(std::string_view family, const std::vector<raw_label>& labels, metric_type type);

  std::map<std::string, found> found_;  // ordered, for hostile names can make a hash table slow
  size_t first_ = 0;
  size_t end_ = 0;
  std::string key_;
  std::vector<const raw_label*> sorted_;
};

}  // namespace rollcall::exposition
