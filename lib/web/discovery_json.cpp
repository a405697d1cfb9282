#include "lib/web/discovery_json.hpp"

#include "lib/web/json_writer.hpp"
#include "lib/web/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rollcall::web {

namespace {

void write_time(json_writer& out, std::string_view name, int64_t time) {
  out.key(name);
  if (time == 0) {
    out.null();
  } else {
    out.string(format_time(time));
  }
}

void write_age(json_writer& out, int64_t since, int64_t now) {
  out.key("age");
  if (since == 0) {
    out.null();
  } else {
    out.number(static_cast<double>(std::max<int64_t>(now - since, 0)) / 1000.0);
  }
}

void write_provider(json_writer& out, const provider_view& provider, int64_t now) {
  out.begin_object().member("mechanism", provider.mechanism).key("jobs").begin_array();
  for (const auto& job : provider.jobs) out.string(job);
  out.end_array().member("state", state_of(provider));
  write_time(out, "lastSuccess", provider.last_success);
  write_age(out, provider.last_success, now);
  out.member("lastError", provider.last_error);
  out.member_unsigned("restarts", provider.restarts);
  out.member_unsigned("refreshes", provider.refreshes);
  out.member_unsigned("failures", provider.failures);
  out.member_unsigned("targets", provider.targets);
  out.member_unsigned("sources", provider.sources);
  write_time(out, "nextAttempt", provider.next_attempt);
  out.key("snapshot").boolean(provider.snapshot_time != 0);
  write_time(out, "snapshotTime", provider.snapshot_time);
  out.member("snapshotError", provider.snapshot_error);
  out.member_unsigned("heldTargets", provider.held_targets);
  write_time(out, "heldUntil", provider.held_until);
  out.end_object();
}

std::string note_of(const provider_view& provider, int64_t now) {
  std::string note;
  if (provider.snapshot_time != 0)
    note = fmt::format("{}: from snapshot, {} old", provider.mechanism, format_age(now - provider.snapshot_time));
  if (provider.held_targets > 0)
    note += fmt::format("{}{}: {} missing targets held for {}", note.empty() ? "" : "; ", provider.mechanism,
                        provider.held_targets, format_age(provider.held_until - now));
  return note;
}

}  // namespace

std::string_view state_of(const provider_view& provider) {
  if (!provider.running) return "waiting";
  if (provider.snapshot_time != 0) return "snapshot";
  if (provider.held_targets > 0) return "holding";
  return provider.delivered ? "running" : "starting";
}

std::string discovery_json(const std::vector<provider_view>& providers, int64_t now) {
  std::string body;
  json_writer out(body);
  out.begin_object().member("status", "success").key("data").begin_object().key("providers").begin_array();
  for (const auto& provider : providers) write_provider(out, provider, now);
  out.end_array().end_object().end_object();
  return body;
}

std::map<std::string, std::string> discovery_notes(const std::vector<provider_view>& providers, int64_t now) {
  std::map<std::string, std::string> notes;
  for (const auto& provider : providers) {
    auto note = note_of(provider, now);
    if (note.empty()) continue;
    for (const auto& job : provider.jobs) {
      auto& known = notes[job];
      known += known.empty() ? note : "; " + note;
    }
  }
  return notes;
}

}  // namespace rollcall::web
