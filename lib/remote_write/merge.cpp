#include "lib/remote_write/merge.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/compression.hpp"
#include "lib/remote_write/rewrite.hpp"

#include <algorithm>

namespace rollcall::remote_write {

namespace {

// Messages of version 1 may be put one after the other: the repeated field of the whole is that of the parts. Those of
// version 2 have a table of strings each.
std::string joined(message_kind message, const std::string& older, const std::string& newer) {
  if (message == message_kind::v1) return older + newer;
  auto whole = join_version_2(older, newer);
  ROLLCALL_ASSERT(whole);
  return std::move(*whole);
}

// Both are in order of source, and so is the outcome.
std::vector<source_span> merge(const std::vector<source_span>& older, const std::vector<source_span>& newer) {
  std::vector<source_span> all;
  all.reserve(older.size() + newer.size());
  auto in_order = [](const source_span& a, const source_span& b) { return a.source < b.source; };
  std::merge(older.begin(), older.end(), newer.begin(), newer.end(), std::back_inserter(all), in_order);
  auto end = all.begin();
  for (auto at = all.begin(); at != all.end(); ++at) {
    if (end != all.begin() && std::prev(end)->source == at->source) {
      auto& span = *std::prev(end);
      span.batch_first = std::min(span.batch_first, at->batch_first);
      span.batch_last = std::max(span.batch_last, at->batch_last);
    } else {
      *end++ = *at;
    }
  }
  all.erase(end, all.end());
  return all;
}

}  // namespace

request merge(const request& older, const request& newer) {
  ROLLCALL_ASSERT(older.form() == newer.form());
  request all;
  static_cast<wire_form&>(all) = older;
  all.body = compressor().compress(all.compression, joined(all.message, message_of(older), message_of(newer)));
  all += older;
  all += newer;
  all.timestamp_lowest = std::min(older.timestamp_lowest, newer.timestamp_lowest);
  all.timestamp_highest = std::max(older.timestamp_highest, newer.timestamp_highest);
  all.sources = merge(older.sources, newer.sources);
  return all;
}

}  // namespace rollcall::remote_write
