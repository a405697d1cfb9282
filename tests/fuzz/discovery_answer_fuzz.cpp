#include "actors/discovery/consul_sd/consul_api.hpp"
#include "actors/discovery/eureka_sd/eureka_sd.hpp"
#include "actors/discovery/kuma_sd/kuma_session.hpp"
#include "actors/discovery/marathon_sd/marathon_sd.hpp"
#include "actors/discovery/nomad_sd/nomad_sd.hpp"
#include "actors/discovery/puppetdb_sd/puppetdb_sd.hpp"
#include "lib/base/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace rollcall;

http::response answer_with(std::string body) {
  http::response answer;
  answer.status = 200;
  answer.content_type = "application/json";
  answer.body = std::move(body);
  return answer;
}

/// A reader either fails with a message, or every target it yields has an address.
template <class Result>
void check(const Result& groups) {
  if (!groups) {
    ROLLCALL_ASSERT(!groups.error().message.empty());
    return;
  }
  for (const auto& group : *groups)
    for (const auto& target : group.targets) ROLLCALL_ASSERT(target.get("__address__").find(':') != std::string::npos);
}

void read_puppetdb(const http::response& answer) {
  puppetdb_sd_options options;
  options.url = "http://p";
  options.include_parameters = true;
  check(read_puppetdb_resources(answer, options));
}

void read_nomad(const http::response& answer) {
  nomad_sd_options options;
  nomad_refresh refresh(options);
  refresh.begin();
  if (auto more = refresh.take(0, answer); more && !more->empty())
    check(refresh.take(1, answer).map([&](const auto&) { return refresh.groups(); }));
}

void read_consul(const http::response& answer) {
  if (auto catalog = read_consul_catalog(answer); !catalog) ROLLCALL_ASSERT(!catalog.error().message.empty());
  if (auto group = read_consul_instances(answer, "s", "dc", ",")) check(result<std::vector<target_group>>({*group}));
  if (auto datacenter = read_consul_datacenter(answer)) ROLLCALL_ASSERT(!datacenter->empty());
}

}  // namespace

/// Answers of registries; the first byte says which one's it is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto answer = answer_with(std::string(reinterpret_cast<const char*>(data + 1), size - 1));
  switch (data[0]) {
    case 'c':
      read_consul(answer);
      break;
    case 'n':
      read_nomad(answer);
      break;
    case 'm':
      check(read_marathon_apps(answer));
      break;
    case 'e':
      check(read_eureka_apps(answer));
      break;
    case 'p':
      read_puppetdb(answer);
      break;
    case 'k':
      if (auto read = read_kuma_assignments(answer.body); !read) ROLLCALL_ASSERT(!read.error().message.empty());
      break;
    default:
      break;
  }
  return 0;
}
