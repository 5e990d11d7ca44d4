#!/usr/bin/env bash
# --help: in groups, as the option table has them; 80 columns; an example that works as it stands.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"

make_inputs

# What the examples read, under the names that they use.
prepare()
{
	img-synth -q --layout food101 -o food --classes 5 --train 16 --test 8 && mv food/food-101/images photos &&
		img-read -q folder photos >photos.img &&
		feat-extract -q --pixels --size 8 <photos.img >photos.feat &&
		cp "$scratch/plan" plan.tsv && printf '%b\n' 'step\tepoch\tloss' '1\t0\t2' >run.tsv &&
		printf '%b\n' 'step\tseconds\timages/s\tof' '1\t1\t2\t1' >run.tsv.time.tsv || return
	img-synth -q --count 64 --epochs 1 | aug-sample -q | aug-apply -q |
		ssl-train -q --width 0.015625 --batch 32 --set hidden=16,bottleneck=4 -o model.safetensors
	local set
	for set in train test; do
		img-read -q folder photos --part "$set" --ratio 2:0:1 | aug-sample -q --size 8 | aug-apply -q |
			feat-extract -q --pixels --size 8 >"pairs-$set.feat"
	done
	for set in train val test; do
		img-synth -q --count 120 --split "${set/val/train}" --seed $((${#set} - 3)) | feat-extract -q --pixels --size 8 >"$set.feat"
	done
}
ok "what the examples read" prepare

# example TEXT: the lines of its example.
example() { awk '/^Example:$/ { on = 1; next } on && $0 == "" { exit } on { sub(/^  /, ""); print }' "$1"; }
in_help() { awk '/^  (-.,|   ) --/ { sub(/^ *(-., )?--/, ""); sub(/ .*/, ""); print }' "$1"; }
headings() { sed -n 's/^\([A-Za-z].*\):$/\1/p' "$1"; }

for program in $(programs); do
	ok "$program --help" "$program" --help
	cp "$out" help
	is "$(awk 'length > 80' help)" "" "$program: 80 columns"
	is "$(head -n 1 help | cut -d' ' -f1,2)" "Usage: $program" "$program: the first line says how to call it"
	is "$(in_help help | sort)" "$("$program" --options | cut -f2 | sort)" "$program: every option once"
	"$program" --options | cut -f5 | awk '!seen[$0]++' >groups
	is "$(headings help)" "$(cat groups; echo Example)" "$program: its groups in the table's order, each once"
	is "$(headings help | tail -n 2 | head -n 1)" "In every program" "$program: what all have comes last"
	is "$(tail -n 1 help)" "'man $program' says more." "$program: names its page"
	example help >lines
	grep -qw "$program" lines; result $? "$program: has an example of its own"
	ok "$program: the example works" timeout 60 bash -eu -o pipefail lines || diag "$(cat lines)"
done
ssl-train --help | awk '/^[A-Z].*:$/ { at = $0 } /--(compat|classes|exact|steps) / { print at }' >apart
is "$(sort apart | tr '\n' ' ')" "Batches: Method: Running: Schedule: " "ssl-train: what the table has apart stands together"
done_testing
