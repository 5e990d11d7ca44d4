#!/usr/bin/env bash
# pipelines/table.awk: the same table from every awk there is, and nothing written beside.
. "${0%/*}/../lib.sh"
[ "$(id -u)" = 0 ] || chmod a-w .
script=$top/pipelines/table.awk
mkdir -p "$scratch/seed0/m" "$scratch/seed1/m"

# figure SEED LABEL PROBE VALUE CHANCE [SETTING]: as a probe writes it, in an order of columns and
# with some that the table does not know.
figure()
{
	printf 'new\tmetric\tvalue\tlabel\tprobe\tsetting\tchance\n%s\n%s\n' \
		"x	top1	$4	$2	$3	${6:-}	$5" \
			"y	per-class	1.25	$2	$3	${6:-}	" >"$scratch/seed$1/m/$2.$3.tsv"
}
figure 0 shape linear 50 12.5
figure 1 shape linear 52.25 12.50
figure 0 place knn 7.5 11.11
figure 0 place fewshot 40 33.33 "3-way 2-shot"
printf 'metric\tlabel\tprobe\tvalue\ntop1\tplace\tnew-probe\t3\n' >"$scratch/seed0/m/place.new.tsv" # of before there was chance

# Two labels, as widths say; one label has no line of its own and no gap.
two="|                               shape                       place
|                 linear          kNN         linear          kNN
|chance             12.5            -              -         11.1
|a model      51.1 ± 1.6            -              -          7.5
|none                  -            -              -            -"
one="|            kNN  2-shot  new-probe  linear:per-class
|chance     11.1    33.3          -                 -
|M           7.5    40.0        3.0                 -"
tsv="model label probe mean sd n
m shape linear 51.125 1.591 2
m place knn 7.500 0.000 1"
other="|         linear  linear:per-class
|chance  differs                 -
|M          51.0               1.2"

# Figures without a unit have three places, as those of augprobe.
for seed in 3 4; do
	mkdir -p "$scratch/seed$seed/m"
	printf 'metric\tvalue\tlabel\tprobe\tchance\tunit\n%s\n%s\n' "relative	0.6$seed	color	aware-linear	1	" \
		"accuracy	6$seed	flip	aware-linear	50	%" >"$scratch/seed$seed/m/aware.tsv"
done
aware="|         aware-linear:relative  aware-linear:accuracy
|chance                   1.000                      -
|M                0.635 ± 0.007                      -"

table() { LC_ALL=C $awk -f "$script" "$@"; } # $awk: a command and its options
lines() { sed 's/^/|/' "$out" "$err"; }
two()
{
	table -v labels="shape place" -v metrics="linear knn" -v models="m x" -v titles="a model,none" \
		-v tsv="$1" "$scratch"/seed[01]/m/shape.linear.tsv "$scratch"/seed0/m/place.knn.tsv
}
one()
{
	table -v labels=place -v metrics="knn fewshot new-probe linear:per-class" -v models=m -v titles=M \
		-v tsv=0 "$scratch"/seed0/m/place.*
}
aware()
{
	table -v labels=color -v metrics="aware-linear:relative aware-linear:accuracy" -v models=m -v titles=M -v tsv=0 \
		"$scratch"/seed[34]/m/aware.tsv
}
other() { table -v labels=shape -v metrics="linear linear:per-class" -v models=m -v titles=M -v tsv=0 "$scratch"/seed2/*/shape.*; }

mkdir -p "$scratch/seed2/m" "$scratch/seed2/n"
figure 2 shape linear 51 10
sed 's/10$/20/' "$scratch/seed2/m/shape.linear.tsv" >"$scratch/seed2/n/shape.linear.tsv"
for awk in awk mawk gawk "gawk --posix" "gawk --lint=fatal" original-awk "busybox awk"; do
	if ! command -v "${awk%% *}" >/dev/null; then
		skip "$awk" "not installed"
		continue
	fi
	ok "$awk: two labels" two 0 && is "$(lines)" "$two" "$awk: as it should be"
	ok "$awk: one label, other figures" one && is "$(lines)" "$one" "$awk: as it should be"
	ok "$awk: chance that is not one" other && is "$(lines)" "$other" "$awk: is said"
	ok "$awk: figures that are no percentages" aware && is "$(lines)" "$aware" "$awk: have three places"
	ok "$awk: for programs" two 1 && is "$(tr '\t' ' ' <"$out")" "$tsv" "$awk: as it should be"
done
is "$(ls -A)" "" "no file was written"
done_testing
