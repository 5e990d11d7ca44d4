#!/usr/bin/env bash
# What to run, and how much of it: CPUs that are left, a training that ends at a state in time, batches that fit.
# shellcheck disable=SC2016,SC2086
. "${0%/*}/../lib.sh"

# --- CPUs: the script for make counts as the library (tests/unit/machine.c) ---
cpus() { CPUS_ROOT=$PWD/root sh "$top/pipelines/cpus.sh"; }
# group FILE TEXT: a file of control groups
group() { mkdir -p "root/${1%/*}" && printf '%s\n' "$2" >"root/$1"; }
mkdir fake && printf '#!/bin/sh\necho 16\n' >fake/nproc && chmod +x fake/nproc
PATH=$PWD/fake:$PATH
is "$(cpus)" 16 "CPUs without control groups: those of the affinity"
group proc/self/cgroup 0::/user/job
group sys/fs/cgroup/user/job/cpu.max 'max 100000'
is "$(cpus)" 16 "... nor with a group that has no limit"
group sys/fs/cgroup/user/job/cpu.max '250000 100000'
is "$(cpus)" 3 "a share of 2.5 is 3"
group sys/fs/cgroup/user/cpu.max '100000 100000'
is "$(cpus)" 1 "a group above with less"
group sys/fs/cgroup/user/cpu.max '5000000 100000'
is "$(cpus)" 3 "... or with more"
group sys/fs/cgroup/user/job/cpu.max '10000 100000'
is "$(cpus)" 1 "a tenth is one"
for junk in '' '0 0' 'x y' '-1 5' '100000'; do
	group sys/fs/cgroup/user/job/cpu.max "$junk"
	is "$(cpus)" 16 "'$junk' limits nothing"
