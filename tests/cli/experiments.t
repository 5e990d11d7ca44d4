#!/usr/bin/env bash
# Every experiment runs through, SCALE=smoke: on small sets that img-synth draws in the native
# layouts, to a report in which no cell is empty. What one has trained or extracted the next finds.
# EXPERIMENTS names some of them, where all take too long.
. "${0%/*}/../lib.sh"
for p in img-read img-synth aug-sample aug-apply ssl-train feat-extract linprobe knnprobe fewshot augprobe score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
unset DATA MODEL IMAGES

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
	case $name in own | profile) continue ;; esac
	run experiment "$name" plan
	is "$(tail -n 1 "$out")" "nothing is left to do" "... which its plan says"
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
is "$(grep -c 'images to train, the published set has' "$err")" 1 "that the set is small is said once, not of every network"
is "$(cells cifar10.linear part/cifar.tsv | sort -u)" "" "what is there is asked"
like "$(cells cifar100.linear part/cifar.tsv | sort -u)" 'test.bin' "what is not says what is missing"
is "$(cells cub200.linear part/cifar.tsv | grep -c .)" 4 "in every cell"
grep -q 'test.bin' part/cifar.html; result $? "the page says it too"
grep -q 'make.* EPOCHS="1"' part/cifar.plan; result $? "the page's command has what was given"
run make -f "$top/pipelines/stl10.mk" "${tiny[@]}"
[ $status = 2 ] && grep -q 'stl10_binary' "$err"; result $? "what is trained on must be there" || diag "$(cat "$err")"

# What cannot be meant is refused before anything is made.
refused() # refused TEXT NAME [WORD...]
{
	run make -f "$top/pipelines/$2.mk" BIN="$BUILD/bin" OUT=refused "${@:3}"
	[ $status = 2 ] && grep -qF "$1" "$err"; result $? "$2 ${*:3}: $1" || diag "$(cat "$err")"
}
refused 'DATA=nowhere: no such folder' cifar SCALE=small DATA=nowhere
refused 'PRETRAIN=stl: cifar, stl10, imagenet100 or imagenet' awareness SCALE=smoke PRETRAIN=stl
refused 'MODEL=none: no such file' profile MODEL=none DATA=sets
: >some.model
refused 'IMAGES=nowhere: no such folder' profile MODEL=some.model IMAGES=nowhere
refused 'nothing to plan' profile MODEL=some.model DATA=sets plan
[ ! -e refused ]; result $? "nothing is made"

# One's own photographs in folders of classes, of a size at which a linear probe of all pixels fits into no memory.
img-synth -q --layout imagenet --out own >/dev/null
img-synth -q -n 64 | aug-sample -q | aug-apply -q | ssl-train -q --width .0625 --batch 32 --steps 0 -o own.model
ok "profile.mk of own images in classes" make -f "$top/pipelines/profile.mk" BIN="$BUILD/bin" MODEL=own.model IMAGES=own/train \
	PAIRS=8 PROBE_EPOCHS=1 OUT=own.out
is "$(awk -F'\t' '$2 == "pixels" && $3 == "own.linear" && $4 != ""' own.out/profile.tsv | wc -l)" 1 "raw pixels are asked too"
grep -q 'MODEL=own.model IMAGES=own/train' own.out/profile.plan; result $? "the page's command names them"
grep -Eq 'Only [1-9][0-9]* images are asked about' own.out/profile.html; result $? "a profile of few images says that it is uncertain"

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

