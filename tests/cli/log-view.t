#!/usr/bin/env bash
# log-view: exact drawings of a small log, tables for a pipe, logs that grow, are cut, replaced or broken, and a terminal
# that is left as it was. Terminals are script(1)'s.
. "${0%/*}/../lib.sh"
export TERM=xterm
unset NO_COLOR

# Columns are told apart by "|" here.
tabs() { tr '|' '\t'; }
lines() { printf '%s\n' "$@" | tabs; }
log=("# epochs = 2" "step|epoch|loss|crop|lr|spread|rank" "1|0|1|.5|.03|.9|nan" "10|0|.8|.45|.03|.8|nan" "20|0|.5|.4|.03|.8|4"
	"30|1|.3|.35|.01|.7|nan" "40|1|.2|.3|.01|.7|6")
lines "${log[@]}" >run.tsv
lines "step|seconds|images/s|of" "1|2.00|8.0|44" "10|11.00|14.5|44" "20|21.00|15.2|44" "30|31.00|15.5|44" "40|41.00|15.6|44" \
	>run.tsv.time.tsv

# ---- drawings ----

# drawn NAME: what was drawn is standard input.
drawn() { is "$(cat "$out")" "$(cat)" "$1"; }

utf8() { LC_ALL=C.UTF-8 log-view "$@"; }
ok "a drawing in characters of UTF-8" utf8 --width 44 -c loss,rank run.tsv
drawn "... is this" <<-'END'
	run.tsv  step 40 of 44, 0:04 left, epoch 1
	loss  0.2
	1.0 ┤ ⠉⠒⠢⠤⣀
	0.8 ┤      ⠉⠑⠒⠤⢄⡀
	0.6 ┤           ⠈⠉⠒⠤⢄⡀
	    │                ⠈⠉⠒⠤⢄⣀
	0.4 ┤                      ⠉⠑⠒⠢⠤⣀⡀
	0.2 ┤                            ⠈⠉⠉⠒⠒⠒⠤⠤⠤⣀⣀
	rank  6
	6.0 ┤                                    ⡠⠔⠊
	5.5 ┤                                ⢀⡠⠒⠉
	    │                             ⣀⠤⠊⠁
	5.0 ┤                          ⣀⠔⠊
	4.5 ┤                      ⢀⡠⠔⠉
	4.0 ┤                   ⢀⠤⠒⠁
	     0       10        20       30        40
	END
ok "in ASCII, as the locale C has it" log-view --width 80 --height 12 run.tsv
drawn "... two beside each other, and the most important where there is little room" <<-'END'
	run.tsv  step 40 of 44, 0:04 left, epoch 1, 15.6 images/s
	loss  0.2                                lr  0.01
	 1.0 + ''----..                          0.03 + ''''''''''''''''|
	     |         ''--..                    0.02 +                  '-.
	 0.5 +               '''----......            |                    '-.
	 0.0 +                            '''''  0.01 +                       |.........
	spread  0.7                              rank  6
	 0.9 + '-.                                  6 +                             .--'
	     |    ''-.                                |                        ..-''
	 0.8 +        '''''''''--.                  5 +                    ..-'
	 0.7 +                    ''--.........     4 +                .--'
	      0              20              40        0              20              40
	END
ok "asked for ASCII" utf8 --ascii --width 80 --height 12 run.tsv
is "$(grep -c '[^ -~]' "$out")" 0 "... there is nothing else"
lines "step|epoch|loss|rank" "10|0|.1|1" "20|1|.9|3" >old.tsv
ok "two logs" log-view --width 40 -c loss run.tsv old.tsv
drawn "... have letters where there are no colours" <<-'END'
	a run.tsv  step 40 of 44, 0:04 left
	b old.tsv  step 20, epoch 1
	loss  a 0.2  b 0.9
	1.0 + aaaa
	    |     aaaaaa     bb
	    |           aaaab
	0.5 +            bb aaaaaaa
	    |          bb          aaaaaaaaaaaaa
	0.0 +         b
	     0      10       20      30       40
	END
wide() { log-view --width 80 --height 60 "$@"; }
ok "all columns" wide run.tsv old.tsv
is "$(grep -oE '^(loss|crop|lr|spread|rank|images/s)|  (loss|crop|lr|spread|rank|images/s)' "$out" | xargs)" \
	"loss crop lr spread rank images/s" "... in the order of the log, and the rate last"
for h in 4 5 6 7 9 23 100; do
	for w in 20 21 37 73 200; do
		run utf8 --width $w --height $h run.tsv old.tsv
		perl -CSD -ne "chomp; die if length > $w || $. > $h" "$out" && [ $status = 0 ] && [ -s "$out" ] ||
			echo "$w x $h: $status"
	done
