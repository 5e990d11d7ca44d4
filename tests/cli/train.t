#!/usr/bin/env bash
# ssl-train: the same bytes from any number of threads, and after a kill; what it
# refuses; its log, hook, plan and alarms.
# shellcheck disable=SC2086,SC2016,SC2094
. "${0%/*}/../lib.sh"
for i in img-read img-synth aug-sample aug-apply ssl-train; do
	[ -x "$BUILD/bin/$i" ] || skip_all "no $i"
done

small="--width 0.0625 --set hidden=64,bottleneck=16 --head-hidden 32 --base-lr 0.1"
views() { aug-sample -q --preset cifar --size 16 | aug-apply -q; }
# train ARGUMENT...: the small network; what matters to bytes stands above.
train() { ssl-train -q $small "$@"; }
same() { cmp "$1" "$2" && cmp "$3" "$4" && cmp "$5" "$6"; }
last_step() { tail -n 1 "$1" | cut -f 1; }
column() { grep -v '^#' "$1" | awk -F '\t' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }'; }

img-synth -q --count 110 --epochs 2 --shuffle | views >two_epochs || exit 1
heads="--augself crop=1,color=0.5"

# --- threads ---
run_j() { train $heads -b 50 -j "$1" --state "$1.state" -o "$1.model" -l "$1.log" --log-every 1 <two_epochs; }
for j in 1 2 3 7; do
	ok "two epochs of 110 images, batch 50, -j $j" run_j $j
done
for j in 2 3 7; do
	ok "-j $j gives the bytes of -j 1: model, state, log" same $j.model 1.model $j.state 1.state $j.log 1.log
done
is "$(last_step 1.log)" 4 "the incomplete last batch of each epoch is dropped"
like "$(head -n 1 1.log)" '^# ' "the log begins with the recipe"
is "$(grep -m 1 -v '^#' 1.log)" "$(printf 'step\tepoch\tloss\tsimsiam\tcrop\tcolor\tlr\tspread\ttogether\tapart\trank')" "its columns"
is "$(column 1.log epoch | tr '\n' ' ')" "0 0 1 1 " "it names the epoch of each step"
is "$(column 1.log lr | awk '{ printf "%.6f ", $1 }')" "0.019531 0.019531 0.009766 0.009766 " \
	"lr is base-lr x batch/256, halved in the second of two epochs"
is "$(awk -F '\t' '/^[0-9]/ { if (($3 - $4 - $5 - .5 * $6) ^ 2 > 1e-10) bad++ } END { print bad + 0 }' 1.log)" 0 \
	"loss is the sum of the weighted parts"
ok "times stand beside the log" test -s 1.log.time.tsv
ok "nothing of the machine in the log" bash -c '! grep -qE "jobs|seconds|/tmp" 1.log'

# --- killed, with one bad image skipped before ---
img-synth -q --cifar set --count 500 || exit 1
mkdir photos && bin=$(find set -name '*batch*.bin' | sort | head -n 1)
for i in $(seq 100 199); do # a record of CIFAR is a label and 3072 bytes of pixels
	{ printf 'P6\n32 32\n255\n'; tail -c +$(((i - 100) * 3073 + 2)) "$bin" | head -c 3072; } >photos/$i.ppm
