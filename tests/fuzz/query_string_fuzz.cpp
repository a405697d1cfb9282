#include "lib/web/compress.hpp"
#include "lib/web/query_string.hpp"
#include "lib/web/targets_page.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Whatever a request line holds: no pair is invented, and what is written encoded reads back as it was.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall::web;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  accepts_gzip(text);
  query_string query(text);
  for (auto value : query.all("match[]")) {
    if (value.size() > text.size()) std::abort();
  }
  targets_filter::from(query);
  if (percent_decode(percent_encode(text), true) != text) std::abort();
  auto parts = split_target(text);
  if (parts && parts->path.empty() && !text.starts_with('?')) std::abort();
  return 0;
}
