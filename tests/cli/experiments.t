#!/usr/bin/env bash
# Every experiment runs through, SCALE=smoke: on small sets that img-synth draws in the native
# layouts, to a report in which no cell is empty. What one has trained or extracted the next finds.
. "${0%/*}/../lib.sh"
for p in img-read img-synth aug-sample aug-apply ssl-train feat-extract linprobe knnprobe fewshot augprobe score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
unset MAKEFLAGS MAKEOVERRIDES MFLAGS DATA MODEL IMAGES

experiment() { # experiment NAME [WORD...]
	make -f "$top/pipelines/$1.mk" BIN="$BUILD/bin" SCALE=smoke OUT=out "${@:2}"
}
all=$(cd "$top/pipelines" && grep -l 'experiment\.mk$' -- *.mk | sed 's/\.mk$//')
is "$(wc -w <<<"$all")" 11 "eleven experiments"

ok "-n from nothing" experiment stl10 -n
[ ! -e out ]; result $? "makes nothing"
for name in $all; do
	ok "$name" experiment "$name" -j2
	report=out/$name.html figures=out/$name.tsv
	[ -s "$report" ] && grep -q '</html>' "$report"; result $? "... a report" || diag "$(tail -n 3 "$err")"
	cells=$(grep -c '^score' out/"$name".plan)
	is "$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["missing"] != "" || $c["mean"] == ""' "$figures")" "" \
		"... no cell of the $cells is empty"
	run experiment "$name" -n
	is "$(grep -cE 'ssl-train|feat-extract|probe|fewshot|img-synth|score-report' "$out")" 0 "... and then nothing to do"
done
is "$(LC_ALL=C ls -A)" out "no experiment left anything outside OUT"
is "$(find out -name '*.part')" "" "nothing half made is left"
done_testing
