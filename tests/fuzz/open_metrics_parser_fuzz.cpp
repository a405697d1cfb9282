#include "tests/lib/exposition/parser_comparison.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace rollcall;

// Start times are compared by a look at each pair of lines.
constexpr size_t start_times_bytes_max = 5000;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto found = test::compare_open_metrics(text);
  if (size <= start_times_bytes_max && text.find('\\') == std::string::npos) test::compare_start_times(text, found);
  // An exemplar that stands alone is outside text too.
  static_cast<void>(exposition::parse_exemplar(text));
  if (!found.difference.empty()) {
    std::fprintf(stderr, "%s\n", found.difference.c_str());
    std::abort();
  }
  return 0;
}
