#!/usr/bin/env bash
# Prints a few numbers about the contacts, for a weekly note: how many there are, how many may be
# mailed, the most used tags, what the last runs did. Prints nobody's data.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One export, several questions. The file is for this account alone and gone at the end.
ghl-bm --quiet pull contacts --fields tags,email_allowed --format ndjson -o "$work/contacts"

printf 'contacts         %8d\n' "$(wc -l <"$work/contacts")"
printf 'may be mailed    %8d\n' "$(grep -c '"email_allowed":true' "$work/contacts" || true)"

echo 'most used tags'
ghl-bm --quiet pull contacts --jq '.contacts[].tags[]' | sort | uniq -c | sort -rn |
    # Reads to the end, unlike head, so that nobody before it writes into a closed pipe.
    awk 'NR <= 5'

echo 'the last runs'
ghl-bm --quiet runs list --jq '.runs[:5][] | "  \(.started_at[:16])  \(.people.created) created, \(.people.updated) updated, \(.people.failed) failed"'
