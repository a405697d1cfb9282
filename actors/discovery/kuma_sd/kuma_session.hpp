#pragma once

#include "actors/discovery/kuma_sd/kuma_sd_options.hpp"
#include "actors/discovery/watch_session.hpp"
#include "lib/base/result.hpp"
#include "lib/targets/backoff.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace rollcall {

/// What one answer of the control plane says.
struct kuma_assignments {
  std::string version;
  std::string nonce;
  target_group group;
};

/// Reads a DiscoveryResponse of the MADS v1 protocol in JSON, fields in either of protobuf's spellings. Errors:
/// errc::syntax, also for another type than monitoring assignments.
/// https://github.com/kumahq/kuma/blob/master/api/observability/v1/mads.proto.
result<kuma_assignments> read_kuma_assignments(std::string_view body);

struct kuma_session_options {
  kuma_sd_options configuration;
  std::string client_id;  ///< Never empty.
  std::shared_ptr<telemetry> metrics;
  backoff_options retry{.initial = std::chrono::seconds(1), .max = std::chrono::minutes(1)};
  /// What an answer may take beyond the waiting.
  std::chrono::milliseconds answer_time_max = std::chrono::seconds(15);
  uint64_t body_bytes_max = 256u << 20;
};

/// Watches the monitoring assignments of a Kuma control plane: one question that waits until they differ from the
/// version that it names. A version is named only after it was understood, so that what could not be read comes again.
class kuma_session : public watch_session {
 public:
  explicit kuma_session(kuma_session_options options);

  watch_actions begin(const watch_moment& moment) override;
  watch_actions answered(uint64_t tag, const http::response& response, const watch_moment& moment) override;
  watch_actions failed(uint64_t tag, const std::string& error, const watch_moment& moment) override;
  watch_actions due(uint64_t tag, const watch_moment& moment) override;
  std::string trouble() const override { return trouble_; }

 private:
  watch_actions ask(const watch_moment& moment);
  watch_actions go_on(const watch_moment& moment);

  kuma_session_options options_;
  http::request_ptr request_;
  std::string version_, nonce_;  // of what was last understood
  int64_t asked_ = 0;
  std::string trouble_;
  backoff retry_;
};

}  // namespace rollcall
