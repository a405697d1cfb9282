#include "actors/io/http_client.hpp"

#include "lib/base/assert.hpp"

#include <utility>

namespace rollcall {

namespace {

using http_client_impl = act::extended<http_client_actor, void(curl_thread_failed)>;
using self_ptr = act::self_ptr<http_client_impl, http_client_state>;

// A sink that is no more would never take what comes, and the transfer would wait for that for ever.
void end_with_sink(self_ptr self, const stream_settings& stream) {
  auto& state = act::state(self);
  ROLLCALL_ASSERT(stream.sink != nullptr);
  if (state.watchers.contains(stream.sink.address())) return;
  act::watch(self, state.watchers, stream.sink, [self, sink = http_sink_actor{stream.sink}](const std::string&) {
    act::state(self).thread->cancel(sink);
  });
}

void on(self_ptr self, fetch& order) {
  ROLLCALL_ASSERT(order.request != nullptr && order.sink != nullptr);
  if (order.stream) end_with_sink(self, *order.stream);
  act::state(self).thread->submit(std::move(order));
}

void on(self_ptr self, parts_taken& taken) { act::state(self).thread->acknowledge(std::move(taken)); }

void on(self_ptr self, cancel_fetch& order) { act::state(self).thread->cancel(order.sink, order.tag); }

http_client_status on(self_ptr self, const get_http_client_status&) { return act::state(self).thread->status(); }

void on(self_ptr self, const curl_thread_failed& failed) { act::crash(self, failed.error); }

/// The sink hears from the thread directly; a detour by this actor would cost a wake-up per response.
void answer(const fetch& order, http::response&& response) {
  act::tell(order.sink, fetched{order.tag, std::move(response)});
}

void hand_on(const fetch& order, std::string&& bytes) {
  act::tell(order.stream->sink, fetched_part{order.tag, std::move(bytes)});
}

act::behavior_of<http_client_impl> http_client(self_ptr self, http_client_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  auto failed = [me = http_client_impl(self)](const std::string& error) { act::tell(me, curl_thread_failed{error}); };
  state.thread = std::make_unique<curl_thread>(std::move(options.curl), hand_on, answer, std::move(failed));
  return {
      [self](fetch& order) { on(self, order); },
      [self](parts_taken& taken) { on(self, taken); },
      [self](cancel_fetch& order) { on(self, order); },
      [self](const get_http_client_status& question) { return on(self, question); },
      [self](const curl_thread_failed& failed) { on(self, failed); },
  };
}

}  // namespace

http_client_actor spawn_http_client(caf::actor_system& system, http_client_options options) {
  return system.spawn(http_client, std::move(options));
}

}  // namespace rollcall
