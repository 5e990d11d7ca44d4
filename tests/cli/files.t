#!/usr/bin/env bash
# Paths that lead to no file, or to one that is in use: pipes, devices, sockets, folders, links
# to nothing; outputs whose reader leaves; writers that are killed; one file for two things.
. "${0%/*}/../lib.sh"

img-synth -q --count 40 --size 16 --seed 4 >images || skip_all "no images"
aug-sample -q <images | aug-apply -q >views
feat-extract -q --pixels --size 4 <images >features
aug-sample -q --size 4 <images | aug-apply -q | feat-extract -q --pixels --size 4 >pairs
small=(--arch resnet18 --stem cifar --width 0.0625 --set "hidden=32,bottleneck=8" --batch 10 -j 1)
train() { ssl-train -q "${small[@]}" "$@"; }
train -o model --state state <views || skip_all "no model"
train --dump-config >config
aug-sample --dump-policy >policy
printf '%s a\n%s b\n' one.ppm two.ppm >list
for i in one two; do { printf 'P6\n8 8\n255\n'; head -c 192 /dev/zero | tr '\0' "${i:0:1}"; } >$i.ppm; done
knnprobe -q --train features --test features --neighbours table >/dev/null
knnprobe -q --train features --test features >score 2>/dev/null
printf '%b\n' 'table\tt\tT' 'row\tt\tr\tR' 'column\tt\tc\tC' 'score\tt\tr\tc\t0\tscore\tknn:top1' >plan
cp "$top/pipelines/published.tsv" published
mkdir -p folder classes/a cifar
img-synth --cifar cifar --count 25

# What waits without end fails here; a signal is never an expected error.
limit() { timeout -k 1 20 "$@"; }
give() { limit cat "$1" >fifo 2>/dev/null; }

# ---- what is read ----

# kinds COMMAND: with a file's place as @, and what good file goes there; "pipe": or a pipe.
reads()
{
	cat <<-'EOF'
	pipe list     img-read list @
	file one.ppm  img-read files @
	file state    img-read files one.ppm --epochs 9 --after @
	file state    img-synth --count 40 --epochs 9 --after @
	pipe policy   aug-sample --policy @
	pipe config   train -o new --config @
	file state    train --state @
	pipe model    feat-extract --model @
	pipe model    model-export --onnx new --model @
	pipe features linprobe --train @ --val features --test features
	pipe features linprobe --train features --val @ --test features
	pipe features linprobe --train features --val features --test @
	pipe features knnprobe --train @ --test features
	pipe features knnprobe --train features --test @
	pipe features fewshot --way 2 --shot 1 --query 1 --episodes 5 @
	pipe pairs    augprobe --epochs 0 --train @ --test pairs
	pipe pairs    augprobe --original @ pairs
	pipe features augprobe --rank @
	pipe images   rec-view @
	pipe images   rec-cat @
	pipe plan     score-report --tsv new @
	pipe published score-report --tsv new --published @ plan
	pipe table    rec-view --sheet new --neighbours t=@ images images
	file listed   img-read list list
	file batch    img-read cifar10 cifar --split test
	file names    img-read cifar10 cifar --split test
	EOF
}
input_for()
{
	case $1 in
	img-read | img-synth | linprobe | knnprobe | fewshot | augprobe | rec-* | score-report) echo /dev/null ;;
	train) echo views ;;
	*) echo images ;;
	esac
}
try() { local in; in=$(input_for "$1"); if [ "$1" = train ]; then limit ssl-train -q "${small[@]}" "${@:2}"; else limit "$@"; fi <"$in"; }
# The places that no option names: a file inside a dataset.
inside() { case $1 in listed) echo two.ppm ;; batch) echo cifar/test_batch.bin ;; names) echo cifar/batches.meta.txt ;; esac; }

