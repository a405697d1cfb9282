#pragma once

#include "lib/queue/block.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Blocks for tests.
namespace rollcall::test {

/// A request of `samples` samples of one batch of each source.
inline remote_write::request made_request(std::string body, uint64_t samples, std::vector<uint64_t> sources,
                                          uint64_t batch, int64_t timestamp = 1000) {
  remote_write::request made;
  made.body = std::make_shared<const std::string>(std::move(body));
  made.samples = samples;
  made.timestamp_lowest = timestamp;
  made.timestamp_highest = timestamp;
  for (auto source : sources) made.sources.push_back({source, batch, batch});
  return made;
}

inline queue::block made_block(uint64_t sequence, std::string body = "body", int64_t created = 1000) {
  queue::block made;
  made.sequence = sequence;
  made.created = created;
  made.request = made_request(std::move(body), 3, {7}, sequence);
  return made;
}

inline queue::block_ptr shared(queue::block made) { return std::make_shared<const queue::block>(std::move(made)); }

}  // namespace rollcall::test