done
head -c 2000 photos/120.ppm >photos/100b.ppm # the second by name
read_photos() { img-read -q folder . --max-bad 4 --epochs 3 --shuffle "$@" | views; }
mkdir in && mv photos in/ && cd in || exit 1
# a run that nothing interrupts: 3 epochs of 100 good images, 6 batches of 16 each
whole() { read_photos | train $heads -b 16 -j 2 --every 4 --state ../whole.state -o ../whole.model -l ../whole.log --log-every 1; }
ok "a run over photos, one of them bad" whole
like "$(cat "$err")" 'img-read: .*100b.ppm' "img-read names the bad one"
is "$(last_step ../whole.log)" 18 "18 steps"
part() { train $heads -b 16 --every 4 --state ../part.state -o ../part.model -l ../part.log --log-every 1 "$@"; }
stall() { for _ in $(seq 600); do [ -e dead ] && return; sleep 0.1; done; : >late; } # the input of who is to die
# killed when it has gone on from the state of step 8, the second of the second epoch,
# to step 10 or so, where its input stalls until it is dead
killed()
{
	read_photos --after ../part.state | { head -c 330000; stall; } |
		part -j 3 --on-checkpoint 'test $AUGSELF_STEP != 8 || { (sleep 0.5; kill -9 $PPID; : >dead) & }'
}
again() { read_photos --after ../part.state | part "$@"; }
run killed
is "$status" 137 "killed by SIGKILL in the middle of an epoch"
ok "a killed run leaves a state and no model" test -s ../part.state -a ! -e ../part.model
printf '9\t1\t0.5\n10\t1\t0' >>../part.log # as if the kill had left lines that the state does not know, the last one torn
ok "started again, under another -j" again -j 1
ok "it ends with the bytes of the run that was not killed" same ../part.model ../whole.model ../part.state ../whole.state \
	../part.log ../whole.log
before=$(cksum <../part.model)
ok "started once more it does nothing" again -j 2
is "$(cksum <../part.model)" "$before" "... and leaves the model as it is"
cd .. || exit 1

# --- ends ---
ok "--steps 0 writes the random start" train -b 50 --steps 0 -o random.model <two_epochs
ok "... and another seed" train -b 50 --steps 0 --seed 1 -o random1.model <two_epochs
ok "... which is another start" bash -c '! cmp -s random.model random1.model'
endless() { img-synth -q --epochs 0 --count 200 | views; }
terminated()
{
	endless | train -b 10 --epochs 3 --every 3 --state term.state -o term.model --on-checkpoint 'kill -TERM $PPID; sleep .3; : >waited'
}
run terminated
is "$status" 143 "SIGTERM: death by that signal, once the step is done"
is "$(grep -c on-checkpoint "$err")" 0 "... of which the hook that was running is no failure"
ok "... and was waited for" test -e waited
ok "... with the state saved, and no model" test -s term.state -a ! -e term.model
resumed()
{
	img-synth -q --epochs 0 --count 200 --after term.state | views |
		train -b 10 --epochs 3 --state term.state -o term.model --steps 7 -l term.log --log-every 1
}
ok "... from which it goes on" resumed
is "$(last_step term.log)" 7 "--steps counts all steps, those before too"
# Rates are of this process alone: 20 steps of the 80.
far()
{
	img-synth -q --epochs 0 --count 200 --after far.state | views |
		ssl-train $small -b 10 --epochs 3 --state far.state -o far.model --steps $1 --progress
}
ok "60 steps" far 60
ok "... and 20 more" far 80
like "$(cat "$err")" ': 800 images, ' "... are 800 images in all"
is "$(sed -nE 's|.*: 800 images, ([0-9.e+]+)/s, ([0-9.]+) s, .*|\1 \2|p' "$err" |
	awk '{ print $1 * $2 < 400 }')" 1 "... of which this run did no more than it did"
truncated() { head -c 200000 two_epochs | train -b 10 --every 1 --state cut.state -o cut.model; }
must_fail 1 "a stream without its end is an error" truncated
ok "... that keeps the state of the last step, and writes no model" test -s cut.state -a ! -e cut.model
overflow()
{
	endless | train -b 50 --augself crop=1e6,color=1e6 --base-lr 1000 --wd 1 --epochs 1000 --every 1 \
		--steps 40 --state over.state -o over.model
}
must_fail 1 "parameters that overflow are no state" overflow
like "$(cat "$err")" 'not finite' "... which is said"
ok "... and the last good state stands" bash -c 'test -s over.state -a ! -e over.model'

