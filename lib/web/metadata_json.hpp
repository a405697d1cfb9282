#pragma once

#include "lib/base/result.hpp"
#include "lib/series/metadata.hpp"
#include "lib/series/target_labels.hpp"
#include "lib/web/query_string.hpp"
#include "lib/web/selector.hpp"

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace rollcall::web {

/// Writes the body of /api/v1/targets/metadata, target by target.
class target_metadata_json {
 public:
  /// Reads the parameters `match_target`, `metric` and `limit`. Errors are worded as Prometheus does.
  static result<target_metadata_json> from(const query_string& query);

  void add(const series::target_labels& target, const series::metadata_table& families);
  /// The whole body; nothing when no metadata were asked for that exist.
  std::optional<std::string> finish();

 private:
  bool is_wanted(const series::target_labels& target) const;

  std::optional<selector> match_target_;
  std::string metric_;
  size_t limit_ = std::numeric_limits<size_t>::max();
  size_t written_ = 0;
  std::string items_;
};

/// Writes the body of /api/v1/metadata: what all targets together say of each metric family.
class metadata_json {
 public:
  /// Reads the parameters `metric`, `limit` and `limit_per_metric`. Errors are worded as Prometheus does.
  static result<metadata_json> from(const query_string& query);

  void add(const series::metadata_table& families);
  std::string finish() const;

 private:
  using description = std::tuple<exposition::metric_type, std::string, std::string>;  // type, help, unit

  std::string metric_;
  size_t limit_ = std::numeric_limits<size_t>::max();
  size_t limit_per_metric_ = std::numeric_limits<size_t>::max();
  std::map<std::string, std::set<description>, std::less<>> families_;
};

}  // namespace rollcall::web
