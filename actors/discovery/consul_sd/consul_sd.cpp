#include "actors/discovery/consul_sd/consul_sd.hpp"

#include "actors/discovery/consul_sd/consul_session.hpp"
#include "actors/discovery/watching_discoverer.hpp"
#include "lib/http/url.hpp"

namespace rollcall {

namespace {

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  consul_session_options session;
  session.configuration = static_cast<const consul_sd_options&>(*options);
  session.metrics = context.environment->metrics;
  watching_options watching;
  watching.mechanism = "consul";
  watching.source = http::redact_password(session.configuration.server);
  watching.session = std::make_shared<consul_session>(std::move(session));
  return spawn_watching_discoverer(system, std::move(watching), std::move(context));
}

}  // namespace

discovery_mechanism consul_sd() { return {consul_sd_configuration(), spawn}; }

}  // namespace rollcall
