#pragma once

#include "tests/lib/remote_write/wire_format.hpp"

#include <optional>
#include <set>

/// remote_write 2.0 on the wire, read in the plainest way there is, to hold the real encoder against.
namespace rollcall::test {

using wire_labels = std::vector<std::pair<std::string, std::string>>;

struct wire_metadata {
  uint64_t type = 0;
  std::string help;
  std::string unit;

  bool operator==(const wire_metadata&) const = default;
};

struct wire_exemplar {
  wire_labels labels;
  uint64_t value = 0;  ///< Bits.
  int64_t timestamp = 0;

  bool operator==(const wire_exemplar&) const = default;
};

/// One TimeSeries: one sample, histogram or exemplar.
struct wire_series {
  wire_labels labels;
  int64_t start = 0;                     ///< Of the sample.
  std::optional<wire_sample> sample;     ///< Without labels.
  std::optional<std::string> histogram;  ///< As it stands there.
  std::optional<wire_exemplar> exemplar;
  std::optional<wire_metadata> metadata;

  bool operator==(const wire_series&) const = default;
};

/// The strings of a request, by their references.
class wire_symbols {
 public:
  void add(std::string_view text) {
    if (all_.empty() != text.empty()) throw std::runtime_error("the empty string is not the first, or is repeated");
    if (!known_.insert(std::string(text)).second) throw std::runtime_error("a string stands in the table twice");
    all_.emplace_back(text);
  }
  const std::string& at(uint64_t ref) {
    used_.insert(ref);
    return all_.at(ref);
  }
  wire_labels labels(std::string_view packed) {
    wire_labels set;
    for (wire_reader refs(packed); !refs.done();) {
      auto name = at(refs.varint());
      set.emplace_back(std::move(name), at(refs.varint()));
    }
    return set;
  }
  bool all_used() const { return used_.size() + (used_.contains(0) ? 0 : 1) == all_.size(); }

 private:
  std::vector<std::string> all_;
  std::set<std::string> known_;
  std::set<uint64_t> used_;
};

inline wire_sample wire_point(wire_reader point, int64_t& start) {
  wire_sample sample;
  if (point.next_is(1, 1)) {
    point.expect_tag(1, 1);
    sample.value = point.fixed64();
  }
  if (point.next_is(2, 0)) {
    point.expect_tag(2, 0);
    sample.timestamp = static_cast<int64_t>(point.varint());
  }
  if (point.next_is(3, 0)) {
    point.expect_tag(3, 0);
    start = static_cast<int64_t>(point.varint());
  }
  if (!point.done()) throw std::runtime_error("a sample with an unknown field");
  return sample;
}

inline wire_exemplar wire_example(wire_reader fields, wire_symbols& symbols) {
  wire_exemplar exemplar;
  if (fields.next_is(1, 2)) {
    fields.expect_tag(1, 2);
    exemplar.labels = symbols.labels(fields.bytes());
  }
  if (fields.next_is(2, 1)) {
    fields.expect_tag(2, 1);
    exemplar.value = fields.fixed64();
  }
  if (fields.next_is(3, 0)) {
    fields.expect_tag(3, 0);
    exemplar.timestamp = static_cast<int64_t>(fields.varint());
  }
  if (!fields.done()) throw std::runtime_error("an exemplar with an unknown field");
  return exemplar;
}

inline wire_metadata wire_described(wire_reader fields, wire_symbols& symbols) {
  wire_metadata metadata;
  auto take = [&fields](uint64_t number) -> uint64_t {
    if (!fields.next_is(number, 0)) return 0;
    fields.expect_tag(number, 0);
    return fields.varint();
  };
  metadata.type = take(1);
  metadata.help = symbols.at(take(3));
  metadata.unit = symbols.at(take(4));
  if (!fields.done()) throw std::runtime_error("metadata with an unknown field");
  return metadata;
}

/// Throws when anything is malformed, or a string stands there for nothing.
inline std::vector<wire_series> wire_decode_2(std::string_view request) {
  std::vector<wire_series> all;
  wire_symbols symbols;
  wire_reader fields(request);
  while (fields.next_is(4, 2)) {
    fields.expect_tag(4, 2);
    symbols.add(fields.bytes());
  }
  while (!fields.done()) {
    fields.expect_tag(5, 2);
    wire_reader series(fields.bytes());
    wire_series read;
    series.expect_tag(1, 2);
    read.labels = symbols.labels(series.bytes());
    if (series.next_is(2, 2)) {
      series.expect_tag(2, 2);
      read.sample = wire_point(wire_reader(series.bytes()), read.start);
    } else if (series.next_is(3, 2)) {
      series.expect_tag(3, 2);
      read.histogram = series.bytes();
    } else {
      series.expect_tag(4, 2);
      read.exemplar = wire_example(wire_reader(series.bytes()), symbols);
    }
    if (series.next_is(5, 2)) {
      series.expect_tag(5, 2);
      read.metadata = wire_described(wire_reader(series.bytes()), symbols);
    }
    if (!series.done()) throw std::runtime_error("more than one item in a series");
    all.push_back(std::move(read));
  }
  if (!symbols.all_used()) throw std::runtime_error("a string that nothing refers to");
  return all;
}

}  // namespace rollcall::test
