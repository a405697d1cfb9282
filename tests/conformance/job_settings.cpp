#include "tests/conformance/job_settings.hpp"

#include "config/scrape_section.hpp"

#include <algorithm>

namespace rollcall::conformance {

result<scrape_config> read_job(const field& job) {
  bool is_named =
      std::any_of(job.block.begin(), job.block.end(), [](const auto& line) { return line.starts_with("job_name:"); });
  auto tree = parse_yaml(job.text() + (is_named ? "" : "job_name: j\n"));
  if (!tree) return tl::unexpected(tree.error());
  yaml_source source;
  scrape_config out;
  yaml_reader whole(source, *tree, "scrape_config");
  whole.fields([&](yaml_reader& reader) { read_scrape_section(reader, global_config(), {}, out); });
  if (source.fault) return tl::unexpected(*source.fault);
  return out;
}

}  // namespace rollcall::conformance