# --- what is known from the header is said before a record is read ---
img-synth -q --count 9 | views | head -c 3000 >few # its header, and a record that is cut
must_fail 1 "an epoch smaller than a batch" train -b 10 -o few.model <few
is "$(cat "$err")" "ssl-train: batch: 10, but an epoch has 9 images: not one step; --batch 9 or less" "... is told with what to type"
# A source that has given its header and no image; it waits until the trainer has ended.
img-synth -q --count 9 | head -c 1000 >few.img
unmade() { rm -f dead; { cat few.img; stall; } | views | { train -b 10 -o few.model; s=$?; : >dead; return $s; }; }
must_fail 1 "... also at the end of a pipe" unmade
ok "... before the first image has come" test ! -e late
printf 'wd = 1e-3\nbatch = 10\n' >few.config
must_fail 1 "... or a configuration's" ssl-train -q --config few.config -o few.model <few
like "$(cat "$err")" '^ssl-train: few.config: line 2: batch: 10, but an epoch has 9 images' "... is the file's mistake"
one() { img-synth -q --count 1 | views | train -b 2 -o few.model; }
must_fail 1 "an epoch of one image" one
like "$(cat "$err")" 'an epoch has one image: more images are needed$' "... has no batch that could be"
ok "--steps 0 needs no images" train -b 10 --steps 0 -o few0.model <few
head -c 3000 two_epochs >begun
must_fail 1 "more steps than the stream has" train -b 50 --steps 5 -o few.model <begun
is "$(sed "s/: give its source --epochs 3 or more, or say --steps 4\$//" "$err")" \
	"ssl-train: steps: 5, but the stream has 4 (2 epochs of 110 images, batches of 50)" \
	"... are refused with their number"
must_fail 1 "a stream of fewer epochs than --epochs" train -b 50 --epochs 5 -o few.model <begun
like "$(cat "$err")" \
	'^ssl-train: epochs: 5, but the stream has 2: give its source --epochs 5, or say here --epochs 2, or' "... is told what to type"
must_fail 1 "fewer classes than the stream has" ssl-train -q -m supervised --classes 3 -b 50 -o few.model <begun
like "$(cat "$err")" '^ssl-train: classes: 3, but the stream has ([0-9]+): --classes [0-9]+, or leave it out$' "... are told"
must_fail 1 "a stream that is cut" train -b 50 --every 5 --state few.state <begun
like "$(head -n 1 "$err")" '^ssl-train: --every 5: the run has 4 steps' "... but --every beyond the run was told before"
ok "none of them left a file" bash -c '! ls few.model few.state 2>/dev/null'

short() { train -b 50 --epochs $1 -o short.model "${@:2}" <two_epochs; }
ok "a stream of more epochs than --epochs" short 1
like "$(cat "$err")" '^ssl-train: the stream has 2 epochs, --epochs says 1: those beyond' "... is told"
ok "--steps says where to end" short 5 --steps 3
is "$(cat "$err")" "" "... and nothing is told"
for stopped in INT TERM; do
	for m in simsiam simclr; do
		once() { img-synth -q --count 60 --epochs 2 --shuffle --after $m.$stopped.state | views |
			ssl-train -q --width 0.0625 -m $m -b 20 --epochs 2 --state $m.$stopped.state -o $m.$stopped.model --every 1 "$@"; }
		run once --on-checkpoint "test \$AUGSELF_STEP != 4 || kill -$stopped \$PPID"
		[ $status -gt 128 ] && [ ! -e $m.$stopped.model ]; result $? "$m: ended by SIG$stopped, without a model"
		ok "... goes on" once
		is "$(cat "$err")" "" "... and warns of nothing"
	done
	for m in simsiam simclr; do
		[ $stopped = INT ] || ok "... to the same model" cmp $m.INT.model $m.TERM.model
	done
done

