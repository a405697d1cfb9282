#pragma once

#include "lib/base/result.hpp"
#include "lib/targets/target_group.hpp"
#include "messages/io.hpp"

#include <vector>

namespace rollcall {

/// One refresh of a mechanism that needs more than one request, or not the same one each time. It knows no actor: it is
/// given answers and tells what to ask. All of it succeeds, or nothing does.
class poll_sequence {
 public:
  virtual ~poll_sequence() = default;

  /// What to ask first; at least one question. Its tag says which question an answer belongs to; sink and timeout are
  /// filled in by the discoverer.
  virtual std::vector<fetch> begin() = 0;
  /// Takes an answer that arrived whole, in whatever order, and tells what else to ask. An error ends the refresh.
  virtual result<std::vector<fetch>> take(uint64_t tag, const http::response& answer) = 0;
  /// All groups there are, once every question has its answer.
  virtual std::vector<target_group> groups() = 0;
};

}  // namespace rollcall
