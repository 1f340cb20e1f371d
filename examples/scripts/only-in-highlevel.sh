#!/usr/bin/env bash
# Prints the addresses that HighLevel may mail and BigMailer does not have, one a line. Reads both
# services whole and writes nothing.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An export ends its lines as CSV does, with CR LF; the first is the header.
rows() { tail -n +2 | tr -d ' \r'; }

ghl-bm --quiet pull contacts --fields email,email_allowed | rows |
    awk -F, '$1 != "" && $2 == "true" { print tolower($1) }' | sort -u >"$work/highlevel"
ghl-bm --quiet pull contacts --from bigmailer --fields email | rows |
    awk '{ print tolower($1) }' | sort -u >"$work/bigmailer"

comm -23 "$work/highlevel" "$work/bigmailer"
