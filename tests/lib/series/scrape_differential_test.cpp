#include "tests/lib/series/reference_cache.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;
using namespace rollcall::series;

namespace {

struct line {
  std::string text;
  std::string rest;
};

/// An exporter whose output changes from scrape to scrape in every way that a cache has to notice.
class restless_exporter {
 public:
  /// With one metric name in `names`, and so with families of the size of the whole if that is 1.
  restless_exporter(uint64_t seed, size_t lines_max, size_t names) : random_(seed), names_(names), values_(lines_max) {
    for (size_t i = 0, count = 1 + pick(lines_max); i < count; ++i) lines_.push_back(fresh_line());
    if (names < lines_max) std::sort(lines_.begin(), lines_.end(), [](auto& a, auto& b) { return a.text < b.text; });
  }

  std::string next(int64_t now) {
    for (size_t changes = pick(3) == 0 ? pick(6) : 0; changes > 0; --changes) change();
    for (auto& entry : lines_) entry.rest = rest(now);
    std::string body;
    for (const auto& [text, rest] : lines_) {
      if (pick(8) == 0) body += decoration();
      if (pick(60) == 0) body += "  ";
      body += text + rest + '\n';
    }
    if (pick(12) == 0) break_something(body);
    if (pick(10) == 0 && !body.empty()) body.pop_back();
    return body;
  }

 private:
  size_t pick(size_t below) { return random_() % below; }

  line fresh_line() {
    std::string name = "metric_" + std::to_string(pick(names_));
    std::string text = name;
    switch (pick(9)) {
      case 0:
        break;
      case 1:
        text += "{}";
        break;
      case 2:
        text += "{a=\"" + std::to_string(pick(5)) + "\",b=\"x\"}";
        break;
      case 3:
        text += "{b=\"x\",a=\"" + std::to_string(pick(5)) + "\"}";
        break;  // another text of the same series
      case 4:
        text += "{a=\"" + std::to_string(pick(5)) + "\", b=\"x\"}";
        break;
      case 5:
        text += "{instance=\"" + std::to_string(pick(3)) + "\",job=\"\"}";
        break;
      case 6:
        text += "{job=\"mine\",exported_job=\"" + std::to_string(pick(3)) + "\"}";
        break;
      case 7:
        text = "{\"" + name + "\",k=\"" + std::to_string(pick(values_)) + "\"}";
        break;
      default:
        text += "{k=\"" + std::to_string(pick(values_)) + "\",long=\"" + std::string(pick(300), 'v') + "\"}";
    }
    return {text, ""};
  }

  std::string rest(int64_t now) {
    std::string out = pick(40) == 0 ? "\t  " : " ";
    switch (pick(5)) {
      case 0:
        out += std::to_string(pick(1000));
        break;
      case 1:
        out += std::to_string(pick(1000)) + "." + std::to_string(pick(1000));
        break;
      case 2:
        out += "NaN";
        break;
      case 3:
        out += "1.5e+09";
        break;
      default:
        out += "-0.30000000000000004";
    }
    if (pick(stamps_) != 0) return out;
    static constexpr int64_t offsets[] = {-1, -1000, -70'000, 0, 30'000, 599'999, 600'000, 600'001, 10'000'000};
    return out + ' ' + std::to_string(now + offsets[pick(std::size(offsets))]);
  }

  std::string decoration() {
    switch (pick(5)) {
      case 0:
        return "# HELP metric_1 Some help.\n";
      case 1:
        return "# TYPE metric_1 gauge\n";
      case 2:
        return "\n";
      case 3:
        return "#\n";
      default:
        return " # a comment\n";
    }
  }

  void change() {
    size_t at = lines_.empty() ? 0 : pick(lines_.size());
    auto place = lines_.begin() + static_cast<std::ptrdiff_t>(at);
    switch (pick(8)) {
      case 0:
        lines_.insert(place, fresh_line());
        break;
      case 1:
        lines_.push_back(fresh_line());
        break;
      case 2:
        if (!lines_.empty()) lines_.erase(place);
        break;
      case 3:
        if (!lines_.empty()) lines_.erase(place, place + static_cast<std::ptrdiff_t>(pick(lines_.size() - at)) / 2);
        break;
      case 4:
        if (!lines_.empty()) std::swap(lines_[at], lines_[pick(lines_.size())]);
        break;
      case 5:
        if (!lines_.empty()) {
          line twin = lines_[at];
          lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(pick(lines_.size())), twin);
        }
        break;
      case 6:
        std::rotate(lines_.begin(), place, lines_.end());
        break;
      default:
        stamps_ = pick(2) == 0 ? 1000 : 1 + pick(8);
    }
  }

