#include "actors/io/snapshot_directory.hpp"

#include "lib/base/file_descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace rollcall {

namespace {

constexpr mode_t owner_only = 0600;
constexpr std::string_view ending = ".snapshot";

file_descriptor open_file(const std::string& path, int flags) {
  return file_descriptor(::open(path.c_str(), flags | O_CLOEXEC, owner_only));
}

tl::unexpected<error> last_error(const std::string& path, int number = errno) {
  return fail(number == ENOENT ? errc::not_found : errc::io, path + ": " + std::strerror(number));
}

// What comes after a failure is dropped.
class file_writer {
 public:
  explicit file_writer(const std::string& path) : out_(open_file(path, O_WRONLY | O_CREAT | O_TRUNC)) {
    note(bool(out_));
  }

  void write(std::string_view bytes) {
    if (error_ == 0) note(out_.write_all(bytes));
    written_ += bytes.size();
  }
  /// Waits until all is on disk. Returns the number of the first error, or 0.
  int finish() {
    if (error_ == 0) note(::fsync(out_.get()) == 0);
    return error_;
  }
  uint64_t written() const { return written_; }

 private:
  void note(bool done) {
    if (!done) error_ = errno;
  }

  file_descriptor out_;
  int error_ = 0;
  uint64_t written_ = 0;
};

bool read_all(int from, std::string& bytes) {
  size_t read = 0;
  while (read < bytes.size()) {
    auto more = ::read(from, bytes.data() + read, bytes.size() - read);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return false;
    if (more == 0) break;
    read += static_cast<size_t>(more);
  }
  bytes.resize(read);
  return true;
}

int64_t milliseconds_of(const timespec& time) { return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000; }

}  // namespace

std::string snapshot_directory::file(const std::string& name, std::string_view state) const {
  std::string path = path_ + '/' + name;
  return path.append(ending).append(state);
}

// The name is on disk once the directory is, and never stands for bytes that are not.
result<uint64_t> snapshot_directory::write(const std::string& name,
                                           const std::function<void(const byte_sink&)>& content) const {
  std::error_code trouble;
  std::filesystem::create_directories(path_, trouble);
  if (trouble) return fail(errc::io, path_ + ": cannot be made: " + trouble.message());
  auto scratch = file(name, ".new");
  uint64_t bytes = 0;
  {
    file_writer out(scratch);
    content([&](std::string_view piece) { out.write(piece); });
    if (int number = out.finish(); number != 0) return last_error(scratch, number);
    bytes = out.written();
  }
  if (std::rename(scratch.c_str(), file(name).c_str()) != 0) return last_error(file(name));
  auto directory = open_file(path_, O_RDONLY | O_DIRECTORY);
  if (!directory || ::fsync(directory.get()) != 0) return last_error(path_);
  return bytes;
}

result<std::string> snapshot_directory::read(const std::string& name) const {
  auto in = open_file(file(name), O_RDONLY);
  struct stat facts{};
  if (!in || ::fstat(in.get(), &facts) != 0) return last_error(file(name));
  auto size = static_cast<uint64_t>(facts.st_size);
  if (size > file_bytes_max) return fail(errc::limit_exceeded, file(name) + ": is too large");
  std::string bytes(size, '\0');
  if (!read_all(in.get(), bytes)) return last_error(file(name));
  return bytes;
}

result<void> snapshot_directory::set_aside(const std::string& name) const {
  if (std::rename(file(name).c_str(), file(name, ".damaged").c_str()) != 0) return last_error(file(name));
  return {};
}

void snapshot_directory::remove_old(const std::set<std::string>& except, int64_t before) const {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path_.c_str()), ::closedir);
  if (!directory) return;
  while (const auto* entry = ::readdir(directory.get())) {
    std::string_view found = entry->d_name;
    auto at = found.rfind(ending);
    if (at == std::string_view::npos) continue;
    std::string name(found.substr(0, at)), state(found.substr(at + ending.size()));
    bool is_wanted = state.empty() && except.contains(name);
    if (is_wanted || (!state.empty() && state != ".new" && state != ".damaged")) continue;
    auto path = file(name, state);
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (milliseconds_of(facts.st_mtim) < before) ::unlink(path.c_str());
  }
}

}  // namespace rollcall
