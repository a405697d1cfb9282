#pragma once

#include "config/config.hpp"
#include "lib/base/result.hpp"
#include "lib/cluster/protocol.hpp"
#include "lib/series/target_labels.hpp"
#include "messages/scrape.hpp"

#include <string>
#include <string_view>

/// What a worker needs of a configuration that it does not have, as bytes.
namespace rollcall {

/// A loop to be run, wherever that is.
struct loop_assignment {
  loop_settings_ptr settings;
  http::request_ptr request;
  labels visible;
  uint64_t identity = 0;
  std::chrono::milliseconds interval{0};
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds phase{0};
  std::string forced_error;
  cluster::estate from_before = cluster::estate::none;
};

/// Which loop of the cluster it is: the same on every node and after every restart.
uint64_t key_of(const loop_assignment& assignment);

std::string encode_settings(const loop_settings& settings);
/// Errors: errc::syntax; errc::invalid_argument for rules that are none.
result<loop_settings_ptr> decode_settings(std::string_view bytes);

/// What crosses nodes of an assignment, but for its settings. `settings` is their number.
cluster::loop_plan plan_of(const loop_assignment& assignment, uint64_t settings);
/// The assignment again. Errors: errc::syntax.
result<loop_assignment> assignment_of(const cluster::loop_plan& plan, loop_settings_ptr settings);

/// Receivers and external labels.
std::string encode_delivery(const config& from);
/// A configuration with these and without jobs. Errors: errc::syntax.
result<config_ptr> decode_delivery(std::string_view bytes);

std::string encode_status(const loop_status& status);
/// Errors: errc::syntax.
result<loop_status> decode_status(std::string_view bytes);

}  // namespace rollcall
