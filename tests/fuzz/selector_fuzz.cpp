#include "lib/web/selector.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// A selector is refused with a position and a reason, or it can be asked about any series.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = rollcall::web::selector::parse(text);
  if (!parsed) {
    if (parsed.error().message.find(": parse error: ") == std::string::npos) std::abort();
    return 0;
  }
  std::vector<rollcall::label> series{{"__name__", "up"}, {"instance", text}, {"job", "node"}};
  bool matched = parsed->matches(series);
  if (matched && parsed->matchers().empty()) std::abort();
  return 0;
}
