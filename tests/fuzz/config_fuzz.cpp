#include "lib/base/assert.hpp"
#include "tests/config/mechanism_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Configurations: whatever the text, loading ends with a config or a message, and what was loaded reads back as the
/// same from its normalised form.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollcall;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // Patterns would make the outcome depend on the machine's files.
  if (text.find("scrape_config_files") != std::string_view::npos) return 0;
  static const load_options options = test_options();
  auto loaded = load_text(text, "fuzz.yml", options);
  if (!loaded) {
    ROLLCALL_ASSERT(loaded.error().message.starts_with("fuzz.yml:"));
    return 0;
  }
  auto again = load_text((*loaded)->yaml, "fuzz.yml", options);
  ROLLCALL_ASSERT(again && (*again)->yaml == (*loaded)->yaml);
  return 0;
}
