#pragma once

#include "messages/control.hpp"

#include <string>
#include <vector>

/// Web: the process as others see it over HTTP.
///   supervisor --set_ready--> web server

namespace rollcall {

/// Whether the process does its work: from the first configuration in force until the end begins.
enum class readiness : unsigned char { starting, ready, stopping };

struct set_ready {
  rollcall::readiness readiness = readiness::ready;

  bool operator==(const set_ready&) const = default;
};

struct get_addresses {
  bool operator==(const get_addresses&) const = default;
};

/// Where the web server listens.
struct addresses {
  std::vector<std::string> listening;  ///< "127.0.0.1:9095", "[::]:9095", with the ports that were in fact bound.

  bool operator==(const addresses&) const = default;
};

/// WEB SERVER: answers HTTP requests with what it asks the others for; owns nothing itself.
/// Sends: reload to the config reloader, shut_down to the supervisor, when a request asks for it and that is enabled.
/// Ends: on exit from the supervisor, once open requests are answered or their grace is over.
using web_server_actor = act::handle<
    // What /-/ready says from now on.
    void(set_ready),
    // Where it listens.
    addresses(get_addresses)>;

}  // namespace rollcall

ACT_BLOCK_AFTER(rollcall_control, rollcall_web)
ACT_LOCAL_MESSAGE(rollcall_web, rollcall::set_ready)
ACT_LOCAL_MESSAGE(rollcall_web, rollcall::get_addresses)
ACT_LOCAL_MESSAGE(rollcall_web, rollcall::addresses)
ACT_END(rollcall_web)
