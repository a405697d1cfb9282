#include "actors/discovery/eureka_sd/eureka_sd.hpp"

#include "actors/discovery/discovery_request.hpp"
#include "actors/discovery/eureka_sd/eureka_instance.hpp"
#include "actors/discovery/eureka_sd/eureka_sd_options.hpp"
#include "actors/discovery/polling_discoverer.hpp"
#include "lib/base/utf8.hpp"
#include "lib/http/url.hpp"

#include <fmt/format.h>
#include <pugixml.hpp>

namespace rollcall {

namespace {

constexpr uint64_t body_bytes_max = 64u << 20;

discoverer_actor spawn(caf::actor_system& system, const sd_options_ptr& options, discoverer_context context) {
  const auto& eureka = static_cast<const eureka_sd_options&>(*options);
  polling_options polling;
  polling.mechanism = "eureka";
  polling.source = http::redact_password(eureka.server);
  polling.interval = eureka.refresh_interval;
  polling.question.request = discovery_request(eureka.server + "/apps", eureka.client, "application/xml").share();
  polling.question.body_bytes_max = body_bytes_max;
  polling.read = read_eureka_apps;
  return spawn_polling_discoverer(system, std::move(polling), std::move(context));
}

}  // namespace

result<std::vector<target_group>> read_eureka_apps(const http::response& answer) {
  if (auto valid = check_answer_status(answer, accepted_status::any_2xx); !valid)
    return tl::unexpected(std::move(valid.error()));
  if (!is_valid_utf8(answer.body)) return fail(errc::syntax, "the answer is not UTF-8");
  pugi::xml_document document;
  // Entities are left as they are, because the values of metadata are taken as they are written.
  auto parsed = document.load_buffer(answer.body.data(), answer.body.size(),
                                     pugi::parse_cdata | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed)
    return fail(errc::syntax, fmt::format("invalid XML at byte {}: {}", parsed.offset, parsed.description()));
  auto root = document.document_element();
  if (std::string_view(root.name()) != "applications")
    return fail(errc::syntax, "the XML document is not a list of applications");
  target_group group;
  group.source = "eureka";
  for (auto application : root.children("application")) {
    auto name = eureka_text(application.child("name"));
    for (auto instance : application.children("instance")) {
      auto target = read_eureka_instance(name, instance);
      if (!target) return tl::unexpected(std::move(target.error()));
      group.targets.push_back(std::move(*target));
    }
  }
  return std::vector{std::move(group)};
}

discovery_mechanism eureka_sd() { return {eureka_sd_configuration(), spawn}; }

}  // namespace rollcall
