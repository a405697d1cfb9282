#include "lib/web/status_json.hpp"

#include "lib/web/json_writer.hpp"
#include "lib/web/time_text.hpp"

namespace rollcall::web {

namespace {

/// A body under construction: the envelope around what `write_data` writes as one value.
template <class WriteData>
std::string success(WriteData write_data) {
  std::string body;
  json_writer out(body);
  out.begin_object().member("status", "success").key("data");
  write_data(out);
  out.end_object();
  return body;
}

void write_texts(json_writer& out, const std::vector<std::string>& texts) {
  out.begin_array();
  for (const auto& text : texts) out.string(text);
  out.end_array();
}

void write_time_or_null(json_writer& out, int64_t time) {
  if (time == 0) {
    out.null();
  } else {
    out.string(format_time(time));
  }
}

struct error_kind {
  std::string_view name;
  int status;
};

error_kind kind_of(error_type type) {
  switch (type) {
    case error_type::bad_data:
      return {"bad_data", 400};
    case error_type::execution:
      return {"execution", 422};
    case error_type::internal:
      return {"internal", 500};
    case error_type::not_found:
      return {"not_found", 404};
    case error_type::timeout:
      return {"timeout", 503};
    case error_type::unavailable:
      return {"unavailable", 503};
  }
  return {"internal", 500};
}

}  // namespace

response api_error(error_type type, std::string_view message) {
  auto kind = kind_of(type);
  response answer{kind.status, json_text, {}, {}};
  json_writer out(answer.body);
  out.begin_object().member("status", "error").member("errorType", kind.name).member("error", message).end_object();
  return answer;
}

response api_success(std::string body) { return {200, json_text, std::move(body), {}}; }

std::string scrape_pools_json(const std::vector<std::string>& jobs) {
  return success([&](json_writer& out) {
    out.begin_object().key("scrapePools");
    write_texts(out, jobs);
    out.end_object();
  });
}

std::string config_json(std::string_view yaml) {
  return success([&](json_writer& out) { out.begin_object().member("yaml", yaml).end_object(); });
}

std::string flags_json(const std::map<std::string, std::string>& flags) {
  return success([&](json_writer& out) {
    out.begin_object();
    for (const auto& [name, value] : flags) out.member(name, value);
    out.end_object();
  });
}

std::string version_json(const build_info& build) {
  std::string body;
  json_writer(body)
      .begin_object()
      .member("version", build.version)
      .member("revision", build.revision)
      .member("branch", build.branch)
      .member("buildUser", build.build_user)
      .member("buildDate", build.build_date)
      .member("goVersion", "")
      .end_object();
  return body;
}

std::string build_info_json(const build_info& build) {
  return success([&](json_writer& out) { out.raw(version_json(build)); });
}

std::string runtime_info_json(const runtime_info& info) {
  return success([&](json_writer& out) {
    out.begin_object();
    out.member("startTime", format_time(info.start_time));
    out.member("CWD", info.working_directory);
    out.member("hostname", info.hostname);
    out.member("serverTime", format_time(info.server_time));
    out.key("reloadConfigSuccess").boolean(info.reload_success);
    out.member("lastConfigTime", format_time(info.last_config_time));
    out.member_unsigned("corruptionCount", 0);
    out.member_unsigned("goroutineCount", info.actors);
    out.member_unsigned("GOMAXPROCS", info.threads);
    out.member_unsigned("GOMEMLIMIT", 0);
    out.member("GOGC", "");
    out.member("GODEBUG", "");
    out.member("storageRetention", "");
    out.end_object();
  });
}

std::string restarts_json(const std::vector<restarts_view>& actors) {
  return success([&](json_writer& out) {
    out.begin_object().key("actors").begin_array();
    for (const auto& actor : actors) {
      out.begin_object().member("actor", actor.actor).member_unsigned("restarts", actor.restarts);
      out.member("lastError", actor.last_error).end_object();
    }
    out.end_array().end_object();
  });
}

namespace {

void write_queue(json_writer& out, const queue_view& queue) {
  out.begin_object().member_unsigned("blocks", queue.blocks).member_unsigned("bytes", queue.bytes);
  write_time_or_null(out.key("oldest"), queue.oldest);
  out.member("storeError", queue.store_error).key("setAside").begin_array();
  for (const auto& each : queue.set_aside) {
    out.begin_object().member_unsigned("sequence", each.sequence);
    write_time_or_null(out.key("since"), each.since);
    out.member_unsigned("bytes", each.bytes).member("reason", each.reason).end_object();
  }
  out.end_array().end_object();
}

}  // namespace

std::string remote_write_json(const std::vector<endpoint_view>& endpoints, const std::vector<orphan_view>& orphans) {
  return success([&](json_writer& out) {
    out.begin_object().key("endpoints").begin_array();
    for (const auto& endpoint : endpoints) {
      out.begin_object().member("name", endpoint.name).member("url", endpoint.url);
      out.member_unsigned("samplesPending", endpoint.samples_pending);
      out.member_unsigned("samplesDelivered", endpoint.samples_delivered);
      out.member_unsigned("samplesFailed", endpoint.samples_failed);
      out.member_unsigned("samplesDropped", endpoint.samples_dropped);
      out.member_unsigned("restarts", endpoint.restarts);
      out.member("lastError", endpoint.last_error);
      if (endpoint.queue) write_queue(out.key("queue"), *endpoint.queue);
      out.end_object();
    }
    out.end_array().key("orphans").begin_array();
    for (const auto& orphan : orphans) {
      out.begin_object().member("name", orphan.name).member_unsigned("blocks", orphan.blocks);
      out.member_unsigned("bytes", orphan.bytes).member_unsigned("samples", orphan.samples).end_object();
    }
    out.end_array().end_object();
  });
}

void add_warnings(std::string& body, const std::vector<std::string>& warnings) {
  if (warnings.empty() || !body.ends_with('}')) return;
  body.back() = ',';
  json_writer out(body);
  out.key("warnings");
  write_texts(out, warnings);
  body += '}';
}

std::string done_json() {
  return success([](json_writer& out) { out.begin_object().end_object(); });
}

}  // namespace rollcall::web
