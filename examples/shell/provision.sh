#!/usr/bin/env bash
# Gives a machine a service account of its own. Run it on that machine: the secret is made there, is
# written to a file there, and goes nowhere else. The server is told its hash.
#
#   provision.sh ACCOUNT ROLE FILE
#
# FILE gets CLIENT_ID and CLIENT_SECRET, for its owner alone to read. Run again after an interruption,
# it goes on where it stopped; once FILE is whole, the machine is set up. The environment is that of
# countersign.sh, which this uses.
set -euo pipefail
umask 077

[ $# -eq 3 ] || { echo 'usage: provision.sh ACCOUNT ROLE FILE' >&2 && exit 2; }
account=$1 role=$2 file=$3
countersign=${COUNTERSIGN:-countersign}
tool=$(dirname "$0")/countersign.sh

# What is registered has to be the secret that was kept, so it is kept first.
if ! [ -s "$file.made" ]; then
  $countersign secret generate --name "$(hostname)" --json >"$file.making"
  mv "$file.making" "$file.made"
fi

"$tool" ensure service-accounts "$(jq --null-input --arg name "$account" '{ $name }')" >"$file.account"
"$tool" grant "$role" account "$account" >/dev/null
"$tool" register "$account" "$(jq .body "$file.made")" >/dev/null

jq --raw-output --slurpfile account "$file.account" \
  '"CLIENT_ID=\($account[0].client_id)\nCLIENT_SECRET=\(.client_secret)"' "$file.made" >"$file.making"
mv "$file.making" "$file"
rm "$file.made" "$file.account"
echo "$file has the client ID and the secret of $account" >&2
