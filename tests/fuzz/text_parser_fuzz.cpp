#include "lib/exposition/line_scan.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/exposition/text_writer.hpp"

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

// The short way must read the rest of a line as the parser did, or leave it alone. It needs a newline behind it.
void compare_scan(const text_parser& parser, const std::string& text) {
  const char* at = parser.series_text().data() + parser.series_text().size();
  if (std::string_view(at, text.data() + text.size()).find('\n') == std::string_view::npos) return;
  exposition::scanned_sample sample;
  if (!exposition::scan_after_series(at, sample)) return;
  require(at == text.data() + parser.position());
  require(sample.value_bits == parser.value_bits());
  require(sample.has_timestamp == parser.timestamp().has_value());
  require(!sample.has_timestamp || sample.timestamp == *parser.timestamp());
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

void compare_metadata(text_parser& parser, const std::string& text) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '#' || text.find('\n', at) == std::string::npos) continue;
    exposition::metadata_scanner scanner;
    const char* p = text.data() + at;
    if (!scanner.skip(p, text.data() + text.rfind('\n') + 1)) continue;
    parser.seek(at);
    parser.set_type(exposition::metric_type::unknown);
    auto entry = parser.next();
    require(entry && (*entry == text_parser::entry::help || *entry == text_parser::entry::type));
    require(text.data() + parser.position() == p);
    require(parser.type() == scanner.type());
  }
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
    compare_scan(parser, text);
    compare_written(parser);
  }
  compare_metadata(parser, text);
  return 0;
}
