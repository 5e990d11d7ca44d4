#!/usr/bin/env bash
# What the manual pages and the README tell people to type works: the EXAMPLES of a
# page, block after block, in one empty folder. A block is `.Bd -literal` to `.Ed`;
# in the README a fence marked `sh`. A block after a comment `.\" not run: why` (in
# the README `<!-- not run: why -->`) is left alone.
. "${0%/*}/../lib.sh"

# Each block as a file $scratch/block/N.
blocks_of_page()
{
	awk -v dir="$2" '
	/^\.Sh / { examples = ($0 == ".Sh EXAMPLES") }
	/^\.\\" not run/ { leave = 1 }
	/^\.Bd -literal/ && examples { in_block = 1; if (!leave) n++; next }
	/^\.Ed/ { in_block = leave = 0 }
	in_block && !leave {
		gsub(/\\e/, "\\"); gsub(/\\\(aq/, "\047"); gsub(/\\\(dq/, "\""); gsub(/\\-/, "-"); gsub(/\\&/, "")
		sub(/^\$ /, "")
		print > (dir "/" n)
	}' "$1"
}
blocks_of_readme()
{
	awk -v dir="$2" '
	/^<!-- not run/ { leave = 1 }
	/^```/ { if (in_block) { in_block = leave = 0; next } fence = ($0 == "```sh") && !leave; in_block = 1; n += fence; next }
	in_block && fence { print > (dir "/" n) }' "$1"
}

# Sanitizers and counters make all of it many times slower.
seconds=20
case $BUILD in */asan | */tsan | */cov) seconds=300 ;; esac

for page in "$top"/man/*.[157] "$top"/README.md; do
	[ -f "$page" ] || continue
	name=${page##*/}
	mkdir -p "$scratch/block" "$scratch/run"
	case $name in *.md) blocks_of_readme "$page" "$scratch/block" ;; *) blocks_of_page "$page" "$scratch/block" ;; esac
	cd "$scratch/run" || exit 1
	for ((n = 1; ; n++)); do
		[ -f "$scratch/block/$n" ] || break
		ok "$name, example $n" timeout $seconds bash -eu -o pipefail "$scratch/block/$n" ||
			diag "$(cat "$scratch/block/$n")"
	done
	case $name in *.1) [ "$n" -gt 1 ]; result $? "$name has an example" ;; esac
	cd "$scratch/here" || exit 1
	rm -rf "$scratch/block" "$scratch/run"
done
[ $tests -gt 0 ] || skip_all "no pages yet"
done_testing