done >"$scratch/sizes"
is "$(cat "$scratch/sizes")" "" "every size is kept"

# ---- what is in a log ----

ok "a table for a pipe" log-view run.tsv
is "$(cat "$out")" "$(lines "log|column|step|value|least|most" "run.tsv|loss|40|0.2|0.2|1" "run.tsv|crop|40|0.3|0.3|0.5" \
	"run.tsv|lr|40|0.01|0.01|0.03" "run.tsv|spread|40|0.7|0.7|0.9" "run.tsv|rank|40|6|4|6" \
	"run.tsv|images/s|40|15.91|8|16.13")" "... has the last, the least and the most of each column"
ok "the columns" log-view --list run.tsv
is "$(xargs <"$out")" "loss crop lr spread rank images/s" "... by name"
must_fail 2 "a column that is none" log-view -c los run.tsv
like "$(cat "$err")" "^log-view: --column: 'los' is none of loss, crop, .*; did you mean 'loss'" "... is told"
table() { log-view "$@" | tail -n +2 | cut -f 2-4 | xargs; }
lines "step|epoch|loss|rank" "1|0|2|nan" "2|0|inf|nan" "3|0|-inf|" "4|0|nan|nan" >odd.tsv
is "$(table odd.tsv)" "loss 3 -inf" "what is infinite is shown, what is not computed is not"
ok "... and both can be drawn" wide odd.tsv
like "$(cat "$out")" "^loss  -inf at step 3" "... or said"
{ cat old.tsv; printf '30\t1\t.7'; } >part.tsv
is "$(table part.tsv)" "loss 20 0.9 rank 20 3" "a line that is still being written waits"
sed 's/$/\r/' old.tsv >dos.tsv
is "$(table dos.tsv)" "loss 20 0.9 rank 20 3" "ends of lines of Windows"
lines "step|epoch|loss|rank" >none.tsv
ok "a log without a step" wide none.tsv
is "$(cat "$out")" "none.tsv  no step yet" "... says so"
is "$(table - <old.tsv)" "loss 20 0.9 rank 20 3" "standard input, a file"
piped() { table - < <(cat old.tsv); }
is "$(piped)" "loss 20 0.9 rank 20 3" "... or a pipe"
: >empty
must_fail 1 "an empty file" log-view empty
like "$(cat "$err")" "^log-view: empty: no log: there is no line with the names of columns" "... is told"
must_fail 1 "no file" log-view nowhere
mkdir folder
must_fail 1 "an empty folder" log-view folder
like "$(cat "$err")" "^log-view: folder: no log.tsv in this folder" "... is told"
broken() # MESSAGE LINE...
{
	lines "${@:2}" >broken.tsv
	must_fail 1 "broken: ${*:2}" log-view broken.tsv
	is "$(cat "$err")" "log-view: broken.tsv: $1" "... is told in one line"
}
broken "line 2: 2 fields, the heading has 3" "step|epoch|loss" "1|0"
broken "line 3: 1 field, the heading has 3" "# x" "step|epoch|loss" "x"
broken "line 2: column loss: 'high' is no number" "step|epoch|loss" "1|0|high"
broken "line 2: column loss: '0x10' is no number" "step|epoch|loss" "1|0|0x10"
broken "line 2: column step: '-1' is no number" "step|epoch|loss" "-1|0|1"
broken "line 1: no log of ssl-train: there is no column 'step'" "epoch|loss" "1|1"
broken "line 1: 80 columns, at most 64" "step$(printf '|c%d' $(seq 79))"
printf 'step\tepoch\tloss\n1\t0\t1\0\n' >broken.tsv
must_fail 1 "a zero byte" log-view broken.tsv
head -c 100000 /dev/zero | tr '\0' 'a' >broken.tsv
must_fail 1 "a line without an end" log-view broken.tsv
like "$(cat "$err")" "^log-view: broken.tsv: line 1: longer than 65536 bytes: no log" "... is told"
cp old.tsv bad.tsv
lines "step|seconds|images/s|of" "1|2.00|x|44" >bad.tsv.time.tsv
must_fail 1 "broken times" log-view bad.tsv
like "$(cat "$err")" "^log-view: bad.tsv.time.tsv: line 2: column images/s: 'x' is no number" "... are told with their name"
rm bad.tsv*
# Many lines: the memory does not grow with them.
awk 'BEGIN { print "step\tepoch\tloss"; for (i = 1; i <= 200000; i++) print i "\t0\t" i % 1000 }' >long.tsv
tight() { (case $BUILD in */release) ulimit -v 60000 ;; esac; log-view "$@"); }
ok "200,000 lines" tight --width 60 long.tsv
is "$(log-view long.tsv | cut -f 2- | tail -n 1)" "$(lines "loss|200000|0|0|999")" "... of which each counts"

