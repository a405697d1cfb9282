#pragma once

#include "actors/discovery/consul_sd/consul_sd_options.hpp"
#include "lib/base/result.hpp"
#include "lib/http/request.hpp"
#include "lib/targets/target_group.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is asked of Consul's HTTP API, and what its answers mean.
/// https://developer.hashicorp.com/consul/api-docs, and there "Blocking Queries".
namespace rollcall {

/// Where an agent is.
struct consul_place {
  std::string base;         ///< Scheme, host, port and prefix, without a slash at the end.
  std::string unix_socket;  ///< Or empty.
};

consul_place consul_place_of(const consul_sd_options& options);

/// How a question waits for a change.
struct consul_wait {
  uint64_t index = 0;  ///< What was last seen; 0 does not wait.
  std::chrono::milliseconds time{0};
};

http::request_ptr consul_agent_request(const consul_sd_options& options);
http::request_ptr consul_catalog_request(const consul_sd_options& options, const consul_wait& wait);
http::request_ptr consul_health_request(const consul_sd_options& options, std::string_view service,
                                        const consul_wait& wait);

/// The index that an answer carries; nothing when it carries none. Errors: errc::syntax.
result<std::optional<uint64_t>> consul_index_of(const http::response& answer);

/// What to wait for next. An index that went backwards says that the server's state was restored: 0 begins anew. An
/// answer with index 0 is a known fault of servers, and waiting for 1 is always safe. Without an index there is no
/// waiting.
uint64_t consul_next_index(uint64_t previous, std::optional<uint64_t> answered);

/// The datacenter in an answer to consul_agent_request. Errors: errc::io for a status other than 200, errc::syntax; so
/// do the others.
result<std::string> read_consul_datacenter(const http::response& answer);

/// Names of services with their tags.
using consul_catalog = std::map<std::string, std::vector<std::string>>;

result<consul_catalog> read_consul_catalog(const http::response& answer);

/// Whether a service of the catalog is one of those to watch.
bool is_wanted(const consul_sd_options& options, const std::string& service, const std::vector<std::string>& tags);

/// The instances of a service as one group, whose source is the service's name.
result<target_group> read_consul_instances(const http::response& answer, const std::string& service,
                                           const std::string& datacenter, const std::string& tag_separator);

}  // namespace rollcall
