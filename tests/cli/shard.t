#!/usr/bin/env bash
# Shards: what N processes make of a stream's parts, rec-cat --merge makes the stream of,
# byte by byte; and what it does with parts that are not all there.
. "${0%/*}/../lib.sh"

img-synth -q --cifar set --count 15
# source NAME OPTIONS...
source_of()
{
	case $1 in
	read) img-read -q cifar10 set --split trainval --shuffle --epochs 2 --limit 13 "${@:2}" 2>/dev/null ;;
	synth) img-synth -q --count 13 --size 8 --shuffle --epochs 2 "${@:2}" ;;
	esac
}
views() { aug-sample -q --size 8 --compat color-batch-order --batch 5 | aug-apply -q -j1; }
features() { views | feat-extract -q -j1 --pixels --size 8; }
to_file() { "${@:2}" >"$1"; }
header() { rec-view "$1" | head -n 1; }
lines() { rec-view "$1" | grep '^{"seq"'; }

# unlike COUNTS NAME THROUGH [OPTIONS...]: those of COUNTS whose shards, the last first, do not merge to the whole.
unlike()
{
	local n i parts wrong=''
	source_of "$2" | "$3" >whole
	for n in $1; do
		parts=()
		for i in $(seq "$n" -1 1); do
			source_of "$2" --shard "$i/$n" "${@:4}" | "$3" >"part$i"
			parts+=("part$i")
		done
		rec-cat -q --merge "${parts[@]}" >merged && cmp -s merged whole || wrong="$wrong $n"
	done
	echo "$wrong"
}
for name in read synth; do
	for through in cat views features; do
		is "$(unlike "1 2 3 17" $name $through)" "" "$name, through $through: 1, 2, 3 and 17 shards merge to the bytes of the whole"
	done
	# in blocks: a batch of 6 dealt to 1, 2, 3 and 6
	for through in views features; do
		is "$(unlike "1 2 3 6" $name $through --batch 6)" "" \
			"$name, through $through: blocks of a batch merge to the bytes of the whole"
	done
done
source_of synth --shard 2/3 --batch 6 >block
like "$(header block)" '"shard":\[2,3,2\],' "a header says how long blocks are"
is "$(lines block | sed 's/{"seq":\([0-9]*\).*/\1/' | tr '\n' ' ')" "2 3 8 9 15 16 21 22 " "the second block of every batch of an epoch"
must_fail 2 "a batch that cannot be divided" source_of synth --shard 2/3 --batch 7
like "$(cat "$err")" '^img-synth: --batch: 7 images cannot be divided among 3 shards$' "is named"
must_fail 2 "a batch without a shard" img-synth --count 9 --batch 3
source_of synth --shard 1/2 --batch 6 >other
source_of synth --shard 2/2 --batch 2 >another
must_fail 1 "shards of other blocks" rec-cat --merge other another

# Features do not depend on the batch that an image came in: of any --batch, by any shards. (As wide as 0.25, so that
# OpenBLAS has several ways to multiply.)
img-synth -q --count 16 | aug-sample -q | aug-apply -q | ssl-train -q --batch 8 --steps 0 --width 0.25 -m simclr -o random.safetensors
images() { img-synth -q --count 21 --size 32 --seed 4 "$@"; }
for layer in backbone projector; do
	images | feat-extract -q --model random.safetensors --layer $layer >whole
	for b in 1 3 8 13 21; do
		images --shard 2/2 --batch 6 | feat-extract -q --model random.safetensors --layer $layer --batch $b >h2
		images --shard 1/2 --batch 6 | feat-extract -q --model random.safetensors --layer $layer >h1
		rec-cat -q --merge h2 h1 >merged
		cmp -s merged whole; result $? "$layer: shards of --batch $b and 64 merge to the bytes of the whole"
	done
done

