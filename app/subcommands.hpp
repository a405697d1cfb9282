#pragma once

#include "app/command_line.hpp"

#include <CLI/CLI.hpp>

namespace rollcall {

/// Adds everything that the program does besides running as a daemon: `check`, `queue` and `cluster`. Parsing one sets
/// what `line` is to do. The line must outlive the app.
void add_subcommands(CLI::App& app, command_line& line);

}  // namespace rollcall
