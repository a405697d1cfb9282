#include "lib/web/compress.hpp"

#include "lib/base/ascii.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

namespace rollcall::web {

namespace {

// Level 1 makes JSON and expositions five times smaller at 300 MB/s; the best levels take four times the time.
constexpr int compression_level = 1;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& rest, char separator) {
  size_t end = rest.find(separator);
  std::string_view head = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(head);
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  auto same = [](char a, char b) { return ascii_lower(a) == b; };
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), same);
}

/// Whether the parameters of a coding refuse it: `q=0`, `q=0.000`.
bool refused(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = cut(parameters, ';');
    std::string_view name = cut(value, '=');
    if (equal_ignoring_case(name, "q"))
      return !value.empty() && value.find_first_not_of("0. ") == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view parameters = cut(accept_encoding, ',');
    std::string_view coding = cut(parameters, ';');
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) return !refused(parameters);
    if (coding == "*") any = !refused(parameters);
  }
  return any;
}

void compress(response& answer, std::string_view accept_encoding) {
  if (answer.body.size() <= uncompressed_body_max) return;
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  bool is_compressed = std::any_of(answer.headers.begin(), answer.headers.end(),
                                   [](const auto& each) { return each.first == "Content-Encoding"; });
  if (is_compressed || !accepts_gzip(accept_encoding)) return;
  std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(compression_level), &libdeflate_free_compressor);
  if (!compressor) return;
  // With no more room than the body has, what does not shrink fails.
  std::string smaller(answer.body.size(), '\0');
  size_t size = libdeflate_gzip_compress(compressor.get(), answer.body.data(), answer.body.size(), smaller.data(),
                                         smaller.size());
  if (size == 0) return;
  smaller.resize(size);
  answer.body = std::move(smaller);
  answer.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace rollcall::web
