#include "app/daemon.hpp"

#include "app/wiring.hpp"
#include "lib/telemetry/telemetry.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>

namespace rollcall {

namespace {

// How long the last actors may take to end, after delivery is over, before the process ends without them.
constexpr auto end_timeout = std::chrono::seconds(10);
constexpr auto web_restart_delay = std::chrono::seconds(1);
// How often memory that is free between what is in use goes back to the system.
constexpr timespec trim_interval = {10, 0};

void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warn("main", "Cannot raise the limit of open files");
}

// Few arenas and an early return of free memory: bodies are large and short-lived.
void tune_allocator() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
}

// Signals that mean something to us are waited for on the main thread; every other thread has them blocked.
sigset_t block_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

void start_reload(caf::actor_system& system, const config_reloader_actor& reloader) {
  log::info("main", "Received SIGHUP, reloading the configuration");
  act::ask_and_forget<reloaded>(system, reloader, reload_config{});
}

// Without its web server the process would go on working unseen; it is started again until that succeeds.
void restart_web(caf::actor_system& system, const environment_ptr& environment, const daemon_flags& flags,
                 running_system& running) {
  std::this_thread::sleep_for(web_restart_delay);
  auto web = start_web(system, environment, flags, running);
  if (!web) {
    log::error("main", "Unable to restart the web server", {{"err", web.error().message}});
    ::kill(::getpid(), SIGUSR2);
    return;
  }
  environment->metrics->actor_restarts("web_server").Increment();
  log::error("main", "The web server ended; it was started again");
  running.web = std::move(*web);
  act::on_end(running.web, [] { ::kill(::getpid(), SIGUSR2); });
}

// Of what is freed in the middle of an arena the allocator gives nothing back by itself.
int wait_for_signal(const sigset_t& signals) {
  for (;;) {
    auto signal = ::sigtimedwait(&signals, nullptr, &trim_interval);
    if (signal > 0) return signal;
    if (errno == EAGAIN) ::malloc_trim(0);
  }
}

// Returns when the process is asked to end, by a signal or because the supervisor has ended (SIGUSR1).
void wait_for_end(caf::actor_system& system, const environment_ptr& environment, const daemon_flags& flags,
                  running_system& running, const sigset_t& signals) {
  act::on_end(running.supervisor, [] { ::kill(::getpid(), SIGUSR1); });
  act::on_end(running.web, [] { ::kill(::getpid(), SIGUSR2); });
  for (;;) {
    auto signal = wait_for_signal(signals);
    if (signal == SIGHUP) {
      start_reload(system, running.reloader);
      continue;
    }
    if (signal == SIGUSR2) {
      restart_web(system, environment, flags, running);
      continue;
    }
    if (signal != SIGUSR1) {
      log::warn("main", "Received a signal, exiting gracefully", {{"signal", ::strsignal(signal)}});
      act::tell(running.web, set_ready{readiness::stopping});
      begin_end(running, flags);
      // A second signal does not wait for delivery any more.
      do {
        signal = wait_for_signal(signals);
      } while (signal == SIGHUP || signal == SIGUSR2);
      if (signal != SIGUSR1) log::warn("main", "Received a second signal, exiting at once");
    }
    return;
  }
}

// The last resort: an actor that does not end must not keep the process.
class watchdog {
 public:
  watchdog()
      : thread_([this] {
          std::unique_lock guard(mutex_);
          if (over_.wait_for(guard, end_timeout, [this] { return done_; })) return;
          log::warn("main", "Some actors did not end; exiting without them");
          std::fflush(nullptr);
          ::_exit(0);
        }) {}
  ~watchdog() {
    {
      std::lock_guard guard(mutex_);
      done_ = true;
    }
    over_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace

int run_daemon(const daemon_flags& flags) {
  log::configure(flags.log_level, flags.log_format);
  tune_allocator();
  raise_file_limit();
  auto signals = block_signals();
  log::info("main", "Starting rollcall", {{"version", ROLLCALL_VERSION}, {"config_file", flags.config_file}});

  if (auto good = check(flags.cluster); !good) {
    log::error("main", "Unable to start", {{"err", good.error().message}});
    return 2;
  }
  auto initial = load_configuration(flags.config_file, flags);
  if (!initial) {
    log::error("main", "Error loading config", {{"file", flags.config_file}, {"err", initial.error().message}});
    return 2;
  }
  for (const auto& warning : (*initial)->warnings) log::warn("main", warning);

  caf::actor_system_config config;
  configure_actor_system(config, flags.cluster);
  std::optional<watchdog> ending;
  {
    auto environment = make_environment();
    caf::actor_system system(config);
    auto running = start_system(system, environment, flags, *initial);
    if (!running) {
      log::error("main", "Unable to start", {{"err", running.error().message}});
      return 1;
    }
    auto& daemon = environment->metrics->daemon;
    daemon.config_last_reload_successful.Set(1);
    daemon.config_last_reload_success_timestamp.Set(static_cast<double>(environment->wall_clock()) / 1000.0);
    log::info("main", "Server is ready to receive web requests.");
    wait_for_end(system, environment, flags, *running, signals);
    ending.emplace();
    act::stop(running->supervisor);
    act::stop(running->reloader);
    act::stop(running->web);
    *running = {};
    system.await_all_actors_done();
  }
  log::info("main", "See you next time!");
  return 0;
}

int check_config(const std::vector<std::string>& files) {
  int exit_code = 0;
  for (const auto& file : files) {
    auto loaded = load_configuration(file, {});
    if (loaded) {
      for (const auto& warning : (*loaded)->warnings) std::printf("%s: warning: %s\n", file.c_str(), warning.c_str());
      std::printf("%s is valid: %zu jobs, %zu remote_write endpoints\n", file.c_str(), (*loaded)->scrape_configs.size(),
                  (*loaded)->remote_writes.size());
    } else {
      std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
      exit_code = 1;
    }
  }
  return exit_code;
}

}  // namespace rollcall
