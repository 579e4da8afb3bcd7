#!/bin/sh
# A whole worker in POSIX shell, curl and awk: suggest, run, report, until the group has finished.
#
#   RUNGWISE_URL=http://127.0.0.1:8080 sh examples/loop/loop.sh examples/loop/polyaxonfile.yml
#
# RUNGWISE_KEY is sent where the service wants a key. With RUNGWISE_GROUP it works on that group
# instead of creating one, so that several workers can share a group.
set -eu
url="${RUNGWISE_URL:-http://127.0.0.1:8080}/v1/groups"
worker="loop-$(uname -n)-$$" # one name per worker: asking again, it is given what it still holds

# JSON as lines `path value`, such as `experiments.0.values.x 1.5`, by splitting it into strings,
# brackets and the rest. Takes any valid JSON whose keys have no spaces; leaves escapes as they are.
flatten() {
  awk '{ text = text $0 " " }
    END {
      while (match(text, /"([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\r]+/)) {
        token = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        if (token ~ /^[[{]$/) { kind[++depth] = token; key[depth] = 0; naming = (token == "{") }
        else if (token ~ /^[]}]$/) depth--
        else if (token == ":") naming = 0
        else if (token == ",") { if (kind[depth] == "[") key[depth]++; else naming = 1 }
        else {
          if (token ~ /^"/) token = substr(token, 2, length(token) - 2)
          if (naming) { key[depth] = token; continue }
          path = key[1]; for (i = 2; i <= depth; i++) path = path "." key[i]
          print path, token
        }
      }
    }'
}

# field PATH: its value in the last answer, or nothing. The last one counts: where curl had to
# repeat a call, the refusals stand before the answer.
field() {
  printf '%s\n' "$answer" |
    awk -v path="$1" '$1 == path { $1 = ""; value = $0 } END { print substr(value, 2) }'
}

# call PATH [BODY [TYPE]]: the answer, flattened. curl waits and repeats after 429 and 503 and while
# nothing listens; any other error ends the worker with the service's explanation.
call() {
  [ $# -eq 1 ] || set -- "$1" --data-binary "$2" -H "Content-Type: ${3:-application/json}"
  path=$1 && shift
  body=$(curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
    ${RUNGWISE_KEY:+-H "Authorization: Bearer $RUNGWISE_KEY"} "$@" "$url$path") || {
    echo "$body" >&2 && exit 1
  }
  printf '%s\n' "$body" | flatten
}

# loss X Y STEP: in place of a training, three steps down to Himmelblau's function at (x, y).
loss() {
  awk -v x="$1" -v y="$2" -v step="$3" \
    'BEGIN { printf "%.6f", (x * x + y - 11) ^ 2 + (x + y * y - 7) ^ 2 + 50 * (3 - step) }'
}

group=${RUNGWISE_GROUP:-}
if [ -z "$group" ]; then
  answer=$(call '' "@${1:?which polyaxonfile?}" application/yaml)
  group=$(field id)
fi
echo "group $group"

while :; do
  answer=$(call "/$group/suggest" "{\"worker\": \"$worker\", \"wait_seconds\": 2}")
  number=$(field experiments.0.number)
  if [ -z "$number" ]; then
    case $(field group_status) in done | stopped) break ;; esac
    sleep "$(field retry_after_seconds)"
    continue
  fi
  x=$(field experiments.0.values.x) y=$(field experiments.0.values.y)
  token=$(field experiments.0.lease.token) step=0 status=running stop=false
  while [ "$status" = running ]; do
    step=$((step + 1))
    loss=$(loss "$x" "$y" "$step")
    if [ "$step" -eq 3 ]; then status=succeeded; elif [ "$stop" = true ]; then status=stopped; fi
    answer=$(call "/$group/experiments/$number/report" "{\"metrics\": {\"loss\": $loss},
      \"step\": $step, \"status\": \"$status\", \"lease_token\": \"$token\"}")
    stop=$(field should_stop)
  done
  echo "experiment $number: x=$x y=$y, loss $loss at step $step, $status"
done

answer=$(call "/$group")
echo "$(field status) ($(field status_reason.code)): best is experiment $(field best.number)," \
  "loss $(field best.value) at x=$(field best.values.x) y=$(field best.values.y)"
