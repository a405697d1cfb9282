#include "lib/remote_write/merge.hpp"

#include "lib/base/assert.hpp"
#include "lib/remote_write/compression.hpp"
#include "lib/remote_write/rewrite.hpp"

#include <algorithm>

namespace rollcall::remote_write {

namespace {

// Messages of version 1 may be put one after the other: the repeated field of the whole is that of the parts. Those of
// version 2 have a table of strings each.
std::string joined(message_kind kind, const std::vector<std::string>& messages) {
  if (kind == message_kind::v2) {
    auto whole = join_version_2(messages);
    ROLLCALL_ASSERT(whole);
    return std::move(*whole);
  }
  std::string whole;
  for (const auto& each : messages) whole += each;
  return whole;
}

request part_of(const request& whole, const item_counts& items, std::string_view message) {
  auto part = whole;
  static_cast<item_counts&>(part) = items;
  part.body = compressor().compress(part.compression, message);
  return part;
}

}  // namespace

void join_spans(std::vector<source_span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const source_span& a, const source_span& b) {
    return std::pair(a.source, a.batch_first) < std::pair(b.source, b.batch_first);
  });
  size_t kept = 0;
  for (const auto& span : spans) {
    if (kept > 0 && spans[kept - 1].source == span.source) {
      spans[kept - 1].batch_last = std::max(spans[kept - 1].batch_last, span.batch_last);
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
}

request merge(std::span<const request> all) {
  request whole;
  static_cast<wire_form&>(whole) = all.front();
  whole.timestamp_lowest = all.front().timestamp_lowest;
  whole.timestamp_highest = all.front().timestamp_highest;
  std::vector<std::string> messages;
  for (const auto& each : all) {
    ROLLCALL_ASSERT(each.form() == whole.form());
    messages.push_back(message_of(each));
    whole += each;
    whole.timestamp_lowest = std::min(whole.timestamp_lowest, each.timestamp_lowest);
    whole.timestamp_highest = std::max(whole.timestamp_highest, each.timestamp_highest);
    whole.sources.insert(whole.sources.end(), each.sources.begin(), each.sources.end());
  }
  join_spans(whole.sources);
  whole.body = compressor().compress(whole.compression, joined(whole.message, messages));
  return whole;
}

std::optional<std::pair<request, request>> divide(const request& whole) {
  auto halves = divide_series(whole.message, message_of(whole));
  if (!halves) return std::nullopt;
  auto& [first, second] = *halves;
  auto items = first.items;
  items += second.items;
  if (items != static_cast<const item_counts&>(whole)) return std::nullopt;
  return std::pair(part_of(whole, first.items, first.bytes), part_of(whole, second.items, second.bytes));
}

wire_form lesser_of(const wire_form& a, const wire_form& b) {
  return {std::min(a.message, b.message), std::min(a.compression, b.compression)};
}

uint64_t lower(request& changed, const wire_form& to) {
  if (changed.form() == to) return 0;
  uint64_t left_out = 0;
  auto message = message_of(changed);
  if (to.message != changed.message) {
    auto rewritten = as_version_1(message);
    ROLLCALL_ASSERT(rewritten);
    left_out = rewritten->custom_buckets;
    changed -= item_counts{left_out, left_out, 0};
    message = std::move(rewritten->bytes);
  }
  static_cast<wire_form&>(changed) = to;
  changed.body = compressor().compress(to.compression, message);
  return left_out;
}

}  // namespace rollcall::remote_write
