#pragma once

#include "config/config.hpp"
#include "config/load.hpp"
#include "config/yaml_reader.hpp"

#include <string>
#include <vector>

namespace rollcall {

/// Reads the fields of `global`. `warnings` gets a line for each environment variable that is not set.
void read_global_section(yaml_reader& reader, const load_options& options, global_config& out,
                         std::vector<std::string>& warnings);

/// Reads what `global` and a job have in common: limits, naming, formats. `out` holds what is inherited.
void read_limits(yaml_reader& reader, scrape_limits& out);
void read_naming(yaml_reader& reader, name_validation& validation, escaping_scheme& escaping);
/// `place` ends messages: "for global config". False when none are given.
bool read_scrape_protocols(yaml_reader& reader, std::string_view place, std::vector<scrape_protocol>& out);
/// The protocols to ask for where the configuration names none.
std::vector<scrape_protocol> default_scrape_protocols(const global_config& global, const histogram_config& histograms);
void read_histograms(yaml_reader& reader, histogram_config& out);

/// Reports an unknown protocol at the value of `key`.
std::string unknown_protocol_message(std::string_view name);

/// Replaces $NAME and ${NAME} by what `lookup` gives and $$ by $. A $ before anything else stays.
std::string expand_environment(std::string_view text, const std::function<std::string(const std::string&)>& lookup);

void write_limits(yaml_writer& writer, const scrape_limits& limits);
void write_naming(yaml_writer& writer, name_validation validation, escaping_scheme escaping);
void write_histograms(yaml_writer& writer, const histogram_config& histograms);
void write_scrape_protocols(yaml_writer& writer, const std::vector<scrape_protocol>& protocols);
void write_global_section(yaml_writer& writer, const global_config& global);

}  // namespace rollcall
