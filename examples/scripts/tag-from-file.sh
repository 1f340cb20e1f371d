#!/usr/bin/env bash
# Gives every contact whose address stands in FILE (one a line) a tag in HighLevel:
#
#   tag-from-file.sh FILE TAG            shows what would be done
#   tag-from-file.sh FILE TAG --write    does it; rows that were refused are in rejects.csv
#
# An address that HighLevel does not know is such a row; nobody is created.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: $0 FILE TAG [--write]" >&2
    exit 2
fi
file=$1 tag=$2 mode=${3:---dry-run}

rows() {
    echo 'email,op,tags'
    # Blanks and Windows line ends go, empty lines too.
    tr -d ' \t\r' <"$file" | awk -v tag="$tag" 'NF { printf "%s,add,\"%s\"\n", $0, tag }'
}

if [ "$mode" = --write ]; then
    rows | ghl-bm --quiet push tags - --rejects rejects.csv
else
    rows | ghl-bm --quiet push tags - --dry-run
fi
