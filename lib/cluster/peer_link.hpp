#pragma once

#include "lib/cluster/protocol.hpp"

#include <deque>
#include <optional>

namespace rollcall::cluster {

/// One side of a session: hands items over in order and once each, over a carrier that may lose, repeat and delay. One
/// frame of items is outstanding at a time, so that a slow receiver makes the rest wait here and not in the network.
class peer_link {
 public:
  peer_link(uint64_t session, milliseconds retry) : session_(session), retry_(retry) {}

  uint64_t session() const { return session_; }
  void push(std::string item);
  /// Whether a frame sent now would carry items.
  bool has_work(int64_t now) const;
  /// What is not acknowledged yet.
  size_t items_waiting() const { return waiting_.size() + outstanding_items_; }
  size_t bytes_waiting() const { return bytes_waiting_ + (outstanding_items_ > 0 ? outstanding_.size() : 0); }
  /// The items that are not acknowledged, all in a row. The other side may have taken some of them.
  std::string unacknowledged() const;
  /// The latest stamp of this side that the other has echoed.
  int64_t echoed() const { return echoed_; }

  frame make_frame(int64_t now);
  /// Takes note of what came, and gives its items unless they came before. A frame of another session is ignored.
  std::optional<std::string> take(const frame& received);

 private:
  uint64_t session_;
  milliseconds retry_;
  std::deque<std::string> waiting_;
  size_t bytes_waiting_ = 0;
  std::string outstanding_;
  size_t outstanding_items_ = 0;
  uint64_t sent_ = 0;  // the sequence that is outstanding, or was last
  int64_t sent_at_ = 0;
  bool was_sent_ = false;
  uint64_t taken_ = 0;
  int64_t stamp_of_peer_ = 0;
  int64_t echoed_ = 0;
};

}  // namespace rollcall::cluster
