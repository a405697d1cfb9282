#include "tests/lib/series/reference_cache.hpp"
#include "tests/support/metric_family_text.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;
using namespace rollcall::series;

namespace {

/// The same samples in two formats, in the same order.
struct two_bodies {
  std::string text;
  std::string protobuf;
};

/// Metric families that change from scrape to scrape.
class restless_families {
 public:
  explicit restless_families(uint64_t seed) : random_(seed) {
    for (size_t i = 0; i < families_max; ++i) families_.push_back(fresh_family());
  }

  two_bodies next(int64_t now) {
    for (size_t changes = pick(3) == 0 ? 1 + pick(3) : 0; changes > 0; --changes) change();
    now_ = now;
    text_.clear();
    notation_.clear();
    for (const auto& one : families_) write(one);
    return {text_, test::encode_metric_families(notation_)};
  }

 private:
  static constexpr size_t families_max = 6;
  static constexpr const char* type_names[] = {"COUNTER", "GAUGE", "UNTYPED", "SUMMARY", "HISTOGRAM"};
  static constexpr const char* field_names[] = {"counter", "gauge", "untyped", "summary", "histogram"};
  static constexpr size_t summary = 3;
  static constexpr size_t histogram = 4;

  struct family {
    std::string name;
    size_t type = 0;
    std::vector<size_t> metrics;  // the value of the label; none for 0
    bool is_stamped = false;
    bool ends_in_infinity = false;
  };

  size_t pick(size_t below) { return random_() % below; }

  family fresh_family() {
    size_t type = pick(std::size(type_names));
    // A name belongs to one type.
    family made{std::string(field_names[type]) + std::to_string(pick(4)), type, {}, pick(4) == 0, pick(2) == 0};
    for (size_t i = 0, count = 1 + pick(12); i < count; ++i) made.metrics.push_back(pick(20));
    return made;
  }

  void change() {
    auto& one = families_[pick(families_.size())];
    switch (pick(5)) {
      case 0:
        one = fresh_family();
        break;
      case 1:
        one.metrics.insert(one.metrics.begin() + static_cast<std::ptrdiff_t>(pick(one.metrics.size())), pick(20));
        break;
      case 2:
        if (one.metrics.size() > 1) one.metrics.erase(one.metrics.begin() + static_cast<std::ptrdiff_t>(pick(2)));
        break;
      case 3:
        std::swap(one.metrics.front(), one.metrics[pick(one.metrics.size())]);
        break;
      default:
        one.is_stamped = !one.is_stamped;
    }
  }

  void write(const family& one) {
    notation_ += "family { name: \"" + one.name + "\" type: " + type_names[one.type];
    for (size_t label : one.metrics) write_metric(one, label);
    notation_ += " }\n";
  }

  void write_metric(const family& one, size_t label) {
    notation_ += " metric {";
    std::string labels = label == 0 ? "" : "shard=\"" + std::to_string(label) + '"';
    if (label != 0) notation_ += " label { name: \"shard\" value: \"" + std::to_string(label) + "\" }";
    bool is_stamped = one.is_stamped && pick(3) != 0;
    int64_t timestamp = now_ - static_cast<int64_t>(pick(2000));
    rest_ = is_stamped ? ' ' + std::to_string(timestamp) + '\n' : "\n";
    notation_ += std::string(" ") + field_names[one.type] + " {";
    if (one.type == summary || one.type == histogram) {
      write_parts(one, labels);
    } else {
      notation_ += " value: " + line(one.name, labels);
    }
    notation_ += " }";
    if (is_stamped) notation_ += " timestamp_ms: " + std::to_string(timestamp);
    notation_ += " }";
  }

  void write_parts(const family& one, const std::string& labels) {
    std::string before = labels.empty() ? "" : labels + ',';
    std::string count = line(one.name + "_count", labels);
    notation_ += " sample_count: " + count + " sample_sum: " + line(one.name + "_sum", labels);
    bool is_histogram = one.type == histogram;
    for (const char* bound : {"0.5", "2.5"}) {
      std::string name = is_histogram ? one.name + "_bucket" : one.name;
      std::string label = (is_histogram ? "le=\"" : "quantile=\"") + std::string(bound) + '"';
      notation_ += is_histogram ? " bucket { cumulative_count: " : " quantile { value: ";
      notation_ += line(name, before + label) + (is_histogram ? " upper_bound: " : " quantile: ") + bound + " }";
    }
    if (!is_histogram) return;
    if (one.ends_in_infinity) {
      notation_ += " bucket { cumulative_count: " + line(one.name + "_bucket", before + "le=\"+Inf\"");
      notation_ += " upper_bound: inf }";
    } else {
      text_ += one.name + "_bucket{" + before + "le=\"+Inf\"} " + count + rest_;
    }
  }

  // Writes a line and returns its value.
  std::string line(const std::string& name, const std::string& labels) {
    std::string value = std::to_string(pick(1'000'000));
    text_ += name + (labels.empty() ? "" : '{' + labels + '}') + ' ' + value + rest_;
    return value;
  }

  std::mt19937_64 random_;
  std::vector<family> families_;
  int64_t now_ = 0;
  std::string text_;
  std::string notation_;
  std::string rest_;  // of each line behind its value
};

ingest_options options_of(uint64_t variant) {
  ingest_options options;
  options.honor_timestamps = (variant & 1) != 0;
  options.track_timestamps_staleness = (variant & 2) != 0;
  if ((variant & 4) != 0) options.sample_limit = 60;
  if ((variant & 8) != 0) {
    relabel::rule_config drop;
    drop.source_labels = {"shard"};
    drop.regex = "3|7|11";
    drop.action = relabel::action::drop;
    options.metric_relabel = relabel::program::compile(std::span(&drop, 1), name_validation::utf8).value();
  }
  return options;
}

}  // namespace

TEST_CASE("scrapes in the protobuf format come out as the same samples in the text format do") {
  size_t failures = 0;
  size_t samples = 0;
  for (uint64_t variant = 0; variant < 16; ++variant) {
    auto options = std::make_shared<const ingest_options>(options_of(variant));
    for (uint64_t seed = 0; seed < 8; ++seed) {
      restless_families families(variant * 100 + seed);
      auto target = std::make_shared<const target_labels>(labels::of({{"job", "restless"}}));
      scrape_cache of_text(options, target);
      scrape_cache of_protobuf(options, target);
      int64_t now = 1'700'000'000'000;
      for (int round = 0; round < 40; ++round, now += 15'000) {
        auto bodies = families.next(now);
        INFO("variant " << variant << ", seed " << seed << ", round " << round << "\n" << bodies.text);
        auto expected = spell_out(of_text.ingest(bodies.text, exposition::format::text, now), *target, now);
        auto result = spell_out(of_protobuf.ingest(bodies.protobuf, exposition::format::protobuf, now), *target, now);
        REQUIRE(result.samples == expected.samples);
        REQUIRE(result == expected);
        failures += result.failure.empty() ? 0 : 1;
        samples += result.samples.size();
      }
    }
  }
  CHECK(failures > 100);
  CHECK(samples > 100'000);
}
