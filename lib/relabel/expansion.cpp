#include "lib/relabel/expansion.hpp"

#include "lib/base/assert.hpp"

#include <algorithm>

namespace rollcall::relabel {

namespace {

struct reference {
  std::string_view name;
  size_t bytes = 0;  // of the reference after its dollar sign; 0 if there is none
};

reference front_reference(std::string_view text) {
  static const re2::RE2 name_pattern(R"(\{([\pL\p{Nd}_]+)\}|([\pL\p{Nd}_]+))");
  re2::StringPiece groups[3];
  if (!name_pattern.Match(text, 0, text.size(), re2::RE2::ANCHOR_START, groups, 3)) return {};
  const auto& name = groups[1].data() != nullptr ? groups[1] : groups[2];
  return {{name.data(), name.size()}, groups[0].size()};
}

// Go: digits without a leading zero are an index, everything else a name.
std::vector<size_t> groups_of(std::string_view name, const regex& pattern) {
  bool digits = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || (name.size() > 1 && name.front() == '0')) return pattern.groups_named(name);
  if (name.size() > 9) return {};
  size_t index = 0;
  for (char c : name) index = index * 10 + static_cast<size_t>(c - '0');
  if (index > pattern.groups()) return {};
  return {index};
}

}  // namespace

expansion::expansion(std::string_view text, const regex& pattern) {
  pieces_.emplace_back();
  while (!text.empty()) {
    size_t dollar = std::min(text.find('$'), text.size());
    pieces_.back().literal.append(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty()) break;
    text.remove_prefix(1);
    auto [name, bytes] = front_reference(text);
    if (bytes == 0) {
      pieces_.back().literal += '$';
      if (text.starts_with('$')) text.remove_prefix(1);
      continue;
    }
    auto groups = groups_of(name, pattern);
    if (!groups.empty()) {
      captures_needed_ = std::max(captures_needed_, groups.back() + 1);
      pieces_.back().groups = std::move(groups);
      pieces_.emplace_back();
    }
    text.remove_prefix(bytes);
  }
}

void expansion::append_to(std::string& out, std::span<const std::string_view> captures) const {
  ROLLCALL_ASSERT(captures.size() >= captures_needed_);
  for (const auto& piece : pieces_) {
    out += piece.literal;
    for (size_t group : piece.groups) {
      if (captures[group].data() == nullptr) continue;
      out += captures[group];
      break;
    }
  }
}

bool expansion::may_give(std::string_view text) const {
  if (pieces_.empty()) return text.empty();
  const auto& front = pieces_.front().literal;
  if (is_constant()) return text == front;
  const auto& back = pieces_.back().literal;
  return text.size() >= front.size() + back.size() && text.starts_with(front) && text.ends_with(back);
}

}  // namespace rollcall::relabel
