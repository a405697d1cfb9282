#include "actors/io/child_process.hpp"

#include "lib/labels/quote.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <string_view>

namespace rollcall {

namespace {

constexpr size_t last_words_bytes_max = 400;

struct pipe_ends {
  file_descriptor read, write;
};

result<pipe_ends> open_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errc::io, std::string("pipe: ") + std::strerror(errno));
  pipe_ends opened{file_descriptor(ends[0]), file_descriptor(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return opened;
}

/// Reads what there is now, in pieces of bounded size; closes the end when nothing more can come.
template <class Take>
void read_available(file_descriptor& end, Take take) {
  std::array<char, 4096> piece;
  while (end.get() >= 0) {
    const auto count = ::read(end.get(), piece.data(), piece.size());
    if (count > 0) {
      if (!take(std::string_view(piece.data(), static_cast<size_t>(count)))) return;
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      end.close();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

/// "NAME=value" of every variable that the program has.
std::vector<std::string> environment_of(const process_order& order) {
  std::map<std::string, std::string> variables;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view text(*each);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : order.variables) variables[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// What a process is spawned with.
class spawn_settings {
 public:
  spawn_settings(int output, int errors) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes);
    // This process blocks and ignores signals for its own sake.
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_settings() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_settings(const spawn_settings&) = delete;
  spawn_settings& operator=(const spawn_settings&) = delete;

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
};

}  // namespace

file_descriptor watch_end_of(pid_t process) {
  // By its number, since the function of this name has no C linkage in the headers of glibc 2.36.
  return file_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
}

child_process::child_process(process_order order, time_point now)
    : order_(std::move(order)), deadline_(now + order_.time_max) {}

child_process::~child_process() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

result<std::unique_ptr<child_process>> child_process::start(process_order order, time_point now) {
  std::unique_ptr<child_process> started(new child_process(std::move(order), now));
  auto output = open_pipe();
  if (!output) return tl::unexpected(std::move(output.error()));
  auto errors = open_pipe();
  if (!errors) return tl::unexpected(std::move(errors.error()));
  started->output_end_ = std::move(output->read);
  started->errors_end_ = std::move(errors->read);
  if (auto spawned = started->spawn(output->write.get(), errors->write.get()); !spawned)
    return tl::unexpected(std::move(spawned.error()));
  return started;
}

result<void> child_process::spawn(int output, int errors) {
  std::vector<std::string> arguments{order_.program};
  arguments.insert(arguments.end(), order_.arguments.begin(), order_.arguments.end());
  auto variables = environment_of(order_);
  const spawn_settings settings(output, errors);
  const int fault = ::posix_spawnp(&pid_, order_.program.c_str(), &settings.files, &settings.attributes,
                                   pointers_to(arguments).data(), pointers_to(variables).data());
  if (fault != 0) {
    pid_ = -1;
    return fail(fault == ENOENT ? errc::not_found : errc::io, std::strerror(fault));
  }
  process_ = watch_end_of(pid_);
  if (process_.get() < 0) return fail(errc::io, std::string("pidfd_open: ") + std::strerror(errno));
  return {};
}

void child_process::add_waits(std::vector<pollfd>& waits) const {
  for (const auto* end : {&process_, &output_end_, &errors_end_})
    if (end->get() >= 0) waits.push_back({end->get(), POLLIN, 0});
}

std::optional<process_output> child_process::advance(time_point now) {
  // In this order: what was written before the end is there once the end is known.
  const bool ended = has_ended();
  take_errors();
  if (auto taken = take_output(); !taken) return tl::unexpected(std::move(taken.error()));
  if (ended) return outcome();
  if (now >= deadline_)
    return fail(errc::timeout, "it did not end within " + std::to_string(order_.time_max.count()) + " ms");
  return std::nullopt;
}

bool child_process::has_ended() {
  if (::waitpid(pid_, &status_, WNOHANG) != pid_) return false;
  pid_ = -1;
  return true;
}

result<void> child_process::take_output() {
  read_available(output_end_, [this](std::string_view piece) {
    output_ += piece;
    return output_.size() <= order_.output_bytes_max;
  });
  if (output_.size() <= order_.output_bytes_max) return {};
  return fail(errc::limit_exceeded, "it wrote more than " + std::to_string(order_.output_bytes_max) + " bytes");
}

void child_process::take_errors() {
  // A program that writes without end must not keep this thread: as much as fits into a pipe, and the rest later.
  size_t left = 1 << 16;
  read_available(errors_end_, [this, &left](std::string_view piece) {
    last_words_ += piece;
    if (last_words_.size() > last_words_bytes_max) last_words_.erase(0, last_words_.size() - last_words_bytes_max);
    left -= std::min(left, piece.size());
    return left > 0;
  });
}

process_output child_process::outcome() const {
  if (WIFEXITED(status_) && WEXITSTATUS(status_) == 0) return output_;
  std::string text = WIFSIGNALED(status_) ? "it was ended by signal " + std::to_string(WTERMSIG(status_))
                                          : "it ended with status " + std::to_string(WEXITSTATUS(status_));
  if (!last_words_.empty()) text += ": " + rollcall::quoted(last_words_);
  return fail(errc::io, std::move(text));
}

}  // namespace rollcall