# --- another dataset: what a state remembers of it ---
mkdir -p set/a set/b
for i in $(seq 0 19); do cp in/photos/$((100 + i)).ppm set/a/$i.ppm; done
for i in $(seq 20 39); do cp in/photos/$((100 + i)).ppm set/b/$i.ppm; done
data() { img-read -q folder set --shuffle --after set.state "$@" | views; }
trained() { train -b 10 --state set.state -o set.model "$@"; }
first() { img-read -q folder set --shuffle | views | trained --steps 2; }
ok "2 steps of 40 images" first
mv set.model two.model && cp set.state two.state
goes_on() { data | trained; }
# refused NAME REGEX: going on fails with this, the state stays, no model is made
refused() {
	must_fail 1 "$1" goes_on
	like "$(cat "$err")" "^ssl-train: set.state: $2\$" "... is told how"
	ok "... and nothing was done" cmp set.state two.state
}
cp set/a/0.ppm set/a/new.ppm
refused "an image more" 'records: the state has 40, the stream 41: images were added or removed'
rm set/a/new.ppm && mkdir aside && mv set/a/?.ppm set/b/3?.ppm aside
refused "less images" 'records: the state has 40, the stream 20: images were added or removed'
mv aside/3?.ppm set/b && mv aside/?.ppm set/a && mv set/b set/c
refused "a class renamed" "class: the state has 'b', the stream 'c': a class was renamed"
mv set/c set/b && mkdir set/c && mv set/b/3?.ppm set/c
refused "a class more" 'classes: the state has 2, the stream 3: classes were added or removed'
mv set/c/* set/b && rmdir set/c
sed 's/"step":"[0-9]/"step":"x/' two.state >set.state
must_fail 1 "a state whose step is no number" goes_on # what is wrong in a file is no misuse
cp two.state set.state
goes_further() { data --epochs 2 | trained; }
must_fail 1 "an epoch more" goes_further
like "$(cat "$err")" "^ssl-train: set.state: chain: the state has 'img-read [^']*', the stream 'img-read [^']*--epochs 2" "... is told how"
otherwise() { img-read -q folder set --shuffle --after set.state | aug-sample -q --preset cifar:strong --size 16 | aug-apply -q | trained; }
must_fail 1 "views drawn otherwise" otherwise
like "$(cat "$err")" \
	"^ssl-train: set.state: chain: the state has 'aug-sample [^']*', the stream 'aug-sample [^']*cifar:strong" "... are told"
ok "the same" goes_on
ok "... is gone on with, to the end" test -s set.model
# The source goes on, but there is no state to go on from: 20 of 40 images never come.
cp two.state set.state
lost() { data | train -b 10 --state lost.state -o lost.model; }
must_fail 1 "a stream that ends before its epochs are over" lost
is "$(cat "$err")" \
	"ssl-train: (stdin): the stream ended after step 2, with 1 of 1 epochs begun: 20 of its 40 images did not \
come; no model is written (with --steps 2, one is)" \
	"... is told what is missing and what to type"
ok "... the state is kept, a model is not made" test -s lost.state -a ! -e lost.model
# A shard is as much of an epoch as it is; another shard goes on, for the data are the same.
shard()
{
	img-read -q folder set --epochs 2 --shuffle --shard $1 --after shard.state | views |
		train -b 10 --state shard.state -o shard.model "${@:2}"
}
ok "a shard of 20 of 40 images, 2 epochs: a step" shard 1/2 --steps 1
must_fail 1 "... has no more than 4" shard 1/2 --steps 5
like "$(cat "$err")" 'steps: 5, but the stream has 4 \(2 epochs of 20 images' "... as the header says"
ok "... which come to their end" shard 1/2
cut_off() { img-synth -q --count 110 --epochs 3 | views | rec-cat -q --limit 150 | train -b 50 "$@"; }
must_fail 1 "one that was cut" cut_off -o lost.model
like "$(cat "$err")" 'the stream ended after step 2, with 1 of 3 epochs begun; no model' "... by its epochs"
must_fail 1 "... and ends before --steps" cut_off --steps 3 -o lost.model
like "$(cat "$err")" 'the stream ended after step 2 of 3; no model is written \(with --steps 2, one is\)' "... by its steps"
ok "... makes no model" test ! -e lost.model
ok "--steps asks for that end" cut_off --steps 2 -o lost.model
ok "... and has its model" test -s lost.model

# --- refusals ---
must_fail 2 "a head whose op is not in the policy" train -b 50 --augself blur=1 -o x.model <two_epochs
like "$(cat "$err")" 'blur' "... is named"
# drawn OP SIZE: views by a crop and this
drawn()
{
	printf 'size = %s\nop = crop scale_min=.9\nop = flip\nop = %s\n' "$2" "$1" >idle.policy
	img-synth -q --count 20 | aug-sample -q --policy idle.policy | aug-apply -q
}
while IFS='|' read -r op size why; do
	drawn "$op" "$size" >drawn 2>drawn.err
	must_fail 2 "a head of '$op' at $size px" train -b 10 --augself "${op%% *}=1" -o x.model <drawn
	is "$(cat "$err")" "ssl-train: augself: ${op%% *} changes $why" "... is told why it has nothing to learn"
done <<'END'
blur|16|no view of 16 pixels, so there is nothing to predict: views of less than 20 pixels leave it one tap
blur sigma_max=.15|24|no view of 24 pixels, so there is nothing to predict: sigma_max leaves it one tap
blur p=1 sigma_min=1 sigma_max=1|24|all views alike, so there is nothing to predict: p is 1 and sigma one value
color brightness=0 contrast=0 saturation=0 hue=0|16|no view of 16 pixels, so there is nothing to predict: all four ranges are 0
rotation p=0|16|no view of 16 pixels, so there is nothing to predict: p is 0
solarize p=0|16|no view of 16 pixels, so there is nothing to predict: p is 0
END
drawn "blur" 20 >drawn 2>drawn.err
ok "a head of blur at 20 px" train -b 10 --augself blur=1 -o blur20.model <drawn
is "$(cat drawn.err "$err")" "" "... of which nobody says a word"
printf 'size = 16\nop = crop scale_min=1\nop = flip p=1\nop = gray p=0\nop = blur\n' >idle.policy
idle() { img-synth -q --count 20 | aug-sample -q --policy idle.policy >idle.samples; }
ok "a policy of which much does nothing" idle
is "$(cat "$err")" \
	"aug-sample: these ops change no view of 16 pixels: crop (scale_min is 1: it is always the whole), gray (p \
is 0), blur (views of less than 20 pixels leave it one tap)" \
	"... is told so in one line"
for head in crop flip; do
	aug-apply -q <idle.samples | train -b 10 --augself $head=1 -o x.model >/dev/null 2>idle.err
	is $? 2 "a head of $head in it"
done
like "$(cat idle.err)" 'flip changes all views alike, so there is nothing to predict: p is 1$' "... is refused"
same_views() { aug-apply -q <idle.samples | ssl-train -q --width 0.0625 -b 10 -m "$1" -o same.model; }
ok "a method on views that are all alike" same_views simclr
is "$(cat "$err")" "ssl-train: the views of an image are all alike: no op of the policy (crop...) draws anything" "... is told"
ok "... but not one that learns from labels" same_views supervised
is "$(cat "$err")" "" "... for which it does not matter"
must_fail 2 "a plan for a blur head at 16 px" ssl-train --plan --size 16 --augself blur=1
must_fail 2 "a head that does not exist" train -b 50 --augself crops=1 -o x.model <two_epochs
must_fail 2 "a head without a target" train -b 50 --augself gray=1 -o x.model <two_epochs
must_fail 2 "a head twice, once without weight" train -b 50 --augself crop=0,crop=1 -o x.model <two_epochs
must_fail 2 "a junk weight" train -b 50 --augself crop=1x -o x.model <two_epochs
must_fail 2 "a method that does not exist" train -b 50 --method simsam -o x.model <two_epochs
must_fail 2 "a setting that does not exist" train -b 50 --set hiden=3 -o x.model <two_epochs
must_fail 2 "a backbone that does not exist" train -b 50 --arch resnet19 -o x.model <two_epochs
must_fail 2 "nothing to keep" train -b 50 <two_epochs
must_fail 1 "views that come again: the source had no --after" train $heads -b 50 --state 1.state -o x.model <two_epochs
like "$(cat "$err")" 'seq 0, .*--after' "... says why"
joined() { rec-cat -q two_epochs two_epochs | train -b 50 -o x.model; }
must_fail 1 "a stream that has its views twice" joined
like "$(cat "$err")" '^ssl-train: \(stdin\):record 220: seq 0 after seq 219: views come twice' "... is told where"
none() { train -b 50 -o nowhere/x.model </dev/zero; }
must_fail 1 "a model that cannot be written" none
like "$(cat "$err")" '^ssl-train: nowhere/x.model: ' "... is said before a view is read"
must_fail 1 "a model that is a folder" train -b 50 -o . <two_epochs
must_fail 1 "a state that is none" train -b 50 --state 1.log <two_epochs
like "$(cat "$err")" '^ssl-train: 1.log: ' "... is named"
for pair in "-o same --state same" "-o same -l same" "--state same -l same"; do
	must_fail 2 "one file for two things ($pair)" train -b 50 $pair <two_epochs
done
ok "... is not written" test ! -e same
ok "a log to nowhere" train -b 50 -o null.model -l /dev/null <two_epochs
ok "... leaves no times beside it" test ! -e /dev/null.time.tsv
must_fail 1 "a log that has no room" train -b 50 -o full.model -l /dev/full <two_epochs
like "$(cat "$err")" '^ssl-train: /dev/full: ' "... is named"
mkfifo pipe
into() { { cat pipe >piped & } && train $heads -b 50 -o pipe <two_epochs && wait $! && cmp piped 1.model && test -p pipe; }
ok "a pipe is written into, and stays one" into
must_fail 2 "an endless stream without --epochs" timeout 20 \
	bash -c 'img-synth -q --count 300 --epochs 0 | aug-sample -q | aug-apply -q | ssl-train -q -w 0.0625 -o x.model'
must_fail 2 "the state of another recipe" train -b 50 --wd 0.1 $heads --state 1.state -o x.model <two_epochs
like "$(cat "$err")" 'wd' "... naming what differs"
must_fail 2 "a state beyond --steps" train -b 50 $heads --state 1.state --steps 3 -o x.model <two_epochs
like "$(cat "$err")" '^ssl-train: 1.state: is at step 4, beyond --steps 3: more steps, or another --state$' "... says so"
others() { img-synth -q --count 110 --epochs 2 --seed 5 | views; }
another() { others | train -b 50 $heads --state 1.state -o x.model; }
must_fail 1 "the state of other views" another
like "$(cat "$err")" ": chain: the state has 'img-synth [^']*', the stream 'img-synth [^']*--seed 5[^']*': " "... names what made them"
must_fail 2 "... of --exact, which rounds otherwise" train -b 50 --exact $heads --state 1.state -o x.model <two_epochs
like "$(cat "$err")" "the state has 'exact = 0', this run 'exact = 1'" "... is named"
cp 1.log other.log
slower() { train -b 50 --wd .1 $heads --state other.state --steps $1 "${@:2}"; }
onward() { img-synth -q --count 110 --epochs 2 --shuffle --after other.state | views | slower 2 -l other.log; }
ok "a run of another decay" slower 1 <two_epochs
must_fail 2 "... that goes on with this one's log" onward
like "$(cat "$err")" \
	"^ssl-train: other.log: the log of another run: it has '# wd = 0.0005' where this one has '# wd = 0.1'; \
give another --log$" "... is told whose it is"
ok "... and leaves it as it is" cmp other.log 1.log
for wd in 0.2 0.12; do
	sed "s/^# wd = .*/# wd = $wd/" 1.log >other.log
	must_fail 2 "... also where it has wd = $wd" onward
