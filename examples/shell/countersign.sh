#!/usr/bin/env bash
# Brings one object of an organization to a wanted state, or takes it away, over the management API.
# Every call may be repeated: what is as wanted stays, what is gone stays gone.
#
#   countersign.sh ensure NOUN BODY               apis, roles, groups or service-accounts, by name:
#                                                 what the body does not say stays as it is
#   countersign.sh remove NOUN NAME
#   countersign.sh register ACCOUNT BODY          a credential whose secret stays where it was made
#   countersign.sh unregister ACCOUNT HANDLE
#   countersign.sh join GROUP ACCOUNT             and: leave
#   countersign.sh grant ROLE KIND NAME [RESOURCE] to an account or a group; and: withdraw
#   countersign.sh id NOUN NAME
#   countersign.sh absent NOUN NAME               fails if there is such a thing
#
# Needs bash, curl and jq, and in the environment COUNTERSIGN_ISSUER, COUNTERSIGN_ORGANIZATION (its
# id), COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET.
set -euo pipefail
shopt -s inherit_errexit

main() {
  local verb=${1:-} name
  [ $# -eq 0 ] || shift
  case "$verb $#" in
    'help 0' | '--help 0' | '-h 0') usage && return ;;
    'id 2') verb=known_id ;;
    'ensure 2' | 'remove 2' | 'register 2' | 'unregister 2' | 'join 2' | 'leave 2' | 'absent 2') ;;
    'grant 3' | 'grant 4' | 'withdraw 3' | 'withdraw 4') ;;
    *) usage >&2 && exit 2 ;;
  esac
  for name in COUNTERSIGN_{ISSUER,ORGANIZATION,CLIENT_ID,CLIENT_SECRET}; do
    [ -n "${!name:-}" ] || fail "$name is not set"
  done
  issuer=${COUNTERSIGN_ISSUER%/}
  api=$issuer/api/v1/organizations/$COUNTERSIGN_ORGANIZATION
  token=$(fetch_token)
  "$verb" "$@"
}

# The comment at the top of this file.
usage() {
  sed -n '2,/^set /{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
}

fail() {
  echo "countersign.sh: $1" >&2
  exit 1
}

# A token for the management API lives for minutes. Its secret and, below, the token itself reach curl
# by standard input: the arguments of a process can be read by everyone on the machine.
fetch_token() {
  printf 'user = "%s:%s"\n' "$COUNTERSIGN_CLIENT_ID" "$COUNTERSIGN_CLIENT_SECRET" |
    curl --silent --show-error --fail-with-body --retry 3 --config - \
      --data grant_type=client_credentials --data-urlencode "resource=$issuer/api" \
      "$issuer/oauth2/token" |
    jq --raw-output .access_token
}

# request METHOD PATH [BODY] [HEADER]: answers the body. What has a reason in a problem document fails
# with it.
request() {
  local answer
  local -a more=()
  [ -z "${3:-}" ] || more+=(--header 'content-type: application/json' --data-raw "$3")
  [ -z "${4:-}" ] || more+=(--header "$4")
  answer=$(printf 'header = "authorization: Bearer %s"\n' "$token" |
    curl --silent --show-error --fail-with-body --retry 3 --config - \
      --request "$1" "${more[@]}" "$api$2") || fail "$1 $2: $answer"
  [ -z "$answer" ] || printf '%s\n' "$answer"
}

# Of what is there, only what the body names is changed: PUT would set the rest back, and enable an
# account that somebody disabled. An audience never changes and is in no change.
ensure() {
  local noun=$1 body=$2 there changes
  there=$(find "$noun" "$(jq --raw-output .name <<<"$body")")
  if [ -z "$there" ]; then
    create "/$noun" "$body"
    return
  fi
  changes=$(jq --compact-output --argjson there "$there" \
    'if .audience == $there.audience then del(.audience) else . end' <<<"$body")
  request PATCH "/$noun/$(jq --raw-output .id <<<"$there")" "$changes"
}

