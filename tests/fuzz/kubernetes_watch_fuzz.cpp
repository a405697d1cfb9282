#include "actors/discovery/kubernetes_sd/catalog.hpp"
#include "actors/discovery/kubernetes_sd/line_splitter.hpp"
#include "actors/discovery/kubernetes_sd/object_reader.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Streams of watch events: lines are the same however they are cut, and every object that can be read has a group
/// whose source is its own, or none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  using namespace rollcall::kubernetes;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr size_t line_bytes_max = 4096;
  std::vector<std::string> whole, cut;
  auto keep_in = [](std::vector<std::string>& lines) {
    return [&lines](std::string_view line) {
      lines.emplace_back(line);
      return true;
    };
  };
  line_splitter at_once(line_bytes_max), bytewise(line_bytes_max);
  bool good = at_once.feed(text, keep_in(whole)).has_value();
  bool good_too = true;
  for (size_t i = 0; i < text.size() && good_too; ++i)
    good_too = bytewise.feed(text.substr(i, 1), keep_in(cut)).has_value();
  ROLLCALL_ASSERT(good == good_too && whole == cut);

  for (auto role : {resource::node, resource::pod, resource::service, resource::endpoints, resource::endpoint_slice,
                    resource::ingress}) {
    catalog groups(role, {true, true, true, true, true});
    (void)read_list(role, text);
    for (const auto& line : whole) {
      auto event = read_event(role, line);
      if (!event || event->kind == event_kind::error || event->kind == event_kind::bookmark) continue;
      ROLLCALL_ASSERT(event->object != nullptr);
      groups.apply(role, {{event->object->key(), event->object}});
      for (const auto& group : groups.take_changes([](std::string_view) { return true; }))
        ROLLCALL_ASSERT(group->source == source_of(role, event->object->key()));
    }
  }
  return 0;
}
