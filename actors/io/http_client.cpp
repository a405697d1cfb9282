#include "actors/io/http_client.hpp"

#include "lib/base/assert.hpp"

#include <utility>

namespace rollcall {

namespace {

using http_client_impl = act::extended<http_client_actor, void(curl_thread_failed)>;
using self_ptr = act::self_ptr<http_client_impl, http_client_state>;

void on(self_ptr self, fetch& order) {
  ROLLCALL_ASSERT(order.request != nullptr && order.sink != nullptr);
  act::state(self).thread->submit(std::move(order));
}

http_client_status on(self_ptr self, const get_http_client_status&) { return act::state(self).thread->status(); }

void on(self_ptr self, const curl_thread_failed& failed) { act::crash(self, failed.error); }

/// The sink hears from the thread directly; a detour by this actor would cost a wake-up per response.
void answer(const fetch& order, http::response&& response) {
  act::tell(order.sink, fetched{order.tag, std::move(response)});
}

act::behavior_of<http_client_impl> http_client(self_ptr self, http_client_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  auto failed = [me = http_client_impl(self)](const std::string& error) { act::tell(me, curl_thread_failed{error}); };
  state.thread = std::make_unique<curl_thread>(std::move(options.curl), answer, std::move(failed));
  return {
      [self](fetch& order) { on(self, order); },
      [self](const get_http_client_status& question) { return on(self, question); },
      [self](const curl_thread_failed& failed) { on(self, failed); },
  };
}

}  // namespace

http_client_actor spawn_http_client(caf::actor_system& system, http_client_options options) {
  return system.spawn(http_client, std::move(options));
}

}  // namespace rollcall
