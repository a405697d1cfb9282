#include "lib/exposition/histogram_text.hpp"
#include "lib/exposition/nhcb_parser.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/histograms/validation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace rollcall;
using exposition::entry;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<unsigned char, 192> secret = {1, 2, 3, 4, 5};

/// What a parser gives: histograms, and all else.
struct reading {
  std::vector<std::string> histograms;
  std::vector<std::string> lines;
};

template <class Parser>
std::string described(const Parser& parser, entry read) {
  std::string out = std::to_string(static_cast<int>(read));
  if (read != entry::sample && read != entry::histogram) return out + parser.family();
  std::vector<std::pair<std::string, std::string>> labels;
  parser.append_labels(labels);
  for (const auto& [name, value] : labels) out += name + '=' + value + ',';
  out += std::to_string(parser.timestamp().value_or(-1));
  if (read == entry::sample) out += ' ' + std::to_string(parser.value_bits());
  return out;
}

template <class Parser>
reading read_all(Parser& parser) {
  reading all;
  for (;;) {
    auto read = parser.next();
    if (!read) {
      all.lines.push_back(read.error().message);
      return all;
    }
    if (*read == entry::end) return all;
    std::string text = described(parser, *read);
    if constexpr (requires { parser.histogram(); }) {
      if (*read == entry::histogram) {
        require(histograms::validate(*parser.histogram()).has_value());
        text += to_string(*parser.histogram()) + std::to_string(parser.series_hash());
        all.histograms.push_back(std::move(text));
        continue;
      }
    }
    all.lines.push_back(std::move(text));
  }
}

reading read_converted(std::string_view text, exposition::classic_lines classic) {
  exposition::nhcb_parser<exposition::text_parser> parser(exposition::text_parser(text), classic, secret);
  return read_all(parser);
}

}  // namespace

// The lines are those of the text parser when they are kept, and some of them otherwise; the histograms are the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  exposition::text_parser plain(text);
  reading expected = read_all(plain);
  reading kept = read_converted(text, exposition::classic_lines::kept);
  require(kept.lines == expected.lines);
  reading suppressed = read_converted(text, exposition::classic_lines::suppressed);
  require(suppressed.histograms == kept.histograms);
  require(suppressed.lines.size() <= kept.lines.size());
  size_t at = 0;
  for (const auto& line : suppressed.lines) {
    while (at < kept.lines.size() && kept.lines[at] != line) ++at;
    require(at++ < kept.lines.size());
  }
  return 0;
}
