#pragma once

#include "lib/labels/labels.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// The labels a target puts on each of its series, in order of name, ready to be copied into a remote-write request.
/// A label's index in that order is its slot; series blocks refer to a target's labels by slot, and can so be shared
/// by all targets with the same label names. Immutable.
class target_labels {
 public:
  explicit target_labels(labels set);

  const labels& set() const { return set_; }
  size_t size() const { return slots_.size(); }
  label at(size_t slot) const { return slots_[slot]; }
  /// The slot of a label name, or -1.
  int slot_of(std::string_view name) const;
  /// The label as encode_pair() gives it.
  std::string_view encoded(size_t slot) const;
  /// All label names in order, each followed by the byte 0xFF: equal for two targets whose slots mean the same.
  const std::string& slot_names() const { return slot_names_; }

  target_labels(const target_labels&) = delete;
  target_labels& operator=(const target_labels&) = delete;

 private:
  labels set_;
  std::vector<label> slots_;
  std::string encoded_;
  std::vector<uint32_t> offsets_;
  std::string slot_names_;
};

using target_labels_ptr = std::shared_ptr<const target_labels>;

/// Appends a label as field 1 of a remote-write 1.0 TimeSeries: 0x0A <length> 0x0A <length> name 0x12 <length> value.
void encode_pair(std::string& out, std::string_view name, std::string_view value);
/// Reads back what encode_pair() wrote; the views point into `encoded`.
label decode_pair(std::string_view encoded);

}  // namespace rollcall::series
