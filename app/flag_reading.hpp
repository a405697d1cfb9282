#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace rollcall {

/// Reads a value while flags are parsed, by `parse(text) -> optional or result`; a bad one is a usage error.
template <class T, class Parse>
std::function<bool(const CLI::results_t&)> reading(T& out, Parse parse) {
  return [&out, parse](const CLI::results_t& values) {
    auto value = parse(values.back());
    if (!value) return false;
    out = *value;
    return true;
  };
}

}  // namespace rollcall
