#!/usr/bin/env bash
# Makes the archive of a release from a built program:
#
#   cargo build --release --locked
#   packaging/archive.sh target/release/ghl-bm dist
#
# Prints the name of the archive. The program is run for its version, manual pages and completions,
# so that it has to be of this machine's kind. The same sources and program give the same bytes:
# times are those of the last commit, or of SOURCE_DATE_EPOCH.
set -euo pipefail

program=$(realpath -- "${1:?name the built program}")
out=${2:-dist}
mkdir -p -- "$out"
out=$(realpath -- "$out")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# ghl-bm 0.1.0 (commit 0123456789ab, x86_64-unknown-linux-musl, release, rustc 1.89.0)
line=$("$program" --version)
version=$(cut -d ' ' -f 2 <<<"$line")
target=$(cut -d ',' -f 2 <<<"$line" | tr -d ' ')
name=ghl-bm-$version-$target
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$work/$name
install -d "$top" "$top/completions" "$top/man" "$top/docs" "$top/docs/schema" "$top/examples"
install -m 755 "$program" "$top/"
install -m 644 README.md CHANGELOG.md LICENSE "$top/"
install -m 644 docs/*.md docs/*.json "$top/docs/"
install -m 644 docs/schema/*.json "$top/docs/schema/"
cp -R examples/. "$top/examples/"
"$program" --quiet man --dir "$top/man"
while read -r shell file; do
    "$program" completions "$shell" >"$top/completions/$file"
done <<'END'
bash ghl-bm.bash
zsh _ghl-bm
fish ghl-bm.fish
powershell _ghl-bm.ps1
elvish ghl-bm.elv
END
chmod -R u=rwX,go=rX "$top"

tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" |
    gzip -n -9 >"$out/$name.tar.gz"
echo "$out/$name.tar.gz"