done
head -c 30 1.log >other.log # as a kill leaves it that came before the first line was whole
ok "a torn head" onward
is "$(head -n "$(grep -c '^# ' 1.log)" other.log | grep -c '^# ')$(column other.log step)" "$(grep -c '^# ' 1.log)" "... is written anew"
without_last() { sed -E '/^#/!s/\t[^\t]*$//' "$1"; }
begun() { train -b 50 $heads --log-every 1 --state log.state -l log.log --steps "$@"; }
goes_on() { img-synth -q --count 110 --epochs 2 --shuffle --after log.state | views | begun 4 -o log.model; }
ok "a run of two steps" begun 2 <two_epochs
without_last log.log >older.log
without_last older.log >log.log
must_fail 2 "... that goes on with a log of other columns" goes_on
like "$(cat "$err")" "^ssl-train: log.log: the log of another run: it has 'step.*together' where this one has 'step.*apart" "... is told"
cp older.log log.log
ok "... with the log of an earlier program, which has no rank" goes_on
is "$(cat log.log)" "$(without_last 1.log)" "... which keeps its columns"
ok "... and the same model comes out" cmp log.model 1.model
is "$(column 1.log rank | awk '$1 < 1 || $1 > 32 { print }')/$(column 1.log rank | grep -c '^[0-9]*\.[0-9][0-9][0-9]$')" /4 \
	"the effective rank is at least 1, and at most the 32 features"
