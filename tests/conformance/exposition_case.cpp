#include "tests/conformance/exposition_case.hpp"

#include "actors/scrape/pool_settings.hpp"
#include "tests/conformance/job_settings.hpp"
#include "tests/conformance/label_notation.hpp"
#include "tests/conformance/product.hpp"
#include "tests/conformance/scrape_step.hpp"

#include <algorithm>

namespace rollcall::conformance {

namespace {

struct exposition_case {
  field job{"job", "", {}, 0};
  labels target;
  std::vector<scrape_step> steps;
};

exposition_case take_apart(const case_file& stated, http::exposition_format usual) {
  exposition_case out;
  auto next = stated.fields.begin();
  for (; next != stated.fields.end(); ++next) {
    if (next->key == "job") {
      out.job = *next;
    } else if (next->key == "target") {
      out.target = parse_labels(next->value, *next);
    } else {
      break;
    }
  }
  out.steps = parse_steps({next, stated.fields.end()}, usual);
  if (out.steps.empty()) refuse(stated.fields.back(), "a case without a scrape");
  return out;
}

// What a scrape counts unless the case says otherwise: every sample is delivered, and none was refused.
std::map<std::string, uint64_t> expected_counts(const scrape_step& step, bool is_first) {
  std::map<std::string, uint64_t> out;
  if (!step.error) {
    uint64_t samples = step.samples.size() - step.stale;
    out = {{"scraped", samples}, {"after_relabel", samples}};
    if (is_first) out["added"] = samples;
  }
  for (auto name : {"duplicates", "out_of_order", "out_of_bounds"}) out[name] = 0;
  for (const auto& [name, count] : step.counts) out[name] = count;
  return out;
}

void compare_counts(const scrape_step& step, bool is_first, const series::ingest_result& result, outcome& found) {
  const std::map<std::string, uint64_t> actual = {
      {"scraped", result.samples_scraped},   {"after_relabel", result.samples_after_relabel},
      {"added", result.series_added},        {"duplicates", result.duplicates},
      {"out_of_order", result.out_of_order}, {"out_of_bounds", result.out_of_bounds},
  };
  for (const auto& [name, count] : expected_counts(step, is_first)) {
    found.compare(step.counts_field, name + ' ' + std::to_string(count), name + ' ' + std::to_string(actual.at(name)));
  }
}

void run_step(const scrape_step& step, bool is_first, series::scrape_cache& cache, outcome& found) {
  bool is_message = step.format == http::exposition_format::protobuf && step.scrape.key == "scrape";
  auto body = step.body && is_message ? encode_protobuf(*step.body) : step.body.value_or("");
  auto result = step.body ? ingest(cache, body, step.format, step.at) : cache.forget();
  if (step.error) {
    found.compare_error(*step.error, result.failure);
  } else if (result.failure) {
    found.unexpected_error(step.scrape, *result.failure);
  }
  found.compare(step.samples_field, step.samples, delivered(result, *cache.target()));
  compare_counts(step, is_first, result, found);
}

series::ingest_options_ptr ingest_of(const scrape_config& job) {
  target plain;
  plain.scrape_native_histograms = job.histograms.scrape_native_histograms;
  plain.always_scrape_classic_histograms = job.histograms.always_scrape_classic_histograms;
  plain.convert_classic_histograms_to_nhcb = job.histograms.convert_classic_histograms_to_nhcb;
  return job_settings(job, {}).of(plain)->ingest;
}

}  // namespace

outcome check_exposition(const case_file& stated, http::exposition_format usual) {
  outcome found;
  auto parsed = take_apart(stated, usual);
  auto job = read_job(parsed.job);
  if (!job) refuse(parsed.job, job.error().message);
  series::scrape_cache cache(ingest_of(*job), std::make_shared<const series::target_labels>(parsed.target));
  bool is_first = true;
  for (const auto& step : parsed.steps) {
    run_step(step, is_first, cache, found);
    is_first = false;
  }
  return found;
}

}  // namespace rollcall::conformance
