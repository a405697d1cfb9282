#include "lib/exposition/text_parser.hpp"
#include "lib/exposition/text_writer.hpp"
#include "tests/lib/exposition/parser_comparison.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace rollcall;
using exposition::text_parser;
using pair_list = std::vector<std::pair<std::string, std::string>>;

void require(bool holds) {
  if (!holds) std::abort();
}

// What was read must read the same once written.
void compare_written(const text_parser& parser) {
  pair_list pairs;
  parser.append_labels(pairs);
  labels set = labels::of(pairs);
  if (!set.contains("__name__")) return;
  std::string line;
  exposition::append_sample(line, set, std::bit_cast<double>(parser.value_bits()), parser.timestamp());
  text_parser again(line);
  auto entry = again.next();
  require(entry && *entry == text_parser::entry::sample);
  pair_list read;
  again.append_labels(read);
  require(labels::of(read) == set);
  require(again.value_bits() == parser.value_bits());
  require(again.timestamp() == parser.timestamp());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  text_parser parser(text);
  size_t before = 0;
  for (;;) {
    auto entry = parser.next();
    require(parser.position() >= before && parser.position() <= text.size());
    before = parser.position();
    if (!entry) {
      require(entry.error().message.starts_with("line "));
      break;
    }
    if (*entry == text_parser::entry::end) break;
    if (*entry != text_parser::entry::sample) continue;
    compare_written(parser);
  }
  require(test::compare_text(text).difference.empty());
  return 0;
}
