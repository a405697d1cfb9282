#include "actors/discovery/file_sd/target_group_file.hpp"

#include "actors/discovery/file_sd/target_group_json.hpp"
#include "config/yaml_reader.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

namespace rollcall {
namespace {

// Far beyond what one file or answer is used for, and still a bound on memory.
constexpr size_t text_bytes_max = 256 << 20;
constexpr yaml_limits list_limits = {.text_bytes_max = 64 << 20, .depth_max = 8, .nodes_max = 5'000'000};

result<std::vector<written_target_group>> parse_target_group_yaml(std::string_view text) {
  auto root = parse_yaml(text, list_limits);
  if (!root) return tl::unexpected(root.error());
  std::vector<written_target_group> out;
  if (root->kind == yaml_kind::null) return out;
  yaml_source source;
  yaml_reader list(source, *root, "target groups");
  list.each(
      "target_group", [](size_t index) { return fmt::format("nil target group item found (index {})", index); },
      [&](yaml_reader& fields) {
        auto& group = out.emplace_back();
        fields.read("targets", group.targets);
        fields.read_entries("labels", "labels", [&](std::string_view name, yaml_reader& value) {
          if (!is_valid_label_name(name, name_validation::utf8))
            value.report(fmt::format("{} is not a valid label name", rollcall::quoted(name)));
          std::string text_of_value;
          value.read_self(text_of_value);
          group.labels.emplace_back(name, std::move(text_of_value));
        });
      });
  if (source.fault) return tl::unexpected(std::move(*source.fault));
  return out;
}

}  // namespace

target_group_format format_of_file(std::string_view path) {
  return path.ends_with(".json") || path.ends_with(".JSON") ? target_group_format::json : target_group_format::yaml;
}

result<std::vector<target_group>> parse_target_groups(std::string_view text, target_group_format format,
                                                      const target_group_origin& origin) {
  if (text.size() > text_bytes_max)
    return fail(errc::limit_exceeded, fmt::format("1:1: the text is longer than {} bytes", text_bytes_max));
  auto written = format == target_group_format::json ? parse_target_group_json(text) : parse_target_group_yaml(text);
  if (!written) return tl::unexpected(written.error());
  std::vector<target_group> out;
  out.reserve(written->size());
  for (auto& from : *written) {
    auto& group = out.emplace_back();
    group.source = fmt::format("{}:{}", origin.name, out.size() - 1);
    from.labels.emplace_back(origin.label, origin.name);
    group.common = labels::of(std::move(from.labels));
    group.targets.reserve(from.targets.size());
    for (auto& address : from.targets)
      group.targets.push_back(labels::of({{std::string(address_label), std::move(address)}}));
  }
  return out;
}

}  // namespace rollcall
