#pragma once

#include "config/config.hpp"

#include <string_view>

namespace rollcall {

class yaml_reader;

/// What a mechanism may want to know of the job whose configuration is being read.
struct job_facts {
  bool has_relabel_configs = false;
};

/// How the configuration of one discovery mechanism is read. load() gets a table of these: config/ knows no mechanism.
struct mechanism {
  /// What one call of `parse` takes.
  enum class unit : unsigned char {
    entry,   ///< One entry of the list: each becomes an sd_config.
    section  ///< The whole list: a job has at most one sd_config of this mechanism.
  };

  std::string_view name;  ///< "file"
  std::string_view key;   ///< "file_sd_configs"
  mechanism::unit unit = mechanism::unit::entry;
  /// Reads the options and reports what is wrong to the reader; after a report the value returned is of no interest
  /// and may be null.
  sd_options_ptr (*parse)(yaml_reader& reader, const job_facts& job) = nullptr;
};

}  // namespace rollcall
