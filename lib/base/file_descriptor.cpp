#include "lib/base/file_descriptor.hpp"

#include <cerrno>

namespace rollcall {

bool file_descriptor::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    auto written = ::write(number_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace rollcall
