#!/usr/bin/env bash
# Syncs, and says one line when a person has to look. For cron: what is said is mailed, silence is
# good news. Arguments go to `sync`, such as --max-duration 2h.
#
# The report of the last run is kept in REPORT (without addresses; ids only).
set -euo pipefail

report=${REPORT:-last-sync.json}

code=0
ghl-bm --quiet --no-input sync --json "$@" >"$report.new" || code=$?
# A run that was refused before it began has no report.
if [ -s "$report.new" ]; then mv "$report.new" "$report"; else rm -f "$report.new"; fi

case $code in
    0) ;;
    # Another run is at work; the time is over; the service or the network is away; the day's calls
    # are used up. The next run goes on by itself.
    9 | 10 | 5 | 6) ;;
    3) echo "ghl-bm: some contacts failed, and are tried again by the next run: $report" ;;
    7) echo "ghl-bm: a safety brake stopped the run; look at: ghl-bm sync --dry-run -v" ;;
    8) echo "ghl-bm: some contacts wait for a decision: $report" ;;
    *) echo "ghl-bm: the sync ended with code $code" ;;
esac
exit "$code"
