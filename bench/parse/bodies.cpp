#include "bench/parse/bodies.hpp"

#include <protozero/pbf_writer.hpp>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

namespace {

using protozero::pbf_writer;
using label_list = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<double, 10> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
// Of io.prometheus.client.MetricType.
constexpr int type_counter = 0;
constexpr int type_gauge = 1;
constexpr int type_histogram = 4;

std::string number(double value) {
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

/// Writes families into all three bodies.
class writer {
 public:
  void begin_family(const std::string& name, const std::string& type_name, int type) {
    std::string help = "What the service counts under this name, and why.";
    // OpenMetrics names the family of a counter without its suffix.
    std::string family = type == type_counter ? name.substr(0, name.size() - std::string_view("_total").size()) : name;
    made_.text += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type_name + '\n';
    made_.open_metrics += "# HELP " + family + ' ' + help + "\n# TYPE " + family + ' ' + type_name + '\n';
    family_.clear();
    pbf_writer out(family_);
    out.add_string(1, name);
    out.add_string(2, help);
    out.add_enum(3, type);
  }

  void add_number(const std::string& name, const label_list& labels, int type, double value) {
    add_line(name, labels, {}, value);
    std::string inner;
    pbf_writer(inner).add_double(1, value);
    add_metric(labels, type == type_counter ? 3 : 2, inner);
  }

  void add_histogram(const std::string& name, const label_list& labels, unsigned round) {
    std::string inner;
    pbf_writer out(inner);
    unsigned count = 0;
    std::vector<std::pair<double, unsigned>> buckets;
    for (double bound : bounds) buckets.emplace_back(bound, count += 3 + round % 5);
    out.add_uint64(1, count + 1);
    out.add_double(2, count * 0.37);
    for (auto [bound, cumulative] : buckets) {
      std::string text = number(bound);
      if (text.find('.') == std::string::npos) text += ".0";
      add_line(name + "_bucket", labels, text, cumulative);
      std::string bucket;
      pbf_writer fields(bucket);
      fields.add_uint64(1, cumulative);
      fields.add_double(2, bound);
      out.add_message(3, bucket);
    }
    add_line(name + "_bucket", labels, "+Inf", count + 1);
    add_line(name + "_sum", labels, {}, count * 0.37);
    add_line(name + "_count", labels, {}, count + 1);
    add_metric(labels, 7, inner);
  }

  void end_family() {
    for (std::size_t size = family_.size();; size >>= 7) {
      made_.protobuf += static_cast<char>(size >= 0x80 ? size | 0x80 : size);
      if (size < 0x80) break;
    }
    made_.protobuf += family_;
  }

  std::size_t samples() const { return made_.samples; }
  bodies finish() {
    made_.open_metrics += "# EOF\n";
    return std::move(made_);
  }

 private:
  void add_line(const std::string& name, const label_list& labels, std::string_view le, double value) {
    std::string line = name + '{';
    for (const auto& [label, text] : labels) line += label + "=\"" + text + "\",";
    if (!le.empty()) line += "le=\"" + std::string(le) + "\",";
    line.back() = '}';
    line += ' ' + number(value) + '\n';
    made_.text += line;
    made_.open_metrics += line;
    ++made_.samples;
  }

  void add_metric(const label_list& labels, unsigned field, const std::string& inner) {
    std::string metric;
    pbf_writer out(metric);
    for (const auto& [name, value] : labels) {
      std::string pair;
      pbf_writer fields(pair);
      fields.add_string(1, name);
      fields.add_string(2, value);
      out.add_message(1, pair);
    }
    out.add_message(field, inner);
    pbf_writer(family_).add_message(4, metric);
  }

  bodies made_;
  std::string family_;
};

}  // namespace

bodies make_bodies(std::size_t samples, unsigned round) {
  writer out;
  for (unsigned family = 0; out.samples() < samples; ++family) {
    std::string stem = "service_subsystem_" + std::to_string(family);
    std::string name = stem + "_requests_total";
    out.begin_family(name, "counter", type_counter);
    for (unsigned i = 0; i < 8; ++i) {
      label_list labels = {{"method", i % 2 == 0 ? "GET" : "POST"}, {"route", "/api/v1/items/" + std::to_string(i)}};
      out.add_number(name, labels, type_counter, family * 1000.0 + i * 17 + round);
    }
    out.end_family();
    name = stem + "_queue_seconds";
    out.begin_family(name, "gauge", type_gauge);
    for (unsigned i = 0; i < 6; ++i) {
      label_list labels = {{"queue", "queue-" + std::to_string(i)}, {"shard", std::to_string(i % 3)}};
      out.add_number(name, labels, type_gauge, 0.25 * i + round * 0.001);
    }
    out.end_family();
    name = stem + "_latency_seconds";
    out.begin_family(name, "histogram", type_histogram);
    for (unsigned i = 0; i < 2; ++i) {
      out.add_histogram(name, {{"route", "/api/v1/items/" + std::to_string(i)}}, round + i);
    }
    out.end_family();
  }
  return out.finish();
}

}  // namespace bench
