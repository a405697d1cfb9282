#pragma once

#include "config/config.hpp"
#include "config/mechanism.hpp"
#include "config/yaml_reader.hpp"
#include "config/yaml_writer.hpp"

#include <span>

namespace rollcall {

/// Reads one entry of scrape_configs; `global` gives what it inherits.
void read_scrape_section(yaml_reader& reader, const global_config& global, std::span<const mechanism> mechanisms,
                         scrape_config& out);

void write_scrape_section(yaml_writer& writer, const scrape_config& job, std::span<const mechanism> mechanisms);

/// Reads every `<name>_sd_configs` of a job.
void read_discovery_section(yaml_reader& reader, std::span<const mechanism> mechanisms, const job_facts& facts,
                            std::vector<sd_config>& out);

void write_discovery_section(yaml_writer& writer, const std::vector<sd_config>& configs,
                             std::span<const mechanism> mechanisms);

}  // namespace rollcall
