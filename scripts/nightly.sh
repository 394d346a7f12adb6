#!/bin/sh
# A night for cron: `mtaudit feeds run` in its environment, with a log file a night.
#
#     nightly.sh [OPTION of feeds run...]
#
#     NIGHTLY_VENV  the environment to activate  [/opt/mtaudit]
#     NIGHTLY_LOGS  folder of the logs           [logs]
#     NIGHTLY_KEEP  how many logs are kept       [14]
#
# Exits as the night did. Prints its summary and the end of its log unless it was whole, so that
# cron sends mail only then. A night that finds another one running leaves no log.
set -u

venv=${NIGHTLY_VENV:-/opt/mtaudit}
logs=${NIGHTLY_LOGS:-logs}
keep=${NIGHTLY_KEEP:-14}

case $keep in
'' | *[!0-9]* | 0*)
    echo "nightly.sh: NIGHTLY_KEEP must be a number from 1, not $keep" >&2
    exit 2
    ;;
esac
if ! [ -r "$venv/bin/activate" ]; then
    echo "nightly.sh: $venv is no environment; set NIGHTLY_VENV" >&2
    exit 2
fi
mkdir -p "$logs" || exit 2
# The script of an environment may read variables that are not set.
set +u
. "$venv/bin/activate"
set -u

log=$logs/night-$(date -u +%Y%m%dT%H%M%SZ)-$$.log
summary=$(mtaudit feeds run "$@" 2>"$log")
status=$?
if [ "$status" -ne 0 ]; then
    echo "mtaudit: status $status"
    echo "$summary"
    tail -n 20 "$log"
fi
if [ "$status" -eq 75 ]; then
    rm -- "$log"
fi
ls -r "$logs" | grep '^night-.*\.log$' | tail -n "+$((keep + 1))" | while read -r old; do
    rm -- "$logs/$old"
done
exit "$status"