# The manual's ways to work on shards beside each other.
img-synth -q --layout dtd -o sets --classes 3 --train 4 --test 2 && mv sets/dtd/images photos
img-read -q folder photos | feat-extract -q --model random.safetensors >whole.feat
page=$top/man/feat-extract.1
# by NAME COMMAND...: whether it makes all.feat, of the bytes of one process.
by()
{
	local name=$1
	rm -f part.* all.feat
	ok "shards by $name" "${@:2}"
	cmp -s all.feat whole.feat; result $? "... are joined to the bytes of one process"
}
block "$page" "shards: make" >shards.mk
by make make -s -j4 -f shards.mk
rm part.3 && printf x >part.3
rm all.feat && must_fail 2 "a part that is no stream" make -s -j4 -f shards.mk
block "$page" "shards: parallel" >shards.sh
if parallel --version >"$scratch/log" 2>&1; then by parallel bash shards.sh; else skip "GNU Parallel" "it is not there"; fi
# There is no Slurm here: what it sets for each task of an array is set.
block "$page" "shards: slurm" >slurm.sh
block "$page" "shards: joined" >joined.sh
array()
{
	local i pids=()
	for i in $(seq 8); do
		SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=8 bash slurm.sh &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || return; done
	bash joined.sh
}
by "the tasks of an array" array
# A pipeline's features, in parts and whole.
pipeline() { make -f "$top/pipelines/stl10.mk" BIN="$BUILD/bin" SCALE=smoke OUT="$PWD/out" "$@"; }
feat=$(pipeline -n 2>"$scratch/log" | grep -o '[^ ]*/simsiam/dtd.test.feat$' | head -n 1)
ok "a pipeline, SHARDS=3" pipeline -j3 SHARDS=3 "$feat"
is "$(grep -c 'dtd.test.feat.[123]$' "$out") $(ls "$feat"*)" "3 $feat" "makes three parts, and leaves the whole"
mv "$feat" parts.feat
ok "without SHARDS" pipeline "$feat"
cmp -s "$feat" parts.feat; result $? "it has the same bytes"

# What the header says.
source_of synth >whole
for i in 1 2 3; do source_of synth --shard $i/3 >s$i; done
like "$(header s2)" '"records":13,"epochs":2,"shard":\[2,3\],' "a shard's header has the whole's records, and which part it is"
is "$(header s1 | sed 's/\[1,3\]/[2,3]/')" "$(header s2)" "the chain does not name the shard"
is "$(header whole | grep -c '"shard"')" 0 "the whole has no shard"
is "$(source_of synth --shard 1/1 | cksum)" "$(cksum <whole)" "nor has shard 1 of 1"
is "$(lines s1 | wc -l) $(lines s2 | wc -l) $(lines s3 | wc -l)" "10 8 8" "which records a shard has"

# What cannot be merged.
must_fail 1 "a shard is missing" rec-cat --merge s1 s3
like "$(cat "$err")" '^rec-cat: shard 2 of 3 is missing; there are 2$' "and named"
must_fail 1 "a shard alone" rec-cat --merge s3
must_fail 1 "a shard comes twice" rec-cat --merge s1 s2 s2 s3
like "$(cat "$err")" '^rec-cat: s2: shard 2 of 3, as s2 is: each once' "and is named"
source_of synth --shard 1/2 >other
must_fail 1 "shards of another cut" rec-cat --merge s1 other s3
like "$(cat "$err")" '^rec-cat: other: 2 shards where s1 has 3$' "are named"
img-synth -q --count 14 --size 8 --shuffle --epochs 2 --shard 2/3 >other
must_fail 1 "a shard of a larger whole" rec-cat --merge s1 other s3
like "$(cat "$err")" '^rec-cat: other: 14 records in an epoch of all shards where s1 has 13$' "is named"
source_of synth --seed 1 --shard 2/3 >other
must_fail 1 "a shard of another whole" rec-cat --merge s1 other s3
like "$(cat "$err")" "^rec-cat: other: line of the chain 0 is 'img-synth .*--seed 1.*' where s1 has 'img-synth " "is named"
must_fail 1 "two wholes" rec-cat --merge whole whole
head -c 2000 s2 >short
must_fail 1 "a truncated shard" rec-cat --merge s1 short s3
like "$(cat "$err")" '^rec-cat: short:record [0-9]+: truncated' "is named"
must_fail 2 "what is merged is not cut" rec-cat --merge --limit 3 s1 s2 s3
# Two records exchanged.
perl -0777 -ne '
	sub frame { my $at = shift; my $c = ord substr $_, $at, 1; my $w = $c < 0x80 ? 0 : 1 << ($c - 0xcc);
		$at + 1 + $w + ($w ? oct "0x" . unpack("H*", substr $_, $at + 1, $w) : $c) }
	my $a = frame 0; my $b = frame $a; my $c = frame $b;
	print substr($_, 0, $a), substr($_, $b, $c - $b), substr($_, $a, $b - $a), substr $_, $c' s2 >turned
must_fail 1 "a shard whose records come in another order" rec-cat --merge s1 turned s3
like "$(cat "$err")" '^rec-cat: turned: seq [0-9]+ comes after [0-9]+: this is not a shard in its order' "is named"

