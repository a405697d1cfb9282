#pragma once

#include "messages/io.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace rollcall {

/// The fetches of one discoverer that wait for their answers. What was asked of a client that is lost is put to its
/// successor, so that the loss of a client is no failure of a server.
class open_fetches {
 public:
  /// Sends the fetch, whose sink must be set. Its tag names it to the owner; on the way it carries another, so that
  /// what comes too late is recognised.
  void ask(const services& from, fetch question, int64_t now);
  /// The owner's tag of the fetch that ends with this answer. Nothing when nobody waits for it, or when it only says
  /// that the client was shut down: then the successor is asked as soon as it is announced.
  std::optional<uint64_t> finish(const fetched& answer);
  /// To be called with every new set of services.
  void use(const services& before, const services& after, int64_t now);
  /// Gives up, and tells by the owner's tags, what has had no answer `grace` after its timeout.
  std::vector<uint64_t> give_up_overdue(const services& from, int64_t now, std::chrono::milliseconds grace);
  /// Gives up everything.
  void clear(const services& from);

  size_t size() const { return open_.size(); }
  bool empty() const { return open_.empty(); }

 private:
  struct entry {
    fetch question;  // with the owner's tag
    int64_t asked = 0;
  };

  using entries = std::map<uint64_t, entry>;

  void send(const services& from, entry one);
  entries::iterator give_up(const services& from, entries::iterator at);

  entries open_;  // by the tag on the way
  uint64_t last_tag_ = 0;
};

}  // namespace rollcall