# Settings make anew what depends on them, and nothing else; another experiment in the same OUT is no other setting.
extracted() { # extracted NAME [WORD...]: the files of features that make would make
	experiment "$1" -n "${@:2}" | grep -oE 'mv -f out/[^ ]*\.feat' | sed 's/.*seed0.//' | sort
}
if [ -z "${EXPERIMENTS:-}" ]; then
	for name in stl10 looc profile; do
		is "$(extracted $name)" "" "$name: the experiments after it changed nothing"
	done
	is "$(extracted cifar EPISODES=7)" "" "EPISODES: no features"
	run experiment cifar -n EPISODES=7
	is "$(grep -c '@\?fewshot' "$out")" 4 "... but episodes of every row"
	like "$(extracted profile PRESET=stl10 | tr '\n' ' ')" 'network/cifar10.test.only-blur.feat .*pairs.feat' "PRESET: other views"
	is "$(extracted profile PAIRS=30 | grep -cE '\.(train|val|test)\.feat')" 0 "PAIRS: views alone"
	is "$(extracted cifar PER_CLASS=3 | wc -l)" 64 "PER_CLASS: all that is read"
	run experiment retrieval -n PER_CLASS=3
	is "$(grep -c 'images .*split test .*--per-class 3.*split train .*--per-class 3' "$out")" 9 "... pictures of the same images"
fi
experiment profile OUT=plain plain/untrained.safetensors >/dev/null 2>&1
ok "a profile with CIFAR's augmentations" experiment profile PRESET=cifar MODEL=plain/untrained.safetensors OUT=plain
is "$(grep -E '^(mean|size)' plain/profile/color.policy)" "$(printf '%s\n' 'size = 20' 'mean = 0.485 0.456 0.406')" \
	"views have the network's mean"
grep -q 'Which images train, choose and test. CIFAR-10: val is a tenth' plain/profile.html
result $? "the page says whose split it is"
ok "no operation that the views do not have" experiment awareness PRETRAIN=cifar METHODS=simsiam OUT=plain
for v in OUT DATA BIN; do
	run make -n -f "$top/pipelines/cifar.mk" SCALE=small DATA=sets OUT=part "$v=a b"
	[ $status = 2 ] && grep -q "$v=a b: a name with a blank" "$err"; result $? "$v with a blank is refused"
done
run experiment looc -n OUT=none SGD_EPOCHS=200 plan
# Of CUB-200 and ImageNet100 crops for each epoch, and tests; Flowers. (sets.mk has the numbers.)
like "$(grep -oE "\|[0-9]+\|[0-9]+\|" "$out" | sort -u | grep "[0-9]...[0-9]")" \
	"^.$((5794 + 5000 + 1020 + 1020 + 6149)).$((200 * (4994 + 1000 + 126689))).\$" "a plan counts each epoch's crops"

ok "a plan of hours and bytes" make -f "$top/pipelines/cifar.mk" "${long[@]}" OUT=planned plan
like "$(grep "^in all" "$out")" '^in all [0-9.]+ hours, [0-9.]+ GiB of memory \(of [0-9.]+\), [0-9.]+ GiB on disk' "its sums"
like "$(grep "^hours" "$out")" '^hours still to come: [0-9.]+ of training, [0-9.]+ of features, about [0-9.]+ of probes$' \
	"and what is what"
is "$(cat "$err")" "" "it warns of nothing"
[ ! -e planned ]; result $? "makes nothing"
rows() { make -s -n -f "$top/pipelines/cifar.mk" "${long[@]}" OUT="$1" plan | tr "'" '\n' | grep '^SimSiam|'; }
state=half/cifar/seed0/simsiam/state
mkdir -p "${state%/*}" && echo >"$state" && printf 'step\tepoch\n9\t70\n' >"${state%/*}/log.tsv"
is "$(rows half | cut -d '|' -f 2-3)" "1|$((48 * 30))" "of a training that was ended what is left is planned"
touch "${state%/*}/model.safetensors"
is "$(rows half | cut -d '|' -f 2-3)" "0|0" "... and of one that is done nothing"
echo >"${state%/*}/cifar100.linear.tsv"
is "$(rows half | cut -d '|' -f 8 | grep -o 'linear:[0-9]*')" "linear:$((50000 * 10 + 2040 * 102 + 5994 * 200))" \
	"... nor of an answer that is there"
done_testing
