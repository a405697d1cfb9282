# shellcheck shell=bash
# Configuring, building, running, testing.

build_directory() {
  if [[ $1 == release ]]; then echo "$ROOT/build"; else echo "$ROOT/build-$1"; fi
}

# build_preset <preset> [target...]: all targets unless some are named.
build_preset() {
  local preset=$1
  shift
  (cd "$ROOT" && cmake --preset "$preset" >&2) || return 1
  (cd "$ROOT" && cmake --build --preset "$preset" --parallel "$JOBS" ${1:+--target "$@"} >&2)
}

command_build() {
  local preset=${1:-release}
  install_packages build
  [[ $preset != fuzz ]] || install_packages check
  build_preset "$preset"
}

command_run() {
  install_packages build
  build_preset release rollcall || die "the build failed"
  if ! (exec 3<>/dev/tcp/127.0.0.1/9100) 2>/dev/null; then
    say "nothing listens on localhost:9100, so the job 'node' will be down: apt-get install prometheus-node-exporter"
  fi
  say "targets: http://localhost:9095/api/v1/targets   metrics: http://localhost:9095/metrics   stop: Ctrl-C"
  cd "$ROOT" || exit
  # The command line has the last word: a flag given to ./dev run replaces the one given here.
  local flags=()
  given --config.file "$@" || flags+=(--config.file=examples/rollcall.yml)
  given --storage.agent.path "$@" || flags+=(--storage.agent.path=data-agent)
  exec build/rollcall "${flags[@]}" "$@"
}

# given <flag> <arguments...>: whether the flag is among the arguments.
given() {
  local flag=$1 argument
  shift
  for argument in "$@"; do
    [[ $argument != "$flag" && $argument != "$flag="* ]] || return 0
  done
  return 1
}

# run_ctest <build directory> [name filter]: ctest's output, then the counts as last line: "N passed, N failed".
# Without a filter the tests that take minutes are left out.
run_ctest() {
  local directory=$1 filter=${2:-} status=0 log chosen
  log=$(mktemp)
  if [[ -n $filter ]]; then chosen=(-R "$filter"); else chosen=(-LE long); fi
  (cd "$directory" && ctest --output-on-failure --no-tests=error --parallel "$JOBS" "${chosen[@]}") \
    </dev/null | tee "$log" || status=1
  awk '
    / tests passed, [0-9]+ tests failed out of [0-9]+/ { failed = $4; total = $NF }
    /\*\*\*Skipped/ { ++skipped }
    END { printf "%d passed, %d failed\n", total - failed - skipped, failed }' "$log"
  rm -f "$log"
  return "$status"
}

command_test() {
  install_packages build test
  # The registries that tests/discovery runs at; without them those tests are skipped.
  [[ ${1:-} != discovery ]] || install_packages discovery
  if [[ ${1:-} == kubernetes ]]; then
    install_packages kubernetes
    ROLLCALL_KUBE_APISERVER=$("$ROOT/scripts/dev/kube_apiserver.sh") || die "there is no API server to test with"
    export ROLLCALL_KUBE_APISERVER
  fi
  # A build that fails is one failure: the closing line stands in any case.
  if ! build_preset release; then
    say "the build failed, so no test ran"
    echo "0 passed, 1 failed"
    return 1
  fi
  run_ctest "$(build_directory release)" "${1:-}"
}

command_bench() {
  [[ $# -gt 0 ]] || die "which scenario? see bench/README.md"
  install_packages build bench
  build_preset release || die "the build failed"
  cd "$ROOT" || exit
  # These measure no agents.
  case $1 in
    parse | placement | scaling)
      local program=build/bench_$1
      shift
      exec "$program" "$@"
      ;;
  esac
  exec bench/run "$@"
}