# Images left out are counted in one shard or another.
mkdir bad
for i in 1 2 3 4 5; do printf 'P6 1 1 255\nabc' >bad/$i.ppm; done
printf 'P6 9 9 255\n' | tee bad/2.ppm >bad/3.ppm
files() { img-read -q files bad/*.ppm --max-bad 2 --epochs 2 "$@" 2>/dev/null; }
files >whole
for i in 1 2; do files --shard $i/2 >b$i; done
ok "shards with bad images" to_file merged rec-cat --merge b1 b2
cmp -s merged whole; result $? "merge to the whole"
like "$(cat "$err")" '^rec-cat: sealed [0-9a-f]{16} 6 records, 4 skipped$' "with all that was left out"

# One after the other: a stream of its own, with as many records as came.
source_of synth >whole
ok "shards are joined" to_file joined rec-cat s1 s3
like "$(cat "$err")" '--merge puts the records into their order' "with a word"
like "$(header joined)" '"records":9,"epochs":2,"classes"' "their records are counted, and they are no shard"
like "$(header joined)" '"chain":\["img-synth [^"]*","rec-cat [^"]*"\]' "equal chains are one"
is "$(lines joined)" "$(lines s1; lines s3)" "one behind the other"
rec-cat -q s1 s2 s3 >joined
like "$(header joined)" '"records":13,"epochs":2,"classes"' "all of them have the whole's records"
rec-cat -q s2 >alone
like "$(header alone)" '"records":13,"epochs":2,"shard":\[2,3\]' "one alone stays a shard"
rec-cat -q --limit 3 s2 >"cut"
like "$(header cut)" '"records":0,"epochs":2,"classes"' "a shard that is cut is none"
must_fail 1 "and is not merged" rec-cat --merge s1 cut s3

# More sources than a chain once had lines for.
seeds=()
for i in $(seq 1 40); do img-synth -q --count 1 --size 8 --seed "$i" >"seed$i"; seeds+=("seed$i"); done
ok "forty streams of forty sources are joined" to_file joined rec-cat "${seeds[@]}"
is "$(header joined | grep -o '"img-synth [^"]*"' | sort -u | wc -l)" 40 "with a line for each"

# Whoever counts on the header's records counts those of the shard.
if [ -x "$BUILD/bin/ssl-train" ]; then
	img-synth -q --count 40 --size 8 --epochs 2 --shard 1/5 | views >eight
	must_fail 1 "a batch that no epoch of the shard fills" ssl-train --batch 10 -o model <eight
	like "$(cat "$err")" '^ssl-train: batch: 10, but an epoch has 8 images' "is told the shard's images"
fi

# Live, and without an end.
live() { rec-cat -q --merge <(img-synth -q --size 8 --shard 1/2) <(img-synth -q --size 8 --shard 2/2) | head -c 20000; }
is "$(live | cksum)" "$(img-synth -q --size 8 | head -c 20000 | cksum)" "endless shards are merged as they come"

# Numbers at the end of their range do not begin again. The state is one of 0.1.0, which has no checksum.
state()
{
	local json="{\"__metadata__\":{\"format\":\"augself-state 1\",\"seq\":\"$1\"}}"
	printf "\\x$(printf %02x ${#json})\\0\\0\\0\\0\\0\\0\\0%s" "$json" >state
}
state 9223372036854775806
after() { img-synth -q --size 8 --after state "$@" 2>"$scratch/word"; }
is "$(after | rec-view | grep -o '^{"seq":[0-9]*')" '{"seq":9223372036854775806
{"seq":9223372036854775807' "the last seq is the end"
is "$(after --shard 2/3 | rec-view | grep -c '^{"seq"')" 1 "of a shard too"
state 9223372036854775808
is "$(after | rec-view | cut -c3-8)" "header
traile" "behind it there is nothing"
state 9223372036854775809
for p in "img-synth" "img-read cifar10 set"; do
	# shellcheck disable=SC2086
	must_fail 1 "${p%% *}: a state beyond it" $p --after state
	like "$(cat "$err")" "its 'seq' is '9223372036854775809', which cannot be a seq" "... is refused"
done
state 9223372036854775808
is "$(img-read -q cifar10 set --epochs 0 --after state 2>"$scratch/word" | rec-view | cut -c3-8)" "header
traile" "and no epoch there"
is "$(img-synth -q --count 1000000000 --epochs 4294967295 --size 8 | rec-view -n 1 | head -n 1 |
	grep -o '"records":[0-9]*,"epochs":[0-9]*')" \
	'"records":1000000000,"epochs":4294967295' "the most images and epochs"
done_testing
