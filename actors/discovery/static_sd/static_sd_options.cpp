#include "actors/discovery/static_sd/static_sd_options.hpp"

#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>

namespace rollcall {
namespace {

target_group read_group(yaml_reader& reader, const job_facts& job) {
  target_group out;
  std::vector<std::string> addresses;
  reader.read("targets", addresses);
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (!job.has_relabel_configs && addresses[i].find('/') != std::string::npos)
      reader.report_at("targets", i, fmt::format("{} is not a valid hostname", rollcall::quoted(addresses[i])));
    out.targets.push_back(labels::of({{std::string(address_label), addresses[i]}}));
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  reader.read_entries("labels", "labels", [&](std::string_view name, yaml_reader& value) {
    if (!is_valid_label_name(name, name_validation::utf8))
      value.report(fmt::format("{} is not a valid label name", rollcall::quoted(name)));
    std::string text;
    value.read_self(text);
    pairs.emplace_back(name, std::move(text));
  });
  out.common = labels::of(std::move(pairs));
  return out;
}

sd_options_ptr parse(yaml_reader& reader, const job_facts& job) {
  auto out = std::make_shared<static_sd_options>();
  reader.each("static_config", "empty or null section in static_configs", [&](yaml_reader& entry) {
    auto group = read_group(entry, job);
    group.source = std::to_string(out->groups.size());
    out->groups.push_back(std::make_shared<const target_group>(std::move(group)));
  });
  return out;
}

}  // namespace

bool static_sd_options::equals(const sd_options& other) const {
  const auto& theirs = static_cast<const static_sd_options&>(other).groups;
  return std::equal(groups.begin(), groups.end(), theirs.begin(), theirs.end(),
                    [](const auto& a, const auto& b) { return *a == *b; });
}

void static_sd_options::write(yaml_writer& writer) const {
  for (const auto& group : groups)
    writer.item([&] {
      writer.list("targets", [&] {
        for (const auto& target : group->targets) writer.item(target.get(address_label));
      });
      if (group->common.empty()) return;
      writer.map("labels", [&] {
        for (auto [name, value] : group->common) writer.field(name, value);
      });
    });
}

mechanism static_sd_configuration() {
  return {.name = "static", .key = "static_configs", .unit = mechanism::unit::section, .parse = parse};
}

}  // namespace rollcall
