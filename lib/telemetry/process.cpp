#include "lib/telemetry/process.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace rollcall {

namespace {

prometheus::MetricFamily family(const std::string& name, const std::string& help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return {name, help, type, {metric}};
}

std::string read_line(const char* path, const std::string& prefix) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(prefix)) return line;
  return {};
}

/// The fields of /proc/self/stat that are of interest; see proc(5), fields 14, 15, 22, 23 and 24.
struct process_stat {
  uint64_t user_ticks = 0, system_ticks = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

std::optional<process_stat> read_stat() {
  auto line = read_line("/proc/self/stat", "");
  // The second field is the program's name in parentheses and may hold spaces, hence the search from behind.
  auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  auto skip = [&](int count) {
    while (count-- > 0) fields >> skipped;
  };
  process_stat stat;
  skip(11);
  fields >> stat.user_ticks >> stat.system_ticks;
  skip(6);
  fields >> stat.start_ticks >> stat.virtual_bytes >> stat.resident_pages;
  if (!fields) return std::nullopt;
  return stat;
}

std::optional<double> boot_time() {
  auto line = read_line("/proc/stat", "btime ");
  if (line.empty()) return std::nullopt;
  return std::stod(line.substr(6));
}

std::optional<double> open_files() {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), &closedir);
  if (!directory) return std::nullopt;
  // Neither ".", ".." nor the descriptor of this very listing count.
  int count = -3;
  while (readdir(directory.get()) != nullptr) ++count;
  return count;
}

double limit_of(int resource) {
  rlimit limit{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::vector<prometheus::MetricFamily> collect_process() {
  using prometheus::MetricType;
  std::vector<prometheus::MetricFamily> families;
  if (auto stat = read_stat()) {
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    families.push_back(family("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
                              MetricType::Counter,
                              static_cast<double>(stat->user_ticks + stat->system_ticks) / ticks_per_second));
    families.push_back(family("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::Gauge,
                              static_cast<double>(stat->resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE))));
    families.push_back(family("process_virtual_memory_bytes", "Virtual memory size in bytes.", MetricType::Gauge,
                              static_cast<double>(stat->virtual_bytes)));
    if (auto boot = boot_time())
      families.push_back(family("process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
                                MetricType::Gauge, *boot + static_cast<double>(stat->start_ticks) / ticks_per_second));
  }
  if (auto count = open_files())
    families.push_back(family("process_open_fds", "Number of open file descriptors.", MetricType::Gauge, *count));
  families.push_back(family("process_max_fds", "Maximum number of open file descriptors.", MetricType::Gauge,
                            limit_of(RLIMIT_NOFILE)));
  families.push_back(family("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.",
                            MetricType::Gauge, limit_of(RLIMIT_AS)));
  return families;
}

}  // namespace rollcall
