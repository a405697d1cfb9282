#include "actors/discovery/kuma_sd/kuma_sd.hpp"

#include "actors/discovery/kuma_sd/kuma_session.hpp"
#include "actors/discovery/watching_discoverer.hpp"
#include "lib/http/url.hpp"

#include <unistd.h>

#include <array>

namespace rollcall {

namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  bool known = gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  return known ? name.data() : "prometheus";
}

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  kuma_session_options session;
  session.configuration = static_cast<const kuma_sd_options&>(*options);
  session.client_id = session.configuration.client_id.empty() ? machine_name() : session.configuration.client_id;
  session.metrics = context.environment->metrics;
  watching_options watching;
  watching.mechanism = "kuma";
  watching.source = http::redact_password(session.configuration.server);
  watching.session = std::make_shared<kuma_session>(std::move(session));
  return spawn_watching_discoverer(system, std::move(watching), std::move(context));
}

}  // namespace

discovery_mechanism kuma_sd() { return {kuma_sd_configuration(), spawn}; }

}  // namespace rollcall
