#pragma once

#include "lib/remote_write/request.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace rollcall::remote_write {

/// Which of the unfinished requests may be under way at the same time without a series' samples overtaking each other:
/// per source the earliest, together with those that hold other parts of the same one batch.
class source_order {
 public:
  /// Takes the next request; ids ascend. Says whether nothing earlier stands in its way.
  bool add(uint64_t id, std::span<const source_span> sources);
  /// Whether add() of these sources would say no.
  bool would_wait(std::span<const source_span> sources) const;
  /// The request is finished, or given up. Appends to `freed` those that nothing stands in the way of any more.
  void remove(uint64_t id, std::span<const source_span> sources, std::vector<uint64_t>& freed);

 private:
  struct place {
    uint64_t id;
    uint64_t batch_first;
    uint64_t batch_last;
  };
  // The unfinished requests of one source in order; the first `released` of them may go.
  struct line {
    std::vector<place> places;
    size_t released = 0;
  };

  static bool releasable(const line& waiting);

  std::unordered_map<uint64_t, line> lines_;        // by source
  std::unordered_map<uint64_t, size_t> held_back_;  // by request: the lines in which it waits; absent for none
};

}  // namespace rollcall::remote_write
