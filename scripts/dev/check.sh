# shellcheck shell=bash
# What a machine can say about a change: format, rules of the tree, static analysis, sanitizers, fuzzing.

FORMAT=clang-format-19

source_files() {
  (cd "$ROOT" && find app actors bench cmake config lib messages tests \
    \( -name '*.cpp' -o -name '*.hpp' \) -type f -print0 2>/dev/null | sort -z)
}

shell_files() {
  (cd "$ROOT" && printf '%s\0' dev .ci/run scripts/dev/*.sh)
}

command_format() {
  install_packages check
  source_files | (cd "$ROOT" && xargs -0 -r "$FORMAT" -i)
}

check_format() {
  source_files | (cd "$ROOT" && xargs -0 -r -n 50 -P "$JOBS" "$FORMAT" --dry-run --Werror)
}

check_shell() {
  shell_files | (cd "$ROOT" && xargs -0 -r shellcheck)
}

check_tree() { "$ROOT/scripts/check_tree" "$ROOT"; }

# check_tidy [--all | --base COMMIT | --seconds N]...
check_tidy() {
  (cd "$ROOT" && cmake --preset release >&2) || return 1
  "$ROOT/scripts/tidy" --build "$(build_directory release)" --jobs "$JOBS" "$@"
}

# Builds and tests with address and undefined-behaviour sanitizers; a finding ends the test that met it. The slice is
# what reads outside bytes: lib/ and config/.
check_sanitized() {
  local slice=$1 filter='' targets=()
  if [[ $slice == slice ]]; then
    filter='^(lib/|config: )'
    local folder
    for folder in "$ROOT"/tests/lib/*/; do targets+=("test_lib_$(basename "$folder")"); done
    targets+=(test_config)
  fi
  build_preset asan "${targets[@]}" || return 1
  ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
    run_ctest "$(build_directory asan)" "$filter"
}

# step <name> <command...>: runs it under a heading and remembers how it went.
STEPS=()
STEPS_FAILED=0
step() {
  local name=$1 started=$SECONDS verdict=ok
  shift
  say "== $name"
  if ! "$@"; then
    verdict=FAILED
    STEPS_FAILED=1
  fi
  STEPS+=("$(printf '%-12s %-6s %4d s' "$name" "$verdict" $((SECONDS - started)))")
}

steps_summary() {
  say "== summary"
  printf '%s\n' "${STEPS[@]}" >&2
  return "$STEPS_FAILED"
}

# check [--slice] [what scripts/tidy takes]: --slice keeps the sanitizers to lib/ and config/.
command_check() {
  local scope=all
  if [[ ${1:-} == --slice ]]; then
    scope=slice
    shift
  fi
  install_packages build test check
  step shell check_shell
  step format check_format
  step tree check_tree
  # The release build carries the link checks: each library with its declared dependencies and nothing else.
  step build build_preset release
  step tidy check_tidy "$@"
  step sanitizers check_sanitized "$scope"
  steps_summary
}

# The names that command_fuzz takes.
parsers() {
  local source
  for source in "$ROOT"/tests/fuzz/*_fuzz.cpp; do
    [[ -e $source ]] || continue
    source=${source##*/}
    echo "${source%_fuzz.cpp}"
  done
}

# With ROLLCALL_FUZZ_SEED the same inputs are tried each time. New inputs are kept below build-fuzz/corpus, what fails
# below build-fuzz/findings; copy one into tests/fuzz/corpus and ctest replays it from then on.
fuzz_one() {
  local parser=$1 seconds=$2 directory
  directory=$(build_directory fuzz)
  mkdir -p "$directory/corpus/$parser" "$directory/findings/$parser"
  say "fuzzing $parser for $seconds s"
  "$directory/fuzz_$parser" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -seed="${ROLLCALL_FUZZ_SEED:-0}" \
    -verbosity=0 -artifact_prefix="$directory/findings/$parser/" \
    "$directory/corpus/$parser" "$ROOT/tests/fuzz/corpus/$parser" </dev/null 2>&1 |
    awk '!/^".*# Uses: |ecommended dictionary/ { print > "/dev/stderr" }' || {
    say "$parser failed; the input is below $directory/findings/$parser"
    return 1
  }
}

command_fuzz() {
  [[ $# -eq 2 ]] || die "usage: ./dev fuzz PARSER|all SECONDS; parsers: $(parsers | tr '\n' ' ')"
  local wanted=$1 seconds=$2 parser chosen=() failed=0
  [[ $seconds =~ ^[0-9]+$ ]] || die "not a number of seconds: $seconds"
  for parser in $(parsers); do
    [[ $wanted != all && $wanted != "$parser" ]] || chosen+=("$parser")
  done
  [[ ${#chosen[@]} -gt 0 ]] || die "no such parser: $wanted; there are: $(parsers | tr '\n' ' ')"
  install_packages build check
  build_preset fuzz "${chosen[@]/#/fuzz_}" || die "the fuzzers did not build"
  for parser in "${chosen[@]}"; do
    fuzz_one "$parser" "$seconds" || failed=1
  done
  return "$failed"
}