# A step that comes again, as in a log that was cut at a state: what stood from it on goes.
lines "step|epoch|loss" "1|0|5" "2|0|9" "3|0|1" "2|0|2" >again.tsv
is "$(log-view again.tsv | tail -n 1)" "$(lines "again.tsv|loss|2|2|2|5")" "a step that comes again"
lines "step|epoch|loss" "1|0|5" "step|epoch|rank" "1|0|7" >twice.tsv
is "$(table twice.tsv)" "rank 1 7" "a second heading begins anew"

# A pipeline's folder.
mkdir -p out/seed0/simsiam out/seed0/byol
cp run.tsv out/seed0/simsiam/log.tsv
cp old.tsv out/seed0/byol/log.tsv
is "$(log-view -c loss out/ | cut -f 1-4 | tail -n +2 | tabs | xargs)" "seed0/byol loss 20 0.9 seed0/simsiam loss 40 0.2" \
	"the logs in a folder are called by their folders"

# ---- logs that grow ----

# until_said TEXT: waits until the follower has said it.
until_said() { for _ in $(seq 200); do grep -qF -- "$1" said && return; sleep 0.05; done; return 1; }
begin() { log-view --follow --interval 0.05 "$@" >said 2>"$scratch/err" & follower=$!; }
begin later.tsv
sleep 0.2
lines "step|epoch|loss" "1|0|5" >later.tsv
until_said "later.tsv: step 1, epoch 0, loss 5"; result $? "a file that appears later" || diag "$(cat said "$scratch/err")"
printf '2\t0\t4' >>later.tsv
sleep 0.2
is "$(grep -c 'step 2' said)" 0 "... whose last line is not whole yet"
printf '.5\n3\t0\t4\n' >>later.tsv
until_said "later.tsv: step 3, epoch 0, loss 4"; result $? "... that grows" || diag "$(cat said)"
lines "step|epoch|loss" "1|0|5" "2|0|8" >later.tsv
until_said "later.tsv: step 2, epoch 0, loss 8"; result $? "... is cut" || diag "$(cat said)"
lines "step|epoch|loss" "1|0|5" "2|0|8" "7|0|9" "8|0|9" >other.tsv
mv other.tsv later.tsv
until_said "later.tsv: step 8, epoch 0, loss 9"; result $? "... and is replaced" || diag "$(cat said)"
lines "step|seconds|images/s|of" "8|2.00|8.0|9" >later.tsv.time.tsv
until_said "later.tsv: step 8 of 9" || until_said "step 8"
lines "9|3.00|8.0|9" >>later.tsv.time.tsv
until_said "later.tsv: step 9 of 9, whole"; result $? "its times say that it is whole" || diag "$(cat said)"
wait $follower; is "$?" 0 "... which is the end"
begin later.tsv nowhere.tsv
sleep 0.2
kill -INT $follower
wait $follower; is "$?" 0 "Ctrl-C is an end like any other"
begin nowhere.tsv
sleep 0.2
kill -TERM $follower
wait $follower 2>/dev/null; is "$?" 143 "another signal is not"
slow() { head -n 2 old.tsv; sleep 0.3; tail -n 1 old.tsv; }
slow | log-view --follow --interval 0.05 - >said
is "$(cat said)" "standard input: step 10, epoch 0, loss 0.1, rank 1
standard input: step 20, epoch 1, loss 0.9, rank 3" "a pipe is followed to its end"
lines "1|0" >>later.tsv
begin later.tsv
wait $follower; is "$?" 1 "a broken line is an error then, too"
begin out
until_said "seed0/byol: step 20, epoch 1"
mkdir out/seed1
cp old.tsv out/seed1/log.tsv
until_said "seed1: step 20, epoch 1"; result $? "a log that appears in a folder" || diag "$(cat said)"
kill -INT $follower
wait $follower

# ---- a run of ssl-train ----

