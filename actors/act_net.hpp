#pragma once

#include "actors/act.hpp"
#include "lib/base/result.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

/// How actors of several processes find each other; beside act.hpp the only place that knows CAF's middleman.
namespace rollcall::act {

/// Files in PEM; each is read again for every connection, so that they can be replaced while the process runs.
struct tls_files {
  std::string certificate;
  std::string key;
  std::string authority;  ///< Of all nodes, and of nothing else: names are not checked.
};

/// Whether peers have to show a certificate. Without, whoever reaches the port has the process in hand.
enum class security : unsigned char { mutual_tls, none };

/// Makes the system able to talk to others. Both ends have to use the same silence_max: a peer that is not heard for as
/// long counts as gone.
inline void enable_network(caf::actor_system_config& config, const tls_files& files, security kind,
                           std::chrono::milliseconds silence_max) {
  config.load<caf::io::middleman>();
  config.set("middleman.heartbeat-interval", caf::timespan{silence_max / 4});
  config.set("middleman.connection-timeout", caf::timespan{silence_max});
  config.set("middleman.workers", size_t{2});
  if (kind == security::none) return;
  config.load<caf::openssl::manager>();
  config.openssl_certificate = files.certificate;
  config.openssl_key = files.key;
  config.openssl_cafile = files.authority;
}

/// Lets other processes reach the actor; port 0 stands for any. Returns the port. Errors: errc::io.
template <class Handle>
result<uint16_t> publish(caf::actor_system& system, const Handle& actor, const std::string& host, uint16_t port,
                         security kind) {
  const char* address = host.empty() ? nullptr : host.c_str();
  auto bound = kind == security::mutual_tls ? caf::openssl::publish(actor, port, address, true)
                                            : system.middleman().publish(actor, port, address, true);
  if (!bound)
    return fail(errc::io, "cannot listen on port " + std::to_string(port) + ": " + system.render(bound.error()));
  return *bound;
}

/// Takes back what was published, also of an actor that has ended: the port is free.
template <class Handle>
void unpublish(caf::actor_system& system, const Handle& actor, uint16_t port, security kind) {
  auto manager =
      kind == security::mutual_tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
  caf::make_function_view(manager)(caf::unpublish_atom_v, actor.address(), port);
}

/// Looks for the actor that another process has published; calls exactly one of the two functions.
template <class Handle, class Self>
void connect(Self self, security kind, const std::string& host, uint16_t port, nanoseconds timeout,
             std::function<void(const Handle&)> found, std::function<void(const std::string&)> failed) {
  auto& system = self->system();
  auto manager =
      kind == security::mutual_tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
  self->request(manager, caf::duration{timeout}, caf::connect_atom_v, host, port)
      .then(
          [self, found, failed](caf::node_id&, caf::strong_actor_ptr& peer, std::set<std::string>& interfaces) {
            if (!peer) return failed("nobody is published there");
            if (peer->node() == self->system().node()) return failed("the other process has this one's node identity");
            if (!self->system().assignable(interfaces, self->system().template message_types<Handle>()))
              return failed("it is no coordinator of this version");
            found(caf::actor_cast<Handle>(peer));
          },
          [self, failed](caf::error& problem) { failed(self->system().render(problem)); });
}

}  // namespace rollcall::act
