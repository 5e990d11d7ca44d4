#!/usr/bin/env bash
# Pipelines behave as a make user expects: -n does nothing, -j2 makes the same, a second
# run has nothing to do, one that was killed goes on, other settings make all anew.
. "${0%/*}/../lib.sh"
for p in img-synth rec-cat rec-view aug-sample aug-apply ssl-train feat-extract linprobe knnprobe fewshot score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done

tiny="SIZE=8 IMAGES=64 TRAIN=60 VAL=40 TEST=120 EPOCHS=3 WARMUP=1 BATCH=32 EPISODES=5"
read -ra words <<<"$tiny"
words+=("NET=--arch resnet18 --stem cifar --width 0.0625 --set hidden=64,bottleneck=16 --head-hidden 64")
demo()
{
	make -f "$top/pipelines/demo.mk" BIN="$BUILD/bin" "${words[@]}" "$@"
}

ok "-n from nothing" demo -n OUT=nothing
[ ! -e nothing ]; result $? "-n makes nothing"

demo OUT=one LIVE=1 live >"$scratch/live" 2>&1 &
ok "the demo, small" demo OUT=one
wait
like "$(cat "$scratch/live")" '^score-report: \[live\] [0-9]+ of [0-9]+ files are there; one/demo\.live\.html is written every 1 seconds' \
	"its report is written as it goes"
cmp -s one/demo.html one/demo.live.html; result $? "... and is the same in the end" || diag "$(cat "$scratch/live")"
like "$(cat "$out")" '^SimSiam \+ AugSelf( +[0-9.]+){9}$' "prints a table in full"
is "$(head -c 4 one/demo.png | tail -c 3)" PNG "and a sheet of neighbours"
[ "$(awk -F'\t' 'NR > 1 && $4 != ""' one/demo.tsv | wc -l)" = 36 ] && grep -q 'data:image/png' one/demo.html
result $? "a report has all its figures, and the sheet"
is "$(find one -name '*.part')" "" "nothing half made is left"
run demo OUT=one
is "$(grep -vE '^make|^$' "$out" | head -n 1 | cut -d: -f1)" "img-synth" "a second run prints the table"
run demo -n OUT=one
is "$(grep -cE 'ssl-train|feat-extract|probe|fewshot|img-synth -' "$out")" 0 "and has nothing to do"

ok "two models with -j2" demo -j2 OUT=two two/simsiam/test.feat two/augself/test.feat
for run in simsiam augself; do
	like "$(cat "$err")" "^ssl-train: \\[$run/model.safetensors\\] sealed " "... each says whose seal it is"
done
is "$(cd two && sha256sum -- */test.feat)" "$(cd one && sha256sum -- {augself,simsiam}/test.feat)" "are the same"

# Killed in the training of one model, with a state behind it.
demo OUT=three three/train.img three/test.img three/val.img >"$scratch/log" 2>&1
(setsid bash -c 'echo $$ >pid; exec "$@"' - make -f "$top/pipelines/demo.mk" BIN="$BUILD/bin" "${words[@]}" IMAGES=480 OUT=three \
	three/augself/model.safetensors >"$scratch/log" 2>&1) &
disown # bash has nothing to say about its death
for _ in $(seq 600); do
	[ -e three/augself/state ] && break
	sleep 0.05
done
kill -KILL -- "-$(cat pid)" 2>/dev/null
for _ in $(seq 250); do # dead ones that nobody has waited for still count: not for ever
	kill -0 -- "-$(cat pid)" 2>/dev/null || break
	sleep 0.02
done
[ -e three/augself/state ] && [ ! -e three/augself/model.safetensors ]
result $? "killed in mid-training: a state, no model" || diag "$(cat "$scratch/log")"
ok "started again" demo IMAGES=480 OUT=three three/augself/model.safetensors
demo IMAGES=480 OUT=four four/augself/model.safetensors >"$scratch/log" 2>&1
for f in augself/model.safetensors augself/log.tsv; do
	cmp -s three/$f four/$f; result $? "$f: as if it had not been killed"
done

limited() { demo OUT=five TIME_LIMIT="$1" five/simsiam/model.safetensors; }
run limited 5@0
[ $status = 2 ] && grep -q '^  five/simsiam/model.safetensors is not done in TIME_LIMIT=5@0: the same make goes on' "$err"
result $? "a training that does not end in time ends make, which says how to go on" || diag "$(cat "$err")"
ok "with more time" limited 1:00:00
cmp -s five/simsiam/model.safetensors one/simsiam/model.safetensors; result $? "... it makes the same"

run demo -n OUT=one EPOCHS=2
like "$(cat "$out")" 'ssl-train .*augself' "other settings make models anew"

ok "methods.mk in little: two methods, two seeds" make -f "$top/pipelines/methods.mk" BIN="$BUILD/bin" OUT=methods \
	METHODS="byol moco" SEEDS="0 1" SET_byol=hidden=32,out=8 SET_moco=queue=40 "${words[@]:0:8}" \
	"NET=--arch resnet18 --stem cifar --width 0.0625 --head-hidden 64"
is "$(grep -cE '^(random network|byol|moco)( \+ AugSelf)?( +[0-9.]+ ± [0-9.]+){3}$' "$out")" 5 "a row for each, with and without heads"

all_methods()
{
	make -n -f "$top/pipelines/methods.mk" BIN="$BUILD/bin" SEEDS=0 OUT=unmade |
		sed -n 's/.* --method \([^ ]*\) .*--augself.*/\1/p' | sort
}
is "$(all_methods)" "$(ssl-train --list | sed -n '/^methods/,/^heads/s/^  \([^ :]*\):.*/\1/p' | sort)" "without METHODS, all that there are"

must_fail_make() { make -s -f "$top/pipelines/cifar.mk" "$@"; }
run must_fail_make SCALE=large DATA=x
[ $status = 2 ] && grep -q 'smoke, small or paper' "$err"; result $? "cifar.mk: an unknown SCALE is refused"
run must_fail_make
[ $status = 2 ] && grep -q 'DATA=dir is missing' "$err"; result $? "cifar.mk: DATA is needed"

is "$(LC_ALL=C ls -A)" "$(printf '%s\n' five four methods one pid three two)" "no pipeline left anything outside OUT"
done_testing
