#include "bench/fleet/families.hpp"

#include "bench/fleet/random.hpp"

#include <array>

namespace rollcall::bench {

namespace {

using names = std::string_view;

constexpr std::array bounds = {names("0.005"), names("0.01"), names("0.025"), names("0.05"),
                               names("0.1"),   names("0.25"), names("0.5"),   names("1"),
                               names("2.5"),   names("5"),    names("10"),    names("+Inf")};

constexpr std::array services = {names("checkout"), names("catalog"), names("payment"), names("shipping"),
                                 names("cart")};
constexpr std::array methods = {names("GET"), names("POST")};
constexpr std::array routes = {names("/api/v1/orders/{id}"), names("/api/v1/customers/{id}"), names("/healthz")};
constexpr std::array statuses = {names("200"), names("500")};
constexpr std::array grpc_methods = {names("GetOrder"), names("ListOrders"), names("PlaceOrder")};
constexpr std::array grpc_codes = {names("OK"), names("DeadlineExceeded"), names("Unavailable")};
constexpr std::array grpc_services = {names("shop.orders.v1.OrderService"), names("shop.stock.v1.StockService")};
constexpr std::array versions = {names("2026.11.3-rc1")};
constexpr std::array grpc_types = {names("unary")};
constexpr std::array namespaces = {names("production")};
constexpr std::array containers = {names("server")};
constexpr std::array modes = {names("idle"),    names("iowait"), names("irq"),    names("nice"),
                              names("softirq"), names("steal"),  names("system"), names("user")};
constexpr std::array operational = {names("up"), names("down")};
constexpr std::array file_systems = {names("ext4")};
constexpr std::array topics = {names("orders.placed"), names("orders.shipped"), names("stock.changed")};
constexpr std::array groups = {names("billing"), names("warehouse")};
constexpr std::array interfaces = {names("eth0")};
constexpr std::array queues = {names("outbox"), names("retries"), names("audit")};

std::vector<family> make_families() {
  std::vector<dimension> http = {{"status", statuses}, {"method", methods}, {"route", routes}, {"version", versions}};
  std::vector<dimension> grpc = {{"grpc_type", grpc_types},
                                 {"grpc_service", grpc_services},
                                 {"grpc_code", grpc_codes},
                                 {"grpc_method", grpc_methods}};
  std::vector<dimension> contained = {{"namespace", namespaces}, {"container", containers}};
  std::vector<dimension> consumed = {{"consumergroup", groups}, {"topic", topics}};
  using enum value_kind;
  return {
      {"container_cpu_usage_seconds_total", "Cumulative cpu time consumed by the container in core-seconds.", seconds,
       110, contained, unit_kind::pod},
      {"container_memory_working_set_bytes", "Current working set of the container in bytes.", memory, 110, contained,
       unit_kind::pod},
      {"container_network_receive_bytes_total",
       "Cumulative count of bytes received by the pod.",
       octets,
       90,
       {{"namespace", namespaces}, {"interface", interfaces}},
       unit_kind::pod},
      {"go_goroutines", "Number of goroutines that currently exist.", level, 0, {}},
      {"go_memstats_heap_inuse_bytes", "Number of heap bytes that are in use.", memory, 0, {}},
      {"grpc_server_handled_total", "Total number of RPCs completed on the server, regardless of success or failure.",
       events, 120, grpc, unit_kind::pod},
      {"http_server_request_duration_seconds", "Duration of HTTP requests in seconds, from first byte to last byte.",
       histogram, 240, http, unit_kind::pod},
      {"kafka_consumergroup_lag", "Current approximate lag of a consumer group at a partition of a topic.", level, 60,
       consumed, unit_kind::partition},
      {"node_cpu_seconds_total",
       "Seconds the CPUs spent in each mode.",
       seconds,
       70,
       {{"mode", modes}},
       unit_kind::processor},
      {"node_filesystem_avail_bytes",
       "Filesystem space available to non-root users in bytes.",
       memory,
       40,
       {{"fstype", file_systems}},
       unit_kind::device},
      {"node_network_transmit_bytes_total",
       "Network device statistic transmit_bytes.",
       octets,
       40,
       {{"operstate", operational}},
       unit_kind::device},
      {"process_resident_memory_bytes", "Resident memory size in bytes.", memory, 0, {}},
      {"process_start_time_seconds", "Start time of the process since unix epoch in seconds.", constant, 0, {}},
      {"worker_queue_utilization_ratio",
       "Share of the queue's capacity that is in use, averaged over a minute.",
       ratio,
       80,
       {{"queue", queues}},
       unit_kind::pod},
  };
}

char letter_of(uint64_t number) { return "bcdfghjklmnpqrstvwxz2456789"[number % 27]; }

std::string pod_name(size_t number, unsigned generation) {
  // A replica set has three pods, all with its hash in their names.
  uint64_t set = mixed(number / 3);
  uint64_t own = mixed(mixed(number) + generation);
  std::string name(services[number / 3 % services.size()]);
  name += '-';
  for (int i = 0; i < 9; ++i) name += letter_of(set >> (i * 7));
  name += '-';
  for (int i = 0; i < 5; ++i) name += letter_of(own >> (i * 7));
  return name;
}

std::string device_name(size_t number) {
  std::string name = "veth";
  for (int i = 0; i < 8; ++i) name += "0123456789abcdef"[mixed(number) >> (i * 4) & 15];
  return name;
}

void append_label(std::string& text, std::string_view label, std::string_view value) {
  if (!text.empty()) text += ',';
  text += label;
  text += "=\"";
  text += value;
  text += '"';
}

}  // namespace

const std::vector<family>& families() {
  static const std::vector<family> all = make_families();
  return all;
}

std::span<const std::string_view> bucket_bounds() { return bounds; }

std::string labels_of(const family& of, size_t combination, unsigned generation) {
  std::string text;
  for (const auto& dimension : of.dimensions) {
    append_label(text, dimension.label, dimension.values[combination % dimension.values.size()]);
    combination /= dimension.values.size();
  }
  switch (of.unit) {
    case unit_kind::none:
      break;
    case unit_kind::pod:
      append_label(text, "pod", pod_name(combination, generation));
      break;
    case unit_kind::processor:
      append_label(text, "cpu", std::to_string(combination));
      break;
    case unit_kind::device:
      append_label(text, "device", device_name(combination));
      break;
    case unit_kind::partition:
      append_label(text, "partition", std::to_string(combination));
      break;
  }
  return text;
}

std::string_view type_of(value_kind kind) {
  switch (kind) {
    case value_kind::events:
    case value_kind::seconds:
    case value_kind::octets:
      return "counter";
    case value_kind::histogram:
      return "histogram";
    default:
      return "gauge";
  }
}

}  // namespace rollcall::bench
