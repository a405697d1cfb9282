#include "app/daemon.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  auto line = rollcall::parse_command_line({argv + 1, argv + argc});
  switch (line.what) {
    case rollcall::command_line::work::exit_at_once:
      std::fputs(line.text.c_str(), line.exit_code == 0 ? stdout : stderr);
      return line.exit_code;
    case rollcall::command_line::work::check_config:
      return rollcall::check_config(line.files);
    case rollcall::command_line::work::check_discovery:
      return rollcall::check_service_discovery(line.discovery, line.flags);
    case rollcall::command_line::work::handle_queues:
      return rollcall::run_queue_command(line.flags.storage_path, line.queues);
    case rollcall::command_line::work::ask_cluster:
      return rollcall::run_cluster_command(line.cluster);
    case rollcall::command_line::work::run_daemon:
      break;
  }
  return rollcall::run_daemon(line.flags);
}