must_fail 1 "images in place of views" ssl-train --width 0.0625 -o x.model < <(img-synth -q --count 8 --size 16)
like "$(cat "$err")" "a stream of kind 'image', not 'view': put aug-sample \\| aug-apply in front$" "... are told what makes views"
must_fail 1 "a state that is no state" train -b 50 --state 1.model -o x.model <two_epochs
like "$(cat "$err")" ': is not a state of ssl-train, but a model' "... but a model"
# of_format FORMAT: a file with nothing but what metadata say it is; its header has 94 bytes
of_format() { printf '\136\0\0\0\0\0\0\0%-94s' "{\"__metadata__\":{\"format\":\"$1\",\"recipe\":\"\",\"source\":\"\"}}"; }
of_format 'augself-state 1' >old.state
must_fail 1 "a state of 0.1.0" train -b 50 --state old.state -o x.model <two_epochs
is "$(cat "$err")" \
	"ssl-train: old.state: a state of augself 0.1.0, which did not note the data: end the run with 0.1.0, or \
remove the file and start anew" "... is told what to do"
printf '\140\0\0\0\0\0\0\0%s' '{"__metadata__":{"xxh64":"4fcf9620db08e774","format":"augself-state 9","recipe":"","source":""}}' >new.state
must_fail 1 "a state of a version to come" train -b 50 --state new.state -o x.model <two_epochs
like "$(cat "$err")" "newer augself .'augself-state 9'; this one reads 'augself-state 2'" "... says which"
head -c 5000 1.state >torn.state
must_fail 1 "a torn state" train -b 50 --state torn.state -o x.model <two_epochs
ok "none of them wrote a model" test ! -e x.model

