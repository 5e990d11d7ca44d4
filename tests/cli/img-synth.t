#!/usr/bin/env bash
# img-synth: what its records hold, and that nothing but its options changes them.
. "${0%/*}/../lib.sh"

lines() { img-synth -q "$@" | rec-view -; }
records() { lines "$@" | grep '"seq"'; }
count_of() { records "$@" | wc -l; }

is "$(count_of --count 7 --epochs 3)" 21 "--epochs 3 of 7 images"
is "$(img-synth -q | head -c 100000 | wc -c)" 100000 "endless without --count, and a reader that leaves is its end"

seven=$(records --count 7 --epochs 2 --shuffle)
is "$(records --count 7 --epochs 2 --shuffle)" "$seven" "the same again"
is "$(img-synth -q --count 7 | cksum)" "$(img-synth -q --count 7 --seed 0 --epochs 1 --size 32 | cksum)" \
	"defaults, said or not, leave the same bytes"
[ "$(records --count 7 --epochs 2 --shuffle --seed 1)" != "$seven" ]; result $? "another seed, other images"
is "$(for i in 1 2 3; do records --count 7 --epochs 2 --shuffle --shard $i/3; done | sort)" "$(sort <<<"$seven")" \
	"three shards are the whole"

# Each factor as the label is the key of the same name, for the same images.
for f in shape colour place; do
	records --count 20 --label $f | grep -vE "\"label\":([0-9]+),.*\"$f\":\\1[,}]" >wrong
	[ ! -s wrong ]; result $? "--label $f is the record's $f" || diag "$(cat wrong)"
done
factors() { records "$@" | grep -oE '"(id|shape|colour|place|size|turn)":[0-9][^,}]*'; }
is "$(factors --count 20 --size 64)" "$(factors --count 20)" "what is shown does not depend on the size in pixels"
[ -z "$(comm -12 <(factors --count 50 --split test | grep turn | sort) <(factors --count 50 | grep turn | sort))" ]
result $? "no image is in both splits"

ok "--cifar" img-synth --cifar set --count 23 --label place --seed 3
[ ! -s "$out" ]; result $? "--cifar writes nothing to stdout"
is "$(wc -c <set/data_batch_5.bin) $(wc -c <set/test_batch.bin) $(wc -l <set/batches.meta.txt)" "15365 12292 9" \
	"--cifar: the files' sizes"
labels() { rec-view - | grep -oE '"label":[0-9]+'; }
is "$(img-read -q cifar10 set --split test 2>/dev/null | labels)" \
	"$(img-synth -q --count 4 --split test --label place --seed 3 | labels)" "img-read reads the same labels from it"

must_fail 2 "--cifar without --count" img-synth --cifar set
must_fail 2 "--cifar of another size" img-synth --cifar set --count 10 --size 16
must_fail 2 "--shuffle without an end" img-synth --shuffle
must_fail 2 "a label that is none" img-synth --label sharp
must_fail 2 "a split that is none" img-synth --split val
must_fail 2 "a size out of range" img-synth --size 7
must_fail 2 "an operand" img-synth 10
must_fail 1 "--cifar where nothing can be written" img-synth --cifar no/such/place --count 10
done_testing
