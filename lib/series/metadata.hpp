#pragma once

#include "lib/exposition/entry.hpp"
#include "lib/exposition/metric_type.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// What a target says of one metric family.
struct family_metadata {
  std::string family;
  exposition::metric_type type = exposition::metric_type::unknown;
  std::string help;
  std::string unit;

  bool operator==(const family_metadata&) const = default;
};

/// What a target says of its metric families, in order of their names, each once. Immutable; equal targets share one.
using metadata_table = std::vector<family_metadata>;
using metadata_ptr = std::shared_ptr<const metadata_table>;

/// Reads all metadata of a body, up to where it can be understood. Of what is said twice, the later counts. Gives the
/// process's one table that is equal to what was read; may be called by any number of threads.
metadata_ptr read_metadata(std::string_view body, exposition::format format);

/// The family that a series of this name belongs to: that of its own name, or failing that the one which exposes it
/// with a suffix of its type, as `_bucket` of a histogram. Null when there is none.
const family_metadata* find_family(const metadata_table& table, std::string_view series_name);

}  // namespace rollcall::series
