#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace rollcall::test {

/// A directory for one test, with a name of its own; goes with all that is in it.
class scratch_directory {
 public:
  scratch_directory() {
    // In memory where that can be had: what takes long on a disk is not what tests are about.
    std::filesystem::path memory = "/dev/shm";
    auto parent = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "rollcall-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a directory " + name);
    path_ = name;
  }
  ~scratch_directory() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace rollcall::test
