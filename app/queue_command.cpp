#include "app/queue_command.hpp"

#include "app/wiring.hpp"
#include "lib/queue/set_aside.hpp"

#include <cstdio>
#include <filesystem>

namespace rollcall {

namespace {

result<void> list(queue::block_store& store) {
  auto names = store.queues();
  if (!names) return tl::unexpected(names.error());
  for (const auto& name : *names) {
    auto contents = store.contents(name);
    if (!contents) return tl::unexpected(contents.error());
    uint64_t samples = 0, bytes = 0;
    for (const auto& each : contents->blocks) {
      samples += each.samples;
      bytes += each.bytes;
    }
    std::printf("%s: %zu requests, %llu samples, %llu bytes; %zu set aside\n", name.c_str(), contents->blocks.size(),
                static_cast<unsigned long long>(samples), static_cast<unsigned long long>(bytes),
                contents->set_aside.size());
    for (const auto& each : contents->set_aside) {
      std::printf("  %llu: %llu bytes, %s\n", static_cast<unsigned long long>(each.sequence),
                  static_cast<unsigned long long>(each.bytes), each.reason.c_str());
    }
  }
  return {};
}

result<void> perform(queue::block_store& store, const queue_order& order) {
  switch (order.what) {
    case queue_order::work::list:
      return list(store);
    case queue_order::work::release:
      return queue::release_set_aside(store, order.endpoint, order.sequence);
    case queue_order::work::discard:
      return queue::discard_set_aside(store, order.endpoint, order.sequence);
  }
  return {};
}

}  // namespace

int run_queue_command(const std::string& storage_path, const queue_order& order) {
  // Looking must not make anything.
  std::error_code none;
  if (!std::filesystem::exists(storage_path, none)) {
    std::fprintf(stderr, "%s: does not exist\n", storage_path.c_str());
    return 1;
  }
  auto queues = open_queues(storage_path);
  auto done = queues ? perform(*queues->store, order) : result<void>(tl::unexpected(queues.error()));
  if (done && queues) done = queues->store->sync();
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}

}  // namespace rollcall