  void break_something(std::string& body) {
    static constexpr std::string_view errors[] = {
        "metric_1{a=} 1\n",        "metric_1 x\n",
        "# TYPE metric_1 none\n",  "metric_2{a=\"1\",a=\"2\"} 1\n",
        "{a=\"1\"} 1\n",           "metric_3{w=\"1\",x=\"1\",y=\"1\",z=\"1\",u=\"1\",v=\"1\"} 1\n",
        std::string_view("\0", 1), "metric_11{nameless=\"yes\"} 1\n"};
    auto newline = body.find('\n', pick(body.size() + 1));
    body.insert(newline == std::string::npos ? body.size() : newline + 1, errors[pick(std::size(errors))]);
  }

  std::mt19937_64 random_;
  size_t names_;
  size_t values_;
  std::vector<line> lines_;
  size_t stamps_ = 1000;
};

relabel::program drop_some() {
  relabel::rule_config drop;
  drop.source_labels = {"__name__"};
  drop.regex = "metric_(3|4)";
  drop.action = relabel::action::drop;
  relabel::rule_config rename;
  rename.source_labels = {"a"};
  rename.regex = "(1|2)";
  rename.target_label = "instance";
  rename.replacement = "10.0.0.$1:80";
  relabel::rule_config unname;
  unname.source_labels = {"nameless"};
  unname.regex = "yes";
  unname.target_label = "__name__";
  unname.replacement = "";
  std::vector<relabel::rule_config> rules = {drop, rename, unname};
  auto program = relabel::program::compile(rules, name_validation::utf8);
  REQUIRE(program);
  return *program;
}

ingest_options options_of(uint64_t variant) {
  ingest_options options;
  options.honor_labels = (variant & 1) != 0;
  options.honor_timestamps = (variant & 6) != 0;
  options.track_timestamps_staleness = (variant & 8) != 0;
  if ((variant & 16) != 0) options.metric_relabel = drop_some();
  if ((variant & 32) != 0) options.sample_limit = 25;
  if ((variant & 64) != 0) options.label_limit = 8;
  return options;
}

// A cache that never saw anything else must come to the same blocks: they are cut by content and shared.
void require_canonical_blocks(const scrape_cache& cache, const ingest_options_ptr& options, std::string_view body,
                              int64_t now) {
  scrape_cache fresh(options, cache.target());
  fresh.ingest(body, exposition::format::text, now);
  REQUIRE(*fresh.series() == *cache.series());
}

struct outcome_counts {
  size_t successes = 0;
  size_t failures = 0;
};

void compare(const ingest_options_ptr& options, restless_exporter exporter, int rounds, outcome_counts& counts) {
  auto target = std::make_shared<const target_labels>(labels::of({{"instance", "10.0.0.1:80"}, {"job", "restless"}}));
  scrape_cache cache(options, target);
  reference_cache reference(options, target);
  int64_t now = 1'700'000'000'000;
  for (int round = 0; round < rounds; ++round, now += 15'000) {
    std::string body = round % 17 == 16 ? "" : exporter.next(now);
    INFO("round " << round << "\n" << body.substr(0, 5000));
    auto expected = reference.ingest(body, now);
    auto result = spell_out(cache.ingest(body, exposition::format::text, now), *target, now);
    REQUIRE(result.failure == expected.failure);
    REQUIRE(result.samples_scraped == expected.samples_scraped);
    REQUIRE(result.samples_after_relabel == expected.samples_after_relabel);
    REQUIRE(result.series_added == expected.series_added);
    REQUIRE(result.duplicates == expected.duplicates);
    REQUIRE(result.out_of_order == expected.out_of_order);
    REQUIRE(result.out_of_bounds == expected.out_of_bounds);
    REQUIRE(result.samples.size() == expected.samples.size());
    REQUIRE(result == expected);
    ++(result.failure.empty() ? counts.successes : counts.failures);
    if (result.failure.empty() && !body.empty()) require_canonical_blocks(cache, options, body, now);
  }
}

}  // namespace

TEST_CASE("scrapes through the cache come out as if every one were parsed anew") {
  outcome_counts counts;
  for (uint64_t variant = 0; variant < 128; ++variant) {
    auto options = std::make_shared<const ingest_options>(options_of(variant));
    for (uint64_t seed = 0; seed < 3; ++seed) {
      INFO("variant " << variant << ", seed " << seed);
      compare(options, restless_exporter(variant * 1000 + seed, 40, 12), 40, counts);
    }
  }
  CHECK(counts.successes > 5000);
  CHECK(counts.failures > 500);
}

TEST_CASE("scrapes of many blocks through the cache come out as if every one were parsed anew") {
  outcome_counts counts;
  for (uint64_t variant : {0, 2, 10, 18, 26}) {
    auto options = std::make_shared<const ingest_options>(options_of(variant));
    for (size_t names : {1, 3, 100, 1500}) {
      INFO("variant " << variant << ", names " << names);
      compare(options, restless_exporter(variant * 1000 + names, 3000, names), 12, counts);
    }
  }
  CHECK(counts.successes > 100);
  CHECK(counts.failures > 5);
}
