#pragma once

#include "lib/web/http_message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The small answers of the API: each function gives a whole body, `{"status":"success","data":...}`, unless it says
/// otherwise. Times are milliseconds since the Unix epoch, 0 for never.
namespace rollcall::web {

/// Prometheus's error types, which decide the HTTP status.
enum class error_type : unsigned char { bad_data, execution, internal, not_found, timeout, unavailable };

/// `{"status":"error","errorType":...,"error":...}` with the status that belongs to it.
response api_error(error_type type, std::string_view message);
/// Wraps a body in a response.
response api_success(std::string body);

std::string scrape_pools_json(const std::vector<std::string>& jobs);
std::string config_json(std::string_view yaml);
std::string flags_json(const std::map<std::string, std::string>& flags);

struct build_info {
  std::string version;
  std::string revision;
  std::string branch;
  std::string build_user;
  std::string build_date;

  bool operator==(const build_info&) const = default;
};

/// The object alone, without envelope, as /version has it.
std::string version_json(const build_info& build);
std::string build_info_json(const build_info& build);

/// The fields that Prometheus has; those that tell of Go alone are answered with what comes closest.
struct runtime_info {
  int64_t start_time = 0;
  std::string working_directory;
  std::string hostname;
  int64_t server_time = 0;
  bool reload_success = false;
  int64_t last_config_time = 0;
  uint64_t actors = 0;   ///< goroutineCount
  uint64_t threads = 0;  ///< GOMAXPROCS
};

std::string runtime_info_json(const runtime_info& info);

struct restarts_view {
  std::string actor;
  uint64_t restarts = 0;
  std::string last_error;
};

/// `data.actors[]`: restarts by actor.
std::string restarts_json(const std::vector<restarts_view>& actors);

struct set_aside_view {
  uint64_t sequence = 0;
  int64_t since = 0;  ///< Milliseconds since the Unix epoch.
  uint64_t bytes = 0;
  std::string reason;
};

/// What an endpoint has on disk.
struct queue_view {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  int64_t oldest = 0;  ///< Milliseconds since the Unix epoch; 0 when there is nothing.
  std::string store_error;
  std::vector<set_aside_view> set_aside;
};

/// The queue of an endpoint that is not configured.
struct orphan_view {
  std::string name;
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t samples = 0;
};

struct endpoint_view {
  std::string name;
  std::string url;
  uint64_t samples_pending = 0;
  uint64_t samples_delivered = 0;
  uint64_t samples_failed = 0;
  uint64_t samples_dropped = 0;
  uint64_t restarts = 0;
  std::string last_error;
  std::optional<queue_view> queue;  ///< Nothing when nothing is kept on disk.
};

/// `data.endpoints[]`: how every remote_write endpoint fares; `data.orphans[]`: what is on disk and belongs to none.
std::string remote_write_json(const std::vector<endpoint_view>& endpoints, const std::vector<orphan_view>& orphans);

/// Adds `warnings` to a whole body; none leave it as it is.
void add_warnings(std::string& body, const std::vector<std::string>& warnings);

/// A success with nothing to say.
std::string done_json();

}  // namespace rollcall::web
