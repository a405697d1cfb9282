#pragma once

#include "lib/base/file_descriptor.hpp"
#include "lib/base/result.hpp"

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rollcall {

/// A program that is to be run for what it writes to its standard output.
struct process_order {
  std::string program;  ///< With a slash a path, otherwise a name to be looked for in PATH.
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables;  ///< In addition to this process's, or in their place.
  std::chrono::milliseconds time_max = std::chrono::minutes(1);
  size_t output_bytes_max = 1 << 20;

  bool operator==(const process_order&) const = default;
};

/// What it wrote, when it ended with status 0. Errors: errc::not_found when there is no such program, errc::io when it
/// cannot be run or ended otherwise, with the last of its standard error; errc::timeout, errc::limit_exceeded, and
/// errc::closed when whoever ran it ends.
using process_output = result<std::string>;

/// What becomes readable when a process ends; none when there is no such process or the system gives nothing.
file_descriptor watch_end_of(pid_t process);

/// A program that runs: in a process group of its own, with nothing on its standard input and no other open files. Used
/// by one thread. One that is destroyed is killed with its group, unless it has ended.
class child_process {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Errors: errc::not_found, errc::io.
  static result<std::unique_ptr<child_process>> start(process_order order, time_point now);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Adds what is to be waited for until advance() may have something to do.
  void add_waits(std::vector<pollfd>& waits) const;
  time_point deadline() const { return deadline_; }
  /// Takes what it has written. Gives the outcome once there is one; it is not to be asked after that.
  std::optional<process_output> advance(time_point now);

 private:
  child_process(process_order order, time_point now);
  result<void> spawn(int output, int errors);
  bool has_ended();
  result<void> take_output();
  void take_errors();
  process_output outcome() const;

  const process_order order_;
  const time_point deadline_;
  pid_t pid_ = -1;  // until it has been waited for
  int status_ = 0;  // after that
  file_descriptor process_, output_end_, errors_end_;
  std::string output_;
  std::string last_words_;
};

}  // namespace rollcall
