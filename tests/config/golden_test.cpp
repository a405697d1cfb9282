#include "tests/config/mechanism_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace rollcall;
namespace fs = std::filesystem;

namespace {

// How many cases there are at least, so that a walker that finds nothing does not pass.
constexpr size_t bad_files_min = 130;
constexpr size_t good_files_min = 10;

std::vector<fs::path> files_in(std::string_view folder, std::string_view ending) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fs::path(TEST_SOURCE_DIR) / "config" / folder))
    if (entry.path().string().ends_with(ending)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST_CASE("refuses every wrong configuration with the message and the place its first line states") {
  constexpr std::string_view mark = "# error: ";
  auto files = files_in("bad", ".bad.yml");
  REQUIRE(files.size() >= bad_files_min);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    auto text = text_of(file);
    REQUIRE(text.starts_with(mark));
    auto expected = text.substr(mark.size(), text.find('\n') - mark.size());
    auto loaded = load_text(text, "", test_options());
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message == expected);
    CHECK((loaded.error().code == errc::unsupported) ==
          (expected.find("is not supported by this version of rollcall") != std::string::npos));
  }
}

TEST_CASE("accepts every good configuration and reads its own normalised form back as the same") {
  auto files = files_in("good", ".good.yml");
  REQUIRE(files.size() >= good_files_min);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    auto loaded = load_text(text_of(file), "", test_options());
    REQUIRE(loaded);
    CHECK((*loaded)->yaml.find("hidden") == std::string::npos);
    auto again = load_text((*loaded)->yaml, "", test_options());
    CAPTURE((*loaded)->yaml);
    REQUIRE(again);
    CHECK((*again)->yaml == (*loaded)->yaml);
    CHECK((*again)->global == (*loaded)->global);
    CHECK((*again)->server == (*loaded)->server);
    REQUIRE((*again)->remote_writes.size() == (*loaded)->remote_writes.size());
    for (size_t i = 0; i < (*again)->remote_writes.size(); ++i) {
      CHECK((*again)->remote_writes[i].hash == (*loaded)->remote_writes[i].hash);
      CHECK((*again)->remote_writes[i].name == (*loaded)->remote_writes[i].name);
    }
    if ((*loaded)->yaml.find("<secret>") != std::string::npos || (*loaded)->yaml.find(":xxxxx@") != std::string::npos)
      continue;
    CHECK((*again)->remote_writes == (*loaded)->remote_writes);
    CHECK(std::equal((*again)->scrape_configs.begin(), (*again)->scrape_configs.end(),
                     (*loaded)->scrape_configs.begin(), (*loaded)->scrape_configs.end(),
                     [](const auto& a, const auto& b) { return *a == *b; }));
  }
}

TEST_CASE("normalises a configuration to the text that stands beside it") {
  auto files = files_in("good", ".normalised.yml");
  REQUIRE(files.size() >= 4);
  for (const auto& file : files) {
    auto source = file.string();
    source.replace(source.size() - std::string_view(".normalised.yml").size(), std::string::npos, ".good.yml");
    CAPTURE(source);
    auto loaded = load_text(text_of(source), "", test_options());
    REQUIRE(loaded);
    CHECK((*loaded)->yaml == text_of(file));
  }
}

TEST_CASE("survives a configuration that is cut off anywhere") {
  auto text = text_of(fs::path(TEST_SOURCE_DIR) / "config" / "good" / "everything.good.yml");
  for (size_t length = 0; length < text.size(); length += 7) {
    auto loaded = load_text(std::string_view(text).substr(0, length), "cut.yml", test_options());
    if (!loaded) CHECK(loaded.error().message.starts_with("cut.yml:"));
  }
}

}  // namespace
