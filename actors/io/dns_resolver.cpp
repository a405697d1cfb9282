#include "actors/io/dns_resolver.hpp"

#include "lib/base/assert.hpp"

namespace rollcall {

namespace {

using dns_resolver_impl = act::extended<dns_resolver_actor, void(dns_thread_failed)>;
using self_ptr = act::self_ptr<dns_resolver_impl, dns_resolver_state>;

void on(self_ptr self, look_up& order) {
  ROLLCALL_ASSERT(order.sink != nullptr);
  act::state(self).thread->submit(std::move(order));
}

void on(self_ptr self, const dns_thread_failed& failed) { act::crash(self, failed.error); }

/// The sink hears from the thread directly.
void answer(const look_up& order, looked_up&& outcome) { act::tell(order.sink, std::move(outcome)); }

act::behavior_of<dns_resolver_impl> dns_resolver(self_ptr self, dns_options options) {
  auto& state = act::state(self);
  act::init(self, state.watchers);
  auto failed = [me = dns_resolver_impl(self)](const std::string& error) { act::tell(me, dns_thread_failed{error}); };
  state.thread = std::make_unique<dns_thread>(std::move(options), answer, std::move(failed));
  return {
      [self](look_up& order) { on(self, order); },
      [self](const dns_thread_failed& failed) { on(self, failed); },
  };
}

}  // namespace

dns_resolver_actor spawn_dns_resolver(caf::actor_system& system, dns_options options) {
  return system.spawn(dns_resolver, std::move(options));
}

}  // namespace rollcall
