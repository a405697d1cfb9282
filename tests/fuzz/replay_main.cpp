#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

/// Feeds the first `size` bytes from a block of exactly that size, so that a sanitizer sees a read beyond the end.
void feed(const std::vector<char>& input, size_t size) {
  auto block = std::make_unique<uint8_t[]>(size);
  std::copy_n(input.begin(), size, block.get());
  LLVMFuzzerTestOneInput(block.get(), size);
}

/// Feeds a file and its prefixes: each one of a small file, evenly spaced ones of a large file.
void replay(const std::filesystem::path& path) {
  constexpr size_t prefixes_max = 512;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  size_t step = std::max<size_t>(1, input.size() / prefixes_max);
  for (size_t size = 0; size < input.size(); size += step) {
    feed(input, size);
  }
  feed(input, input.size());
}

}  // namespace

/// Stands in for libFuzzer in the normal builds: replays the files of one corpus directory. Status 1 if there are none.
int main(int argument_count, char** arguments) {
  if (argument_count != 2 || !std::filesystem::is_directory(arguments[1])) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", arguments[0]);
    return EXIT_FAILURE;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    // The name stands in the output before the input is tried: after an abort, the last one printed is the culprit.
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    try {
      replay(path);
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "an exception escaped: %s\n", failure.what());
      return EXIT_FAILURE;
    }
  }
  return files.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