remove() {
  local id
  id=$(find_id "$1" "$2")
  [ -z "$id" ] || request DELETE "/$1/$id"
}

absent() {
  local id
  id=$(find_id "$1" "$2")
  [ -z "$id" ] || fail "there is a $2 among $1 already ($id), made elsewhere"
}

register() {
  local account handle id
  account=$(known_id service-accounts "$1")
  handle=$(jq --raw-output .handle <<<"$2")
  id=$(credential "$account" "$handle")
  [ -n "$id" ] || create "/service-accounts/$account/credentials" "$2"
}

unregister() {
  local account id
  account=$(find_id service-accounts "$1")
  [ -n "$account" ] || return 0
  id=$(credential "$account" "$2")
  [ -z "$id" ] || request DELETE "/service-accounts/$account/credentials/$id"
}

join() {
  local group account
  group=$(known_id groups "$1")
  account=$(known_id service-accounts "$2")
  request PUT "/groups/$group/members/$account"
}

# Who or what is gone is in no group.
leave() {
  local group account
  group=$(find_id groups "$1")
  account=$(find_id service-accounts "$2")
  [ -z "$group" ] || [ -z "$account" ] || request DELETE "/groups/$group/members/$account"
}

grant() {
  local body id
  body=$(wanted_binding "$@")
  [ -n "$body" ] || fail "there is no role $1, or no $2 $3"
  id=$(binding "$body")
  [ -n "$id" ] || create /bindings "$body"
}

# A role or a holder that is gone took its bindings along.
withdraw() {
  local body id
  body=$(wanted_binding "$@")
  [ -n "$body" ] || return 0
  id=$(binding "$body")
  [ -z "$id" ] || request DELETE "/bindings/$id"
}

# The key makes it safe to send a request again whose answer was lost: it creates one object.
create() {
  request POST "$1" "$2" "idempotency-key: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
}

# wanted_binding ROLE KIND NAME [RESOURCE]: the body of a binding, if there is all that it names.
wanted_binding() {
  local role holder noun=groups member=group_id
  if [ "$2" = account ]; then noun=service-accounts member=principal_id; fi
  role=$(find_id roles "$1")
  holder=$(find_id "$noun" "$3")
  [ -n "$role" ] && [ -n "$holder" ] || return 0
  jq --null-input --compact-output --arg role "$role" --arg member "$member" \
    --arg holder "$holder" --arg resource "${4:-}" \
    '{ role_id: $role, ($member): $holder }
      + if $resource == "" then {} else { resource: $resource } end'
}

# binding BODY: the id of the binding that says just this.
binding() {
  local role
  role=$(jq --raw-output .role_id <<<"$1")
  all "/bindings?role_id=$role" |
    jq --raw-output --argjson wanted "$1" 'select(
      .principal_id == $wanted.principal_id and .group_id == $wanted.group_id
      and .resource == $wanted.resource) | .id'
}

# credential ACCOUNT_ID HANDLE: the id of the credential that has this handle.
credential() {
  all "/service-accounts/$1/credentials?" |
    jq --raw-output --arg handle "$2" 'select(.handle == $handle) | .id'
}

known_id() {
  local id
  id=$(find_id "$1" "$2")
  [ -n "$id" ] || fail "no $2 among $1"
  printf '%s\n' "$id"
}

# find_id NOUN NAME: the id of what has this name, or nothing.
find_id() {
  find "$@" | jq --raw-output .id
}

# find NOUN NAME: what has this name, or nothing.
find() {
  request GET "/$1?name=$(jq --raw-input --slurp --raw-output @uri < <(printf '%s' "$2"))" |
    jq --compact-output '.items[0] // empty'
}

# all PATH?: the items of all pages, one a line.
all() {
  local page cursor=''
  for (( ; ; )); do
    page=$(request GET "$1${cursor:+&cursor=$cursor}")
    jq --compact-output '.items[]' <<<"$page"
    cursor=$(jq --raw-output '.next_cursor // empty' <<<"$page")
    [ -n "$cursor" ] || return 0
  done
}

main "$@"
