#include "lib/labels/label_texts.hpp"

#include <utility>

namespace rollcall {

std::vector<std::string> texts_of(const labels& set) {
  std::vector<std::string> texts;
  for (auto each : set) {
    texts.emplace_back(each.name);
    texts.emplace_back(each.value);
  }
  return texts;
}

labels labels_of(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t i = 0; i + 1 < texts.size(); i += 2) pairs.emplace_back(texts[i], texts[i + 1]);
  return labels::of(std::move(pairs));
}

}  // namespace rollcall
