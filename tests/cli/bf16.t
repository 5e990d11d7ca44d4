#!/usr/bin/env bash
# Maps in bfloat16: who refuses them, that they may be emulated, that neither -j nor a break changes a byte, and how far
# features are from those of floats. Kernels are tested in tests/unit/bf16.c, ranks in tests/unit/ranks.c.
. "${0%/*}/../lib.sh"

images() { img-synth -q --size 16 --count "$@"; }
views() { aug-sample -q --size 16 | aug-apply -q -j1; }
trained() { ssl-train -q --width .25 --batch 32 --grains 2 --epochs 2 --augself crop=1 "$@"; }
whole() { images 96 --epochs 2 --shuffle | views | trained --bf16 "$@"; }

unset AUGSELF_BF16
for program in "ssl-train --bf16 --batch 32 --epochs 1 -o no.model" "feat-extract --bf16 -m float.model"; do
	images 64 --epochs 2 | views | trained -o float.model
	# shellcheck disable=SC2086 # several words
	AUGSELF_ISA=generic must_fail 2 "an instruction set without products of bfloat16: ${program%% *}" $program < <(images 32 | views)
	is "$(wc -l <"$err"): $(grep -c 'AUGSELF_BF16=emulate' "$err")" "1: 1" "... a line says what to type"
done
[ ! -e no.model ]; result $? "... and there is no model"

export AUGSELF_BF16=emulate
ok "a training on one thread" whole -j1 -o one.model --log one.log --log-every 1
ok "... on two" whole -j2 -o two.model --log two.log --log-every 1
ok "... the same model" cmp one.model two.model
ok "... and log" cmp one.log two.log
like "$(tr '\0' '\n' <one.model | head -c 4000)" '.*bf16 = 1.*' "... whose recipe says so"
part() { images 96 --epochs 2 --shuffle --after part.state | views | trained --bf16 --state part.state --every 1 -o part.model "$@"; }
parts() { part --steps 3 && part; }
ok "stopped and gone on" parts
ok "... to the same model" cmp one.model part.model
must_fail 2 "the state goes on with floats" trained --state part.state -o x.model < <(images 96 --epochs 2 --shuffle | views)
like "$(cat "$err")" "the state has 'bf16 = 1', this run 'bf16 = 0'" "... which is refused by name"

images 64 >eval.images
features() { feat-extract -q -m one.model "${@:2}" <eval.images | rec-export "$1.tsv" >"$scratch/log"; }
ok "features by floats" features floats
ok "... by bfloat16" features bf16 --bf16 -j1
ok "... on two threads, seven images at a time" features again --bf16 -j2 --batch 7
ok "... the same" cmp bf16.tsv again.tsv
cmp -s floats.tsv bf16.tsv; [ $? = 1 ]; result $? "... and other bits than by floats"
# The smallest cosine of two files' rows, over what both have as fractions.
cosine() { paste "$1" "$2" | awk -F'\t' '
	NR > 1 { a = b = ab = 0; half = NF / 2
		for (i = 1; i <= half; i++) if ($i ~ /\./) { a += $i * $i; b += $(i + half) ^ 2; ab += $i * $(i + half) }
		c = ab / sqrt(a * b); if (least == "" || c < least) least = c }
	END { print least }'; }
least=$(cosine floats.tsv bf16.tsv)
awk -v c="$least" 'BEGIN { exit !(c > .9999 && c < 1) }'; result $? "... at a cosine of $least or more, above .9999"
done_testing