# --- alarms ---
# A rate so large that the loss overflows: stop, name the step, keep the state.
blown() { train -b 50 --base-lr 1e3 --wd 1 --momentum 1 --every 1 --state blown.state -o blown.model -l blown.log --log-every 1 <views10; }
img-synth -q --count 50 --epochs 20 | views >views10
must_fail 1 "a loss that is not finite stops the run" blown
like "$(cat "$err")" 'not finite at step [0-9]+' "... and names the step"
ok "... keeping the last good state, and no model" test -s blown.state -a ! -e blown.model
# Weight decay with all its force takes every gain to 0: features all alike.
collapse() { train -b 50 --base-lr 2.5 --wd 1 --momentum 0 --log-every 1 -o c.model <views10; }
ok "a run that collapses goes on" collapse
like "$(cat "$err")" '^ssl-train: collapse: at step [0-9]+, epoch [0-9]+' "... but says so"

# Class folders that come one after the other.
mkdir -p sorted/cat sorted/dog
for i in {10..17}; do
	printf 'P6 1 1 255\nab%d' $i | tee sorted/cat/$i.ppm >sorted/dog/$i.ppm
done
of_folder() { img-read -q folder sorted "$@" | views | train -b 8 -o s.model; }
ok "class folders, one after the other" of_folder
like "$(cat "$err")" "^ssl-train: .*: all 8 images of the first batch are of class 'cat'; .*--shuffle" "are said"
ok "and shuffled" of_folder --shuffle
is "$(grep -c "of class" "$err")" 0 "are not"

