#!/usr/bin/env bash
# The tutorial of augself(7), followed word for word: every line works, every file and picture that it promises is there, and
# what it says of the figures is so.
. "${0%/*}/../lib.sh"
. "$top/tests/tutorial.sh"
for p in img-read img-synth aug-sample aug-apply ssl-train feat-extract linprobe knnprobe augprobe rec-view score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
unset DATA MODEL IMAGES READER
page=$top/man/augself.7
export BIN="$BUILD/bin" # of own.mk: this build, where it is not the release
ln -s "$top/pipelines" pipelines
mkdir "$scratch/steps"
steps=$(tutorial_steps "$page" "$scratch/steps")
[ "$steps" = 7 ]; result $? "seven steps" || diag "$steps"
is "$(grep -c '^\.Ss [0-9]*\. ' "$page")" "$steps" "each under a heading of its own"
for ((n = 1; n <= steps; n++)); do
	ok "step $n" bash -eu -o pipefail "$scratch/steps/$n.sh"
	case $n in
	5) cp "$out" figures ;;
	7) cp "$out" printed && cp "$err" told ;;
	esac
done

# A picture is one: as wide and high as its header says, and neither blank nor of one colour.
tutorial_pictures "$page" >pictures
[ "$(wc -l <pictures)" -ge 4 ]; result $? "pictures"
while read -r file what; do
	[ -n "$what" ] && img-read -q files "$file" 2>said | rec-view --stats - >stats
	result $? "$file" || diag "$(cat said)"
	is "$(awk -F'\t' '$1 == "size" && $4 >= 100 || $1 == "pixel" && $5 >= 20' stats | wc -l)" 5 \
		"... as large as a picture, and not blank"
done <pictures
# Every file that the page names in its steps.
sed -n '/^\.Sh TUTORIAL/,/^\.Ss What/s/^\.Pa \([a-z/]*\.[a-z]*\).*/\1/p' "$page" | grep -v '^own\.mk' | sort -u >files
while read -r file; do
	[ -s "$file" ]; result $? "there is $file"
done <files

# What the page says of the figures.
said()
{
	sed -n "s/^Raw pixels were right for \([0-9]*\), the network for \([0-9]*\), and the untrained one for \([0-9]*\) .*/\\$1/p" \
		"$page"
}
found() { awk -F'\t' 'NR == 2 { printf "%.0f", $2 }' "$1.tsv"; }
near() { # near SAID FOUND NAME: within two of 28 images, for other instruction sets round differently
	[ "$1" -le $(($2 + 8)) ] && [ "$1" -ge $(($2 - 8)) ]; result $? "$3" || diag "the page says $1, found $2"
}
near "$(said 1)" "$(found pixels)" "raw pixels, as the page says"
near "$(said 2)" "$(found trained)" "the network"
near "$(said 3)" "$(found untrained)" "the network untrained"
is "$(grep -c '^top1' figures)" 3 "step 5 shows these three"
like "$(cat told)" '^4 folders are taken as classes' "own.mk says what it takes for classes"
like "$(cat told)" '^about .* to train' "... and how long it takes"
like "$(cat printed)" 'from the network trained on your images$' "... and what came out"
is "$(grep -o 'data:image/png' own/own.html | wc -l)" 4 "its report has views and neighbours"
[ ! -e own/own.html.part ] && tail -c 10 own/own.html | grep -q '</html>'; result $? "... and is whole"
done_testing
