#include "lib/queue/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace rollcall::queue {

namespace {

constexpr mode_t file_mode = 0644;

std::string last_error() { return std::strerror(errno); }

}  // namespace

directory_lock::~directory_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<directory_lock> directory_lock::take(const std::string& directory) {
  std::error_code trouble;
  std::filesystem::create_directories(directory, trouble);
  if (trouble) return fail(errc::io, directory + ": cannot be made: " + trouble.message());
  auto path = directory + "/lock";
  directory_lock lock;
  lock.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, file_mode);
  // A disk that has become read-only can still be locked when the file is there.
  if (lock.descriptor_ < 0) lock.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock.descriptor_ < 0) return fail(errc::io, path + ": " + last_error());
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return fail(errc::closed, directory + ": is in use by another process");
  return fail(errc::io, path + ": " + last_error());
}

}  // namespace rollcall::queue