train()
{
	img-synth -q --count 40 --size 8 --epochs "$2" | aug-sample -q --preset cifar --size 8 | aug-apply -q |
		ssl-train -q --arch resnet18 --stem cifar --width 0.0625 --set hidden=16,bottleneck=8 --batch 8 --log-every 4 \
			--epochs "$2" --log "$1" -o "$scratch/model" "${@:3}"
}
ok "a training" train real.tsv 2
is "$(cut -f 1,4 real.tsv.time.tsv | xargs)" "step of 1 10 4 10 8 10 10 10" "... has how many steps there will be, and a last line"
like "$(wide real.tsv)" "^real.tsv  step 10 of 10, whole, epoch 1," "... which says that it is whole"
ok "... of which one follows until then" log-view --follow real.tsv
train cut.tsv 2 --state state --every 4 --steps 6
sed 's/\t[^\t]*$//' cut.tsv.time.tsv >"$scratch/times" # as before there was a column of
sed 's/\t[^\t]*$//' cut.tsv >"$scratch/old"            # ... and rank
cp "$scratch/times" cut.tsv.time.tsv
cp "$scratch/old" cut.tsv
ok "a log that an earlier program began" train cut.tsv 2 --state state --every 4 --steps 6
is "$(awk 'NR == 1 { n = NF } NF != n' cut.tsv.time.tsv; wide cut.tsv | head -n 1 | cut -d, -f 1)" "cut.tsv  step 6" "... goes on as it was"

# ---- what the page says ----

block "$top/man/log-view.1" picture | sed "s/\\\\(aq/'/g" >drawn
[ -s drawn ] && log-view --width 80 --height 12 run.tsv | cmp -s - drawn
result $? "the picture of the page is what is drawn" || diag "$(cat drawn)"
block "$top/man/log-view.1" board.py >script.py
like "$(cat script.py)" "add_scalar" "the page has a script for TensorBoard"
if python3 -c 'import tensorboardX' 2>"$scratch/log"; then
	board() { python3 script.py runs/run <real.tsv; }
	ok "... that reads a log" board
	[ "$(cat runs/run/events.* | strings | grep -cE '^(loss|spread|rank)')" -ge 3 ]; result $? "... with all its columns"
else
	skip "... that reads a log" "no tensorboardX"
fi

# ---- a terminal ----

run script -qec true /dev/null
if [ $status != 0 ]; then
	skip "at a terminal" "script(1) has no terminal to give here"
	done_testing
fi
at() { run script -qec "stty cols 50 rows 12; $1" /dev/null; }
at "log-view -c loss run.tsv"
is "$(grep -c $'\033\\[0;36m' "$out") $(grep -c $'\033\\[?' "$out")" "6 0" "colours, and no other screen without --follow"
at "NO_COLOR=1 log-view -c loss run.tsv"
is "$(grep -c $'\033' "$out")" 0 "NO_COLOR has none"
at "TERM=dumb log-view -c loss run.tsv"
is "$(head -n 1 "$out" | tr -d '\r')" "$(lines "log|column|step|value|least|most")" "a terminal that cannot draw gets the table"
at "log-view --follow later2.tsv & sleep .3; cp run.tsv later2.tsv; sed 's/44\$/40/' run.tsv.time.tsv >later2.tsv.time.tsv; wait \$!"
is "$status $(grep -o $'\033\\[?[0-9]*[hl]' "$out" | tr -d '\033[' | xargs)" "0 ?1049h ?25l ?25h ?1049l" \
	"another screen, which is left at the end with the cursor" || diag "$(cat "$out")"
like "$(sed $'s/.*\033\\[?1049l//' "$out" | tr -d '\r')" "^later2.tsv  step 40 of 40, whole" "... and the last picture stays"
like "$(cat -v "$out")" 'later2.tsv  not there yet\^\[\[K' "... where at first there was nothing"
at "log-view --follow run.tsv & sleep .4; kill -INT \$!; wait \$!"
is "$status $(grep -c $'\033\\[?1049l' "$out")" "0 1" "Ctrl-C leaves it too"
at "log-view --follow --interval 60 run.tsv & sleep .4; stty cols 40; sleep .4; kill -INT \$!; wait \$!"
[ "$(grep -c 'step 40 of 44' "$out")" -ge 3 ]; result $? "a new size is drawn at once" || diag "$(cat "$out")"
keys() { { sleep 0.7; printf q; sleep 2; } | script -qec "stty rows 12 cols 50; log-view --follow run.tsv; echo status \$?" /dev/null; }
run keys
is "$(grep -c "status 0" "$out")" 1 "the key q ends it" || diag "$(cat "$out")"
echo "step" >wrong.tsv; printf '1\tx\n' >>wrong.tsv
at "log-view --follow wrong.tsv"
like "$(sed $'s/.*\033\\[?1049l//' "$out" | tr -d '\r')" "^.*log-view: wrong.tsv: line 2: 2 fields, the heading has 1" \
	"an error stands on the screen that is left"
done_testing