done
group proc/self/cgroup 3:cpu,cpuacct:/job
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us 200000
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us 100000
is "$(cpus)" 2 "version 1"
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us -1
is "$(cpus)" 16 "... without a limit"
PATH=${PATH#*:}

# --- the end at a state ---
img-synth -q --count 60 --epochs 4 --shuffle | aug-sample -q --preset cifar --size 16 | aug-apply -q >views || exit 1
small="--width 0.0625 --set hidden=64,bottleneck=16 --head-hidden 32 --base-lr 0.1 --augself crop=1 -b 20"
# train NAME ARGUMENT...: 12 steps, from where the state is.
train() { rest "$1" <views | ssl-train -q $small --state "$1.state" -o "$1.model" -l "$1.log" --log-every 1 "${@:2}"; }
# What the state has not seen of the stream, as a source with --after gives it.
rest() { img-synth -q --count 60 --epochs 4 --shuffle --after "$1.state" | aug-sample -q --preset cifar --size 16 | aug-apply -q; }
# same NAME: the files of the run that nothing interrupted
same() { cmp whole.model "$1.model" && cmp whole.state "$1.state" && cmp whole.log "$1.log"; }
ok "12 steps that nothing interrupts" train whole

while read -r signal want; do
	run train $signal --every 1 --on-checkpoint "test \$AUGSELF_STEP != 5 || kill -$signal \$PPID"
	is "$status" "$want" "SIG$signal after step 5: status $want"
	[ -s $signal.state ] && [ ! -e $signal.model ]; result $? "... with a state and no model"
	is "$(tail -n 1 $signal.log | cut -f 1)" 5 "... of step 5"
	ok "... which goes on" train $signal
	ok "... to the same bytes" same $signal
done <<'END'
USR1 75
XCPU 75
HUP 129
INT 130
TERM 143
END
run train twice --every 1 --on-checkpoint 'test $AUGSELF_STEP != 5 || { kill -USR1 $PPID; sleep .2; kill -TERM $PPID; }'
is "$status" 75 "SIGTERM while the state is written for SIGUSR1: the first is the cause"
told() { rest told | ssl-train $small --state told.state --every 1 --on-checkpoint "test \$AUGSELF_STEP != 2 || kill -USR1 \$PPID"; }
run told
is "$status:$(tail -n 1 "$err")" "75:ssl-train: SIGUSR1: ended after step 2; the same command line goes on from told.state" \
	"it says how to go on"
ignored() { (trap '' HUP; train nohup --every 1 --on-checkpoint 'kill -HUP $PPID'); }
ok "under nohup SIGHUP ends nothing" ignored
ok "... and changes nothing" same nohup

# at steps that chance chooses, until it is done
rounds=0
for _ in $(seq 12); do
	[ ! -e often.model ] || break
	run train often --every 1 --on-checkpoint "test \$AUGSELF_STEP -lt $((RANDOM % 12 + 1)) || kill -USR1 \$PPID"
	rounds=$((rounds + (status == 75)))
	[ $status = 75 ] || [ $status = 0 ] || break
done
[ -e often.model ] || ok "the rest" train often
ok "ended and gone on with as chance will ($rounds times)" same often

# SIGUSR2
run train two --every 3 --on-checkpoint 'echo "at $AUGSELF_STEP"; test $AUGSELF_STEP != 6 || kill -USR2 $PPID'
is "$status:$(xargs <"$err")" "0:at 3 at 6 at 7 at 9 at 12" "SIGUSR2 has a state written after the next step, and the training goes on"
ok "... to the same bytes" same two
run train storm --every 4 --on-checkpoint \
	'test $AUGSELF_STEP != 4 || { i=0; while [ $i -lt 400 ] && kill -USR2 $PPID; do i=$((i + 1)); done 2>/dev/null; } &'
is "$status" 0 "hundreds of them, some while a state is written"
ok "... to the same bytes" same storm

# A signal while a state is written: its .part is there. (A wide predictor, whose state takes a while.)
wide="--width 0.0625 -b 20 --every 6 --log-every 1"
big() { rest "$1" | ssl-train -q $wide --state "$1.state" -o "$1.model" -l "$1.log"; }
# hit SIGNAL TIMES: sends it to the process in `pid` as soon as the .part is there
hit()
{
	until [ -e hit.log ] && [ -e hit.state.part ]; do [ ! -e hit.model ] || return; done
	for _ in $(seq $2); do kill -$1 "$(cat pid)"; done
} 2>/dev/null
hitting()
{
	hit $signal $times &
	rest hit | sh -c 'echo $$ >pid; exec ssl-train "$@"' sh -q $wide --state hit.state -o hit.model -l hit.log
	local s=$?
	wait $!
	return $s
}
ok "a larger network" big large
while read -r signal times want; do
	rm -f hit.*
	run hitting
	is "$status" $want "SIG$signal, $times times, while a state is written" || diag "$(cat "$err")"
	ok "... goes on" big hit
	cmp hit.model large.model && cmp hit.state large.state && cmp hit.log large.log; result $? "... to the same bytes"
done <<'END'
USR1 1 75
USR1 5 75
TERM 1 143
TERM 2 143
END

# A source that is ended by the same signal a moment earlier is no fault.
cut()
{
	head -c 150000 views | ssl-train -q $small --state cut.state -o cut.model --every 1 \
		--on-checkpoint "test \$AUGSELF_STEP != 2 || { sleep .02; kill -USR1 \$PPID; } &"
}
run cut
is "$status" 75 "a stream that ends early as the signal comes"
unkept()
{
	img-synth -q --epochs 0 --count 60 | aug-sample -q --preset cifar --size 16 | aug-apply -q |
		sh -c 'echo $$ >pid; exec ssl-train "$@"' sh -q $small --epochs 3 -o unkept.model -l unkept.log --log-every 1 &
	for _ in $(seq 100); do [ ! -e unkept.log ] || break; sleep .1; done
	sleep .5
	kill -USR1 "$(cat pid)"
	wait $!
}
run unkept
is "$status:$(sed "s/step [0-9]*/step N/" "$err")" "75:ssl-train: SIGUSR1: ended after step N; without --state nothing is kept" \
	"without --state it says that nothing is kept"

# --- the time limit ---
must_fail 2 "--time-limit without --state" ssl-train $small --time-limit 5 -o x.model <views
for junk in 0 '' 5x 1:60 1:2:3:4 1-24 -5 3: 1e3 5@ 5@x @x slurm; do
	must_fail 2 "--time-limit '$junk'" ssl-train $small --time-limit "$junk" --state x.state <views
done
# stalled ARGUMENT...: three steps and then a source that waits
stalled()
{
	{ head -c 200000 views; for _ in $(seq 300); do [ ! -e go ] || break; sleep .1; done; } |
		{ ssl-train -q $small --state late.state -l late.log --log-every 1 "$@"; s=$?; : >go; return $s; }
}
for limit in 3 0:03 3@NOW @THEN slurm; do
	rm -f late.* go
	began=$SECONDS
	export SLURM_JOB_END_TIME=$(($(date +%s) + 3))
	limit=${limit/NOW/$(date +%s)}
	run stalled --time-limit "${limit/THEN/$SLURM_JOB_END_TIME}"
	is "$status" 75 "--time-limit $limit: ends"
	[ $((SECONDS - began)) -lt 20 ]; result $? "... also while it waits for views"
done
unset SLURM_JOB_END_TIME
mv late.state gone.state && mv late.log gone.log
ok "... at a state that goes on" train gone
ok "... to the same bytes" same gone
run train over --time-limit 5@0
is "$status" 75 "a time that is over ends before the first step"
is "$(grep -c '^[0-9]' over.log)" 0 "... as the log says"
ok "an hour is enough" train over --time-limit 1:00:00
ok "... and changes nothing" same over

# --- the job of the manual page, with a Slurm that is nobody's ---
img-synth -q --cifar set --count 300 || exit 1
printf '#!/bin/sh\necho "$*" >requeued\n' >fake/scontrol && chmod +x fake/scontrol
block "$top/man/ssl-train.1" "not run: it takes a cluster" |
	sed -E 's|/data|set|; s|--epochs 200|--epochs 40|
		s|--recipe cifar|--width .0625 --set hidden=64,bottleneck=16 -b 50 --epochs 40|' >job
job() { PATH=$PWD/fake:$PATH SLURM_JOB_ID=7 SLURM_JOB_END_TIME=$(($(date +%s) + 3600)) bash job; }
warned()
{
	job &
	for _ in $(seq 2000); do [ ! -e run.state ] || break; sleep .05; done
	kill -USR1 "$(pgrep -P $! -f 'bash job' || echo $!)"
	wait $!
}
run warned
is "$status:$(cat requeued)" "75:requeue 7" "a job that Slurm warns of its end asks to be queued again"
[ -s run.state ] && [ ! -e run.safetensors ]; result $? "... and has a state"
rm -f requeued
ok "queued again it is done" job
[ -s run.safetensors ] && [ ! -e requeued ]; result $? "... with a model, and asks for nothing"

# --- a batch that is not the recipe's ---
batch() { img-synth -q --count 60 | aug-sample -q --preset cifar | aug-apply -q | ssl-train -q --recipe cifar -w .0625 --epochs 1 \
	--steps 1 --set hidden=64,bottleneck=16 -o batch.model "$@"; }
ok "a recipe's batch changed" batch --batch 16
is "$(cat "$err")" \
	"ssl-train: --batch 16, where the recipe has 256: the learning rate, base-lr x batch/256, is 0.001875 in place of 0.03 \
(--base-lr 0.48 keeps that)" "... warns of the learning rate"
ok "... with a rate" batch --batch 16 --base-lr .48
is "$(cat "$err")" "" "... it does not"

# --- which batches fit ---
tiny="--width .0625 --set hidden=64,bottleneck=16 --head-hidden 32 --size 16"
find_batch() { ssl-train --find-batch $tiny --time-limit 4 "$@"; }
# cells COLUMN: of the table
cells() { awk -F '\t' -v c="$1" 'NR > 1 { print $c }' "$out" | xargs; }
ok "--find-batch" find_batch --batch 48 --images 300
is "$(head -n 1 "$out")" "$(printf 'batch\tMiB\timages/s\ts/epoch\tlr\tnote')" "prints a table"
is "$(cells 1)" "16 32 48 64 128 256" "of powers of two, and of the batch that was asked for; none beyond an epoch"
is "$(cells 6)" "- - asked,recommended - - -" "that one fits, and so is recommended"
is "$(cells 5)" "0.001875 0.00375 0.005625 0.0075 0.015 0.03" "with the rate that the schedule begins with"
is "$(awk -F '\t' 'NR > 2 && $2 <= last { bad = 1 } { last = $2 } NR > 1 && $3 != "-" && ($3 <= 0 || $4 <= 0) { bad = 1 }
	NR == 4 { e = $3 * $4 } END { print bad + 0, (e > 280 && e < 296) }' "$out")" "0 1" \
	"a larger batch takes more; an epoch of 300 images is 6 batches of 48"
like "$(cat "$err")" '^ssl-train: recommended: --batch 48, as asked: it fits' "... which it says"
ok "... quietly" find_batch -q --batch 48
is "$(cat "$err")$(cells 4 | tr -d ' -')" "" "... it says nothing; without --images there is no time of an epoch"
# What fits where memory is short: what is not there is recommended to nobody.
case $BUILD in
*asan* | *tsan*) done_testing ;; # they take more memory than there is
esac
short() { (ulimit -v 400000; find_batch --batch 4096 --size 32); }
ok "... in 390 MiB" short
like "$(cells 6)" '^(- )+recommended (too-large )*asked,too-large$' "recommends the largest that fits"
like "$(cat "$err")" '^ssl-train: recommended: --batch [0-9]+, the largest of these that fits; 4096 does not$' "... and says so"
# One that the libraries and stacks beside it leave no room for, which is seen when it is tried.
close() { (ulimit -v 400000; find_batch --batch 512 --size 32 --time-limit 30); }
ok "a batch that takes half of it" close
fits=$(awk -F '\t' '$6 ~ /recommended/ { print $1 }' "$out")
img-synth -q --count "$fits" | aug-sample -q --preset cifar --size 32 | aug-apply -q >many
trains() { (ulimit -v 400000; ssl-train -q $tiny --size 32 --batch "$fits" --epochs 1 --steps 1 -o fits.model <many); }
ok "what is recommended, $fits, can be trained there" trains
none() { (ulimit -v 400000; find_batch -b 16 --width 8); }
must_fail 1 "nothing fits" none
must_fail 2 "fewer images than any batch" find_batch --batch 256 --images 10
like "$(cat "$err")" 'images 10: .* the least has 16 images; --batch N tries another$' "says which may be tried"
ok "... as this" find_batch -q --batch 10 --images 10
ok "grains that were asked for" find_batch -q --batch 64 --grains 32
like "$(cells 1)" '^32 64 128 ' "... divide each batch"
ok "a method with a queue" ssl-train --find-batch -q -m moco --set queue=100,hidden=16,out=16 --width .0625 --size 16 --time-limit 2
must_fail 2 "--images alone" ssl-train --images 5 -o x.model <views
done_testing
