#!/usr/bin/env bash
# A coordinator and WORKERS workers (2) as processes of this host; Ctrl-C ends all of them.
#   examples/cluster/one_host.sh [CONFIG]       what is scraped and where it goes; default: examples/rollcall.yml
# With an ARBITER (etcd+http://127.0.0.1:2379/rollcall/leader, or workers://worker-0,worker-1,worker-2 with WORKERS=3)
# there are two coordinators, of which one leads.
# On the loopback network no certificates are needed.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PROGRAM=${ROLLCALL:-$ROOT/build/rollcall}
CONFIG=$(realpath "${1:-$ROOT/examples/rollcall.yml}")
WORKERS=${WORKERS:-2}
DATA=${DATA:-$PWD/data-cluster}
ARBITER=${ARBITER:-}
WEB_PORT=9095
CLUSTER_PORT=9096

[[ -x $PROGRAM ]] || {
  echo "there is no $PROGRAM: ./dev build, or say where with ROLLCALL=" >&2
  exit 1
}
mkdir -p "$DATA"
processes=()
end() { kill "${processes[@]}" 2>/dev/null || true; }
trap end EXIT
trap 'exit 0' INT TERM

coordinators=1
[[ -z $ARBITER ]] || coordinators=2
addresses=
for ((number = 0; number < coordinators; ++number)); do
  address=127.0.0.1:$((CLUSTER_PORT + number))
  addresses+=${addresses:+,}$address
  "$PROGRAM" --config.file="$CONFIG" --cluster.role=coordinator --cluster.node-name="coordinator-$number" \
    --cluster.listen-address="$address" --cluster.arbiter="$ARBITER" \
    --web.listen-address=127.0.0.1:$((WEB_PORT + number)) --storage.agent.path="$DATA/coordinator-$number" &
  processes+=($!)
done

for ((number = 0; number < WORKERS; ++number)); do
  # A worker needs no configuration.
  "$PROGRAM" --cluster.role=worker --cluster.node-name="worker-$number" --cluster.join="$addresses" \
    --web.listen-address=127.0.0.1:$((WEB_PORT + 10 + number)) --storage.agent.path="$DATA/worker-$number" &
  processes+=($!)
done

echo "the cluster: http://127.0.0.1:$WEB_PORT/api/v1/cluster, or: $PROGRAM cluster status"
echo "give away what a worker has: $PROGRAM cluster drain worker-0"
wait
