#!/usr/bin/env bash
# A cluster on hosts of its own: network namespaces at a bridge, with mutual TLS. As root; Ctrl-C ends all of it.
#   examples/cluster/namespaces.sh [CONFIG]     what is scraped and where it goes; default: examples/rollcall.yml
# The nodes reach this host at 192.168.78.1: what they are to scrape and where they deliver has to be named so.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HERE=$ROOT/examples/cluster
PROGRAM=${ROLLCALL:-$ROOT/build/rollcall}
CONFIG=$(realpath "${1:-$ROOT/examples/rollcall.yml}")
WORKERS=${WORKERS:-2}
DATA=${DATA:-$PWD/data-cluster}
NETWORK=192.168.78
BRIDGE=rollcall0
CLUSTER_PORT=9096

[[ $(id -u) -eq 0 ]] || {
  echo "network namespaces at a bridge are for root alone" >&2
  exit 1
}
hosts=()
processes=()
end() {
  kill "${processes[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  local host
  for host in "${hosts[@]}"; do ip netns del "$host" 2>/dev/null || true; done
  ip link del "$BRIDGE" 2>/dev/null || true
}
trap end EXIT
trap 'exit 0' INT TERM

# add_host NAME NUMBER
add_host() {
  local name=$1 number=$2
  ip netns add "$name"
  hosts+=("$name")
  ip link add "$BRIDGE-$number" type veth peer name eth0 netns "$name"
  ip link set "$BRIDGE-$number" master "$BRIDGE" up
  ip -n "$name" address add "$NETWORK.$number/24" dev eth0
  ip -n "$name" link set lo up
  ip -n "$name" link set eth0 up
  "$HERE/certificates.sh" "$DATA/tls" "$name=$NETWORK.$number"
}

# start NAME FLAG...: a node on the host of that name.
start() {
  local name=$1
  shift
  ip netns exec "$name" "$PROGRAM" --cluster.node-name="$name" --web.listen-address=0.0.0.0:9095 \
    --storage.agent.path="$DATA/$name" --cluster.tls.cert-file="$DATA/tls/$name.pem" \
    --cluster.tls.key-file="$DATA/tls/$name.key" --cluster.tls.ca-file="$DATA/tls/ca.pem" "$@" &
  processes+=($!)
}

mkdir -p "$DATA"
ip link add "$BRIDGE" type bridge
ip address add "$NETWORK.1/24" dev "$BRIDGE"
ip link set "$BRIDGE" up
add_host coordinator 10
start coordinator --config.file="$CONFIG" --cluster.role=coordinator \
  --cluster.listen-address="$NETWORK.10:$CLUSTER_PORT"
for ((number = 0; number < WORKERS; ++number)); do
  add_host "worker-$number" $((11 + number))
  start "worker-$number" --cluster.role=worker --cluster.join="$NETWORK.10:$CLUSTER_PORT"
done

echo "the cluster: http://$NETWORK.10:9095/api/v1/cluster"
echo "pull a plug: ip link set $BRIDGE-11 down    put it back: ip link set $BRIDGE-11 up"
wait
