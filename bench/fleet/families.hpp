#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::bench {

/// How the values of a family move.
enum class value_kind : unsigned char {
  constant,
  events,     ///< A counter of whole things.
  seconds,    ///< A counter of seconds with two decimals, as a kernel tells them.
  octets,     ///< A counter of bytes.
  memory,     ///< A gauge of bytes in whole pages.
  level,      ///< A gauge of a few whole things.
  ratio,      ///< A gauge between 0 and 1 with many digits.
  histogram,  ///< Buckets, sum and count.
};

/// What the last label of a family counts up: there is no end to its values.
enum class unit_kind : unsigned char { none, pod, processor, device, partition };

struct dimension {
  std::string_view label;
  std::span<const std::string_view> values;
};

/// One metric family of a service or a machine.
struct family {
  std::string_view name;
  std::string_view help;
  value_kind values = value_kind::events;
  unsigned weight = 0;  ///< Of all series, in per mille; 0 is a family of one series without labels.
  std::vector<dimension> dimensions;
  unit_kind unit = unit_kind::none;
};

/// The families of a target, in the order in which it exposes them.
const std::vector<family>& families();

/// The upper bounds of a histogram's buckets as they stand in `le`, "+Inf" last.
std::span<const std::string_view> bucket_bounds();

/// The labels of a family's `combination`th set of label values: `a="b",c="d"`, without braces. Only families with pods
/// know generations: a later generation is the same thing in a new pod.
std::string labels_of(const family& of, size_t combination, unsigned generation);

/// "counter", "gauge" or "histogram".
std::string_view type_of(value_kind kind);

}  // namespace rollcall::bench
