#include "lib/queue/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace rollcall::queue {

namespace {

constexpr mode_t file_mode = 0644;

std::string last_error() { return std::strerror(errno); }

}  // namespace

result<directory_lock> directory_lock::take(const std::string& directory) {
  std::error_code trouble;
  std::filesystem::create_directories(directory, trouble);
  if (trouble) return fail(errc::io, directory + ": cannot be made: " + trouble.message());
  auto path = directory + "/lock";
  directory_lock lock;
  lock.file_ = file_descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode));
  // A disk that has become read-only can still be locked when the file is there.
  if (!lock.file_) lock.file_ = file_descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!lock.file_) return fail(errc::io, path + ": " + last_error());
  if (::flock(lock.file_.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return fail(errc::closed, directory + ": is in use by another process");
  return fail(errc::io, path + ": " + last_error());
}

}  // namespace rollcall::queue
