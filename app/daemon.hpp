#pragma once

#include "app/command_line.hpp"

namespace rollcall {

/// Runs the daemon until it is told to end. Returns the process's exit code; 2 for a bad configuration, 1 when an
/// address cannot be bound.
int run_daemon(const daemon_flags& flags);

/// Checks configuration files and says what it found on standard output and error. Returns 0 if all are good, else 1.
int check_config(const std::vector<std::string>& files);

}  // namespace rollcall
