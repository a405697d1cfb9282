#pragma once

#include "lib/remote_write/request.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace rollcall::remote_write {

/// The search for the series of a request that its receiver refuses, so that the others need not stay behind with them:
/// it is sent in halves, what is refused of them in halves again, and so on. Ends when every part was accepted or
/// cannot be divided, or when more attempts are not worth it. No two parts have a series in common, so their order does
/// not matter.
class part_search {
 public:
  /// Begins with a request that was refused.
  explicit part_search(request whole) { refused(std::move(whole)); }

  /// What is to be sent next; nothing when the search is over. Each is to be answered before the next is asked for.
  std::optional<request> next();
  void accepted() { ++accepted_; }
  void refused(request part) { refused_.push_back(std::move(part)); }
  /// It is not to be divided: the receiver has taken what it wanted of it.
  void left_over(request part) { left_over_.push_back(std::move(part)); }
  /// Ends the search.
  void give_up();

  /// Whether so much was refused and nothing accepted that the receiver may want nothing at all.
  bool was_in_vain() const;
  bool has_rest() const { return !untried_.empty() || !refused_.empty() || !left_over_.empty(); }
  /// All that was not accepted, with the sequence of the whole; nothing when there is none. Not while an answer is
  /// waited for.
  std::optional<request> rest() const;

 private:
  bool is_worth_it() const;

  std::deque<request> untried_;
  std::deque<request> refused_;    // to be divided, the greatest first
  std::deque<request> left_over_;  // not to be divided any more
  uint64_t sent_ = 0;
  uint64_t accepted_ = 0;
};

}  // namespace rollcall::remote_write
