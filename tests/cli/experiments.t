#!/usr/bin/env bash
# Every experiment runs through, SCALE=smoke: on small sets that img-synth draws in the native
# layouts, to a report in which no cell is empty. What one has trained or extracted the next finds.
# EXPERIMENTS names some of them, where all take too long.
. "${0%/*}/../lib.sh"
for p in img-read img-synth aug-sample aug-apply ssl-train feat-extract linprobe knnprobe fewshot augprobe score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
unset MAKEFLAGS MAKEOVERRIDES MFLAGS DATA MODEL IMAGES

experiment() { # experiment NAME [WORD...]
	make -f "$top/pipelines/$1.mk" BIN="$BUILD/bin" SCALE=smoke OUT=out "${@:2}"
}
all=${EXPERIMENTS:-$(cd "$top/pipelines" && grep -l 'experiment\.mk$' -- *.mk | sed 's/\.mk$//')}
[ -n "${EXPERIMENTS:-}" ] || is "$(wc -w <<<"$all")" 12 "twelve experiments"

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
is "$(find out -name '*.part' -o -name '*.said')" "" "nothing half made is left"

[ -z "${EXPERIMENTS:-}" ] || done_testing

# A set that is not there: its cells are empty, and the reason stands in their place.
cells()
{
	awk -F'\t' -v want="$1" 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
		$c["column"] == want { print $c["missing"] }' "$2"
}
img-synth -q --layout cifar10 --out sets >/dev/null
tiny=(SCALE=small DATA=sets OUT=part BIN="$BUILD/bin" SEEDS="0 1" WIDTH=.0625 EPOCHS=1 BATCH=16 EPISODES=20
	"SET_simsiam=hidden=32,bottleneck=16")
ok "cifar.mk without CIFAR-100, flowers and birds" make -f "$top/pipelines/cifar.mk" "${tiny[@]}"
is "$(cells cifar10.linear part/cifar.tsv | sort -u)" "" "what is there is asked"
like "$(cells cifar100.linear part/cifar.tsv | sort -u)" 'test.bin' "what is not says what is missing"
is "$(cells cub200.linear part/cifar.tsv | grep -c .)" 4 "in every cell"
grep -q 'test.bin' part/cifar.html; result $? "the page says it too"
run make -f "$top/pipelines/stl10.mk" "${tiny[@]}"
[ $status = 2 ] && grep -q 'stl10_binary' "$err"; result $? "what is trained on must be there" || diag "$(cat "$err")"

# Killed in the middle of a training: the same model as if it had not been.
long=(EPOCHS=100 METHODS=simsiam SCALE=smoke BIN="$BUILD/bin")
(setsid bash -c 'echo $$ >pid; exec "$@"' - make -f "$top/pipelines/cifar.mk" "${long[@]}" OUT=killed \
	killed/cifar/seed0/simsiam/model.safetensors >"$scratch/log" 2>&1) &
disown
for _ in $(seq 600); do
	[ -e killed/cifar/seed0/simsiam/state ] && break
	sleep 0.02
done
kill -KILL -- "-$(cat pid)" 2>/dev/null
while kill -0 -- "-$(cat pid)" 2>/dev/null; do sleep 0.02; done
[ -e killed/cifar/seed0/simsiam/state ] && [ ! -e killed/cifar/seed0/simsiam/model.safetensors ]
result $? "killed in mid-training: a state, no model"
for o in killed whole; do
	ok "... $o" make -f "$top/pipelines/cifar.mk" "${long[@]}" OUT=$o $o/cifar/seed0/simsiam/model.safetensors
done
cmp -s {killed,whole}/cifar/seed0/simsiam/model.safetensors; result $? "the same model"
run make -n -f "$top/pipelines/cifar.mk" "${long[@]}" EPOCHS=2 OUT=whole whole/cifar/seed0/simsiam/model.safetensors
like "$(cat "$out")" 'ssl-train' "other settings train it anew"

# One's own images: a training that is sized once, with classes and without.
img-synth -q --layout imagenet --out photos >/dev/null
mkdir flat && find photos/train -type f -exec cp {} flat/ \;
own() { make -f "$top/pipelines/own.mk" BIN="$BUILD/bin" IMAGES="$1" OUT="mine-$1" MINUTES=.01 SIZE=20 EPOCHS=2; }
ok "own.mk, folders that are classes" own photos/train
like "$(cat mine-photos/train/sizes.mk)" 'EPOCHS := 20' "sized to 46 images"
is "$(cut -f 1 mine-photos/train/own.tsv | sort | uniq -c | tr -s ' \n' ' ')" " 4 aware 6 classes 1 table " "what it tells"
ok "own.mk, images alone" own flat
is "$(cut -f 1 mine-flat/own.tsv | sort | uniq -c | tr -s ' \n' ' ')" " 4 aware 1 table " "without classes"
is "$(grep -o 'data:image/png' mine-flat/own.html | wc -l)" 4 "views and neighbours as pictures"

ok "a plan of hours and bytes" make -f "$top/pipelines/cifar.mk" "${long[@]}" OUT=planned plan
like "$(grep "^in all" "$out")" '^in all [0-9.]+ hours, [0-9.]+ GiB of memory \(of [0-9.]+\), [0-9.]+ GiB on disk' "its sums"
[ ! -e planned ]; result $? "makes nothing"
done_testing