mkfifo fifo
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "socket", Listen => 1) or exit 1' 2>/dev/null
things="$PWD/folder:directory $PWD/fifo:pipe /dev/zero:device /dev/null:device"
[ -S socket ] && things+=" $PWD/socket:socket"
while read -r kind good command; do
	place=$(inside "$good")
	for thing in $things; do
		path=${thing%:*} what=${thing#*:}
		[ "$kind $what" = "pipe pipe" ] && continue
		if [ -n "$place" ]; then # a file of that name
			mv "$place" kept && ln -s "$path" "$place"
			[ "$what" = pipe ] && rm "$place" && mkfifo "$place"
			path=$place
		fi
		# shellcheck disable=SC2086
		must_fail 1 "$command: a $what" try ${command//@/$path}
		like "$(cat "$err")" \
			"$path: is a ${what/directory/folder}, (not a file|neither a file nor a pipe|and a stream is needed: .*)\$" \
			"... which is said"
		[ -z "$place" ] || { rm -f "$place"; mv kept "$place"; }
	done
done < <(reads)

outcome() { [ -e new ] || : >new; echo "$status $(cksum <"$out") $(cksum <new)"; }
# In a folder of many files such a one is left out, with a word.
cp one.ppm classes/a/one.ppm
mkfifo classes/a/two.ppm
ln -s /dev/zero classes/a/three
ok "a pipe and a device among images" limit img-read folder classes
like "$(cat "$err")" "neither file nor folder: 2" "... are left out with a word"

# Where pipes are welcome they give what the file gives, and one without an end is left soon.
while read -r kind good command; do
	[ "$kind" = pipe ] || continue
	rm -f new
	# shellcheck disable=SC2086
	run try ${command//@/$good}
	want=$(outcome)
	rm -f new
	give "$good" &
	# shellcheck disable=SC2086
	run try ${command//@/fifo}
	is "$(outcome)" "$want" "$command: from a pipe as from a file"
	wait
	give /dev/zero &
	# shellcheck disable=SC2086
	must_fail 1 "$command: a pipe of zeros without end" try ${command//@/fifo}
	wait
done < <(reads)
# A header may promise much: what has come is what is kept.
huge() { printf '\377\377\377\0\0\0\0\0{'; cat /dev/zero; }
huge 2>/dev/null | give - &
must_fail 1 "a model of 16 MiB of header and no end" limit feat-extract --model fifo <images
wait

# ---- what is written ----

writes()
{
	cat <<-'EOF'
	train -o @
	train -o new --log @
	train --state @
	linprobe -q --train features --test features --predictions @
	knnprobe -q --train features --test features --neighbours @
	score-report -o @ plan
	score-report --tsv @ plan
	rec-view --sheet @ images
	rec-view --sheet @ --neighbours table images images
	EOF
}
while read -r command; do
	# shellcheck disable=SC2086
	must_fail 1 "$command: a folder" try ${command//@/folder}
	like "$(cat "$err")" "folder: is a folder" "... which is said"
	if [ -S socket ]; then
		# shellcheck disable=SC2086
		must_fail 1 "$command: a socket" try ${command//@/socket}
	fi
	case $command in
	*--state*)
		# shellcheck disable=SC2086
		must_fail 1 "$command: a device" try ${command//@//dev/null} ;;
	*)
		# shellcheck disable=SC2086
		ok "$command: a device" try ${command//@//dev/null}
		# The reader has left before the first byte: an error, where standard output would have ended.
		exec 8> >(:)
		wait $!
		# shellcheck disable=SC2086
		must_fail 1 "$command: a pipe whose reader left" try ${command//@//dev/fd/8}
		like "$(cat "$err")" "/dev/fd/8: " "... is named"
		exec 8>&-
		limit cat fifo >got &
		# shellcheck disable=SC2086
		ok "$command: a pipe that is read" try ${command//@/fifo}
		wait
		[ -s got ]; result $? "... gives what it says" ;;
	esac
	# shellcheck disable=SC2086
	must_fail 1 "$command: a full disk" try ${command//@//dev/full}
	# Through a link to what is not there yet, and over what a killed writer left.
	rm -f target link
	ln -s target link
	echo junk >target.part
	# shellcheck disable=SC2086
	ok "$command: a link to nothing" try ${command//@/link}
	[ -L link ] && [ -s target ] && [ ! -e target.part ]
	case $command in *--log*) [ -s target ] ;; esac
	result $? "... stays one, and leads to what was written" || diag "$(ls -l)"
	rm -f target.part
done < <(writes)
mkfifo new.time.tsv
must_fail 1 "times of a log that are a pipe" try train -o model --log new
rm -f new*

# A pipe that has closed behind the messages is no error: nobody reads them.
exec 8> >(:)
wait $!
deaf() { ssl-train "${small[@]}" -o deaf <views 2>&8; }
ok "messages that nobody reads" deaf
exec 8>&-

# ---- one file for two things ----

mkdir sub
ln -s sub way
ln -s sub/x dangling
: >here && ln here hard
while read -r one other; do
	# shellcheck disable=SC2086
	must_fail 2 "one file for both: ${one//=/ } ${other//=/ }" train ${one//=/ } ${other//=/ } <views
	like "$(cat "$err")" "one file for both" "... which is said"
done <<-'EOF'
	-o=mo --state=./mo
	-o=mo --log=sub/../mo
	--state=sub/x --log=way/x
	--state=sub/x -o=dangling
	-o=here --state=hard
	-o=mo.time.tsv --log=mo
	-o=mo --state=mo.part
	-o=mo.lock --state=mo
	--log=mo.part -o=mo
	-o=new --log=./views
	-o=views
EOF
must_fail 2 "the configuration and the log" train -o new --config config --log ./config <views
cmp -s views <(aug-sample -q <images | aug-apply -q) && [ -s config ]; result $? "... nothing was written over"
must_fail 2 "features and predictions" linprobe --train features --test features --predictions ./features
must_fail 2 "features and neighbours" knnprobe --train features --test images --neighbours ./features
must_fail 2 "a stream and its sheet" rec-view --sheet ./images images
over() { knnprobe -q --train features --test features --neighbours ./scores >scores; }
must_fail 2 "scores and neighbours" over
ok "two outputs to nowhere" train -o /dev/null --log /dev/null <views

# ---- who dies and who lives ----

# Killed while it trains and saves, again and again: what is there is whole, and one name each.
mkdir killed
img-synth -q --count 40 --size 16 --epochs 50 | aug-sample -q --size 8 | aug-apply -q >long
killed() { exec ssl-train -q "${small[@]}" --width 0.25 --state killed/state --every 1 <long; }
whole() { img-synth -q --count 40 --epochs 1000 --after killed/state | head -c 1 | wc -c; }
wait_for() { local i; for ((i = 0; i < 200; i++)); do [ -e "$1" ] && return; sleep 0.02; done; }
wrong="" parts=0
for ((i = 0; i < 15; i++)); do
	rm -f killed/state
	killed 2>"$err" &
	wait_for killed/state
	sleep "0.0$((RANDOM % 100))"
	kill -KILL $!
	wait $! 2>/dev/null
	left=$(find killed -type f ! -name state ! -name state.part ! -name state.lock)
	[ -z "$left" ] || wrong+="kill $i left $left; "
	[ ! -e killed/state.part ] || parts=$((parts + 1))
	[ "$(whole)" = 1 ] || wrong+="after kill $i the state is not whole; "
done
is "$wrong" "" "15 kills leave whole states and two names beside them at most ($parts half written)"
rm -f killed/state
echo half >killed/state.part
killed 2>"$err" &
wait_for killed/state
kill -TERM $!
wait $! 2>/dev/null
is "$(ls killed)" state "a run that ends takes all of it away"
is "$(whole)" 1 "... and the state is whole"

# A state is one trainer's at a time, by whatever name.
mkfifo slow
ln -s busy alias
waits() { exec ssl-train -q "${small[@]}" --state busy <slow; }
waits 2>"$err.first" &
first=$!
exec 7>slow
wait_for busy.lock
for name in busy ./busy alias; do
	must_fail 1 "a state in use: $name" train --state $name <views
	like "$(cat "$err")" "busy: in use by process $first, which holds .*busy.lock" "... by whom"
done
kill -KILL $first
wait $first 2>/dev/null
exec 7>&-
ok "and free when its trainer is dead" train --state busy <views
is "$(echo busy*)" busy "... nothing is left"

# A result is as readable as any file.
(umask 027; train -o mode <views)
is "$(stat -c %a mode)" 640 "a file's mode is what the umask says"
done_testing
