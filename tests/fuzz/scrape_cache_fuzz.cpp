#include "tests/lib/series/reference_cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace rollcall;
using namespace rollcall::series;

// Few enough lines that no cache grows to where it is cut back, which the reference knows nothing of.
constexpr size_t input_bytes_max = 3000;
constexpr char scrape_separator = '\x01';

relabel::program some_rules() {
  relabel::rule_config drop;
  drop.source_labels = {"__name__"};
  drop.regex = "b.*";
  drop.action = relabel::action::drop;
  relabel::rule_config shorten;
  shorten.regex = "x";
  shorten.action = relabel::action::labeldrop;
  std::vector<relabel::rule_config> rules = {drop, shorten};
  return *relabel::program::compile(rules, name_validation::utf8);
}

ingest_options options_of(uint8_t choice) {
  ingest_options options;
  options.honor_labels = (choice & 1) != 0;
  options.honor_timestamps = (choice & 2) == 0;
  options.track_timestamps_staleness = (choice & 4) != 0;
  if ((choice & 8) != 0) options.metric_relabel = some_rules();
  if ((choice & 16) != 0) options.validation = name_validation::legacy;
  if ((choice & 32) != 0) options.sample_limit = 3;
  if ((choice & 64) != 0) options.label_limit = 4;
  return options;
}

}  // namespace

// The first byte chooses the options; the rest is one body after another.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > input_bytes_max) return 0;
  auto options = std::make_shared<const ingest_options>(options_of(data[0]));
  auto target = std::make_shared<const target_labels>(labels::of({{"instance", "i"}, {"job", "j"}}));
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  scrape_cache cache(options, target);
  reference_cache reference(options, target);
  for (int64_t now = 1000; !rest.empty(); now += 1000) {
    size_t end = std::min(rest.find(scrape_separator), rest.size());
    auto body = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (spell_out(cache.ingest(body, exposition::format::text, now), *target, now) != reference.ingest(body, now))
      std::abort();
  }
  return 0;
}
