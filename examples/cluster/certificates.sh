#!/usr/bin/env bash
# An authority for one cluster, and a certificate for each of its nodes.
#   certificates.sh DIRECTORY NAME=ADDRESS...    writes ca.pem, and NAME.pem and NAME.key for each
# ca.key signs nodes into the cluster: keep it where the nodes are not.
set -euo pipefail

[[ $# -ge 2 ]] || {
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
}
directory=$1
shift
mkdir -p "$directory"
cd "$directory"
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

[[ -f ca.pem ]] || openssl req -x509 "${new_key[@]}" -days 3650 -subj "/CN=rollcall cluster" \
  -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem 2>/dev/null

for node in "$@"; do
  name=${node%%=*}
  address=${node#*=}
  printf 'subjectAltName=DNS:%s,IP:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$name" "$address" >"$name.ext"
  openssl req -new "${new_key[@]}" -subj "/CN=$name" -keyout "$name.key" -out "$name.csr" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile "$name.ext" \
    -out "$name.pem" 2>/dev/null
  rm "$name.csr" "$name.ext"
done
