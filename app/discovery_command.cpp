#include "app/discovery_command.hpp"

#include "actors/discovery/discovery_check.hpp"
#include "actors/discovery/discovery_manager.hpp"
#include "actors/discovery/mechanisms.hpp"
#include "actors/io/dns_resolver.hpp"
#include "actors/io/file_watcher.hpp"
#include "actors/io/http_client.hpp"
#include "actors/io/zookeeper_client.hpp"
#include "app/wiring.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>
#include <future>

namespace rollcall {

namespace {

void complain(const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); }

scrape_config_ptr find_job(const config& config, const std::string& name) {
  for (const auto& job : config.scrape_configs)
    if (job->job_name == name) return job;
  return nullptr;
}

std::string names_of_jobs(const config& config) {
  std::string names;
  for (const auto& job : config.scrape_configs) names += "\n  " + job->job_name;
  return names.empty() ? "there are no jobs" : "there are:" + names;
}

// What discoverers work with. It ends when this goes.
class discovery_services {
 public:
  explicit discovery_services(caf::actor_system& system)
      : http_(spawn_http_client(system, {})),
        files_(spawn_file_watcher(system, {})),
        dns_(spawn_dns_resolver(system, {})),
        zookeeper_(spawn_zookeeper_client(system, {})) {}

  services_ptr get() const {
    auto result = std::make_shared<services>();
    result->http = {http_.get()};
    result->files = files_.get();
    result->dns = dns_.get();
    result->zookeeper = zookeeper_.get();
    return result;
  }

 private:
  act::owned<http_client_actor> http_;
  act::owned<file_watcher_actor> files_;
  act::owned<dns_resolver_actor> dns_;
  act::owned<zookeeper_client_actor> zookeeper_;
};

// Nothing when the check itself ended by a fault.
std::optional<discovery_findings> look(const scrape_config& job, milliseconds timeout) {
  caf::actor_system_config actor_config;
  configure_actor_system(actor_config, {});
  caf::actor_system system(actor_config);
  discovery_services services(system);
  auto found = std::make_shared<std::promise<discovery_findings>>();
  auto answer = found->get_future();

  discovery_check_options options;
  options.job = {job.job_name, job.sd_configs};
  options.timeout = timeout;
  options.spawn_manager = [services = services.get(), environment = make_environment()](caf::actor_system& system) {
    discovery_manager_options manager;
    manager.services = services;
    manager.environment = environment;
    manager.spawn_discoverer = spawn_discoverer;
    return spawn_discovery_manager(system, std::move(manager));
  };
  // The actor that ends without having told anything breaks the promise.
  options.done = [promise = std::move(found)](discovery_findings findings) { promise->set_value(std::move(findings)); };
  spawn_discovery_check(system, std::move(options));
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return std::nullopt;
  }
}

void complain_of(const discovery_findings& findings, const discovery_order& order) {
  complain(fmt::format("Discovery of job {} is not complete after {}:", order.job, format_duration(order.timeout)));
  for (const auto& provider : findings.providers) {
    if (!provider.last_error.empty()) {
      complain(fmt::format("  {}: {}", provider.mechanism, provider.last_error));
    } else if (provider.last_success == 0) {
      complain(fmt::format("  {}: no answer yet", provider.mechanism));
    }
  }
}

}  // namespace

int check_service_discovery(const discovery_order& order, const daemon_flags& flags) {
  ::signal(SIGPIPE, SIG_IGN);
  log::configure(std::max(flags.log_level, log::level::warn), flags.log_format);
  auto loaded = load_configuration(order.file, flags);
  if (!loaded) {
    complain(loaded.error().message);
    return 1;
  }
  auto job = find_job(**loaded, order.job);
  if (!job) {
    complain(fmt::format("There is no job {} in {}; {}", order.job, order.file, names_of_jobs(**loaded)));
    return 1;
  }
  auto findings = look(*job, order.timeout);
  if (!findings) {
    complain("The check of service discovery ended by a fault of its own");
    return 1;
  }
  auto report = report_discovery(*job, findings->groups, order.format);
  std::fwrite(report.data(), 1, report.size(), stdout);
  if (findings->complete) return 0;
  complain_of(*findings, order);
  return 1;
}

}  // namespace rollcall
