#include "actors/discovery/file_sd/file_sd_options.hpp"

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

#include <array>

namespace rollcall {
namespace {

constexpr std::array<std::string_view, 6> endings = {".json", ".yml", ".yaml", ".JSON", ".YML", ".YAML"};

/// As Prometheus has it: ^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$
bool is_valid_pattern(std::string_view path) {
  auto ends = [&](std::string_view ending) { return path.ends_with(ending); };
  if (std::none_of(endings.begin(), endings.end(), ends)) return false;
  auto star = path.find('*');
  return star == std::string_view::npos || path.find('/', star) == std::string_view::npos;
}

sd_options_ptr parse(yaml_reader& reader, const job_facts&) {
  auto out = std::make_shared<file_sd_options>();
  reader.read("files", out->files);
  if (out->files.empty())
    reader.report_at("files", "file service discovery config must contain at least one path name");
  for (size_t i = 0; i < out->files.size(); ++i) {
    auto& file = out->files[i];
    if (!is_valid_pattern(file))
      reader.report_at("files", i, fmt::format("path name {} is not valid for file discovery", rollcall::quoted(file)));
    file = reader.resolve(file);
  }
  reader.read_positive("refresh_interval", out->refresh_interval);
  return out;
}

}  // namespace

bool file_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const file_sd_options&>(other);
  return files == theirs.files && refresh_interval == theirs.refresh_interval;
}

void file_sd_options::write(yaml_writer& writer) const {
  writer.item([&] {
    writer.field("files", files);
    writer.field("refresh_interval", refresh_interval);
  });
}

mechanism file_sd_configuration() { return {.name = "file", .key = "file_sd_configs", .parse = parse}; }

}  // namespace rollcall