# --- hook and plan ---
hook()
{
	train -b 50 --state h.state -o h.model \
		--on-checkpoint 'cat; echo "step $AUGSELF_STEP epoch $AUGSELF_EPOCH of $AUGSELF_STATE"' <two_epochs
}
ok "--on-checkpoint runs after each epoch's state" hook
is "$(grep -c '^step [24] epoch [01] of h.state$' "$err")" 2 "... with step, epoch and state, its output on stderr"
is "$(wc -c <"$out")" 0 "... and not on stdout"
env_of_hook() { OPENBLAS_NUM_THREADS=3 train -b 50 --state e.state -o e.model --on-checkpoint 'echo $OPENBLAS_NUM_THREADS' <two_epochs; }
is "$(env_of_hook 2>&1 | grep -c '^3$')" 2 "what the hook runs has the user's own number of threads"
hook_fails() { train -b 50 --state i.state -o i.model --on-checkpoint 'exit 3' <two_epochs; }
ok "a hook that fails does not end the run" hook_fails
like "$(cat "$err")" 'on-checkpoint.*3' "... but is told"
ok "the hook changes no byte" cmp h.model i.model
must_fail 2 "a hook without a state" train -b 50 --on-checkpoint true -o x.model <two_epochs
plan() { ssl-train --plan --arch resnet50 --stem imagenet --size 224 --batch 8 --augself crop=1; }
ok "--plan reads nothing" plan
like "$(cat "$out")" 'layer4\.2\.conv3\.weight' "... and lists the layers by their parameters"
like "$(cat "$out")" 'parameters: [0-9]+' "... and counts parameters"
like "$(cat "$out")" '^# multiply-adds a view: 4087136256 backbone, 10485760 simsiam, 2361344 heads$' \
	"... multiply-adds: a ResNet-50 has 4.09 G"
# Flops of a step, 2 a multiply-add: forward, and twice as many backward; the momentum
# network, without byol's predictor, forward alone; the heads see each pair twice. A ResNet-18
# has 1813561344 multiply-adds at 224, moco's projector 512 (512 + 128), a head of 8192
# (1024 + 8192 + 4) 8192; byol's networks 4096 (512 + 256) and 4096 (256 + 256).
flops() { ssl-train --plan --stem imagenet --size 224 --batch 1000 "$@" | sed -n 's/^# a step of 1000 images: \(.*\) Gflop.*/\1/p'; }
is "$(flops -m simclr)" 21766.7 "a step of simclr: both views, forward and backward"
is "$(flops -m moco -a crop=1 --head-hidden 8192)" 15417.5 "... of moco with a wide head: one view of each network"
is "$(flops -m byol)" 29092.5 "... of byol: both views of both networks"
is "$(flops -m moco --augself-only -a crop=1 --head-hidden 8192)" 22669.1 "... of a head alone: both views of the one"

# --- heads alone ---
alone() { train -b 50 --augself crop=1 --augself-only -o a.model -l a.log --log-every 1 <two_epochs; }
ok "--augself-only" alone
is "$(grep -m 1 -v '^#' a.log | cut -f 3-5)" "$(printf 'loss\tcrop\tlr')" "... has no loss but the heads'"
must_fail 2 "--augself-only without a head" train -b 50 --augself-only -o x.model <two_epochs
done_testing
