#!/usr/bin/env bash
# pipelines/table.awk: the same table from every awk there is, and nothing written beside.
. "${0%/*}/../lib.sh"
[ "$(id -u)" = 0 ] || chmod a-w .
script=$top/pipelines/table.awk
mkdir -p "$scratch/seed0/m" "$scratch/seed1/m"

# figure SEED LABEL PROBE VALUE
figure() { printf 'metric\tvalue\tlabel\tprobe\ntop1\t%s\t%s\t%s\nmean_class\t1\t%s\t%s\n' "$4" "$2" "$3" "$2" "$3" >"$scratch/seed$1/m/$2.$3.tsv"; }
figure 0 shape linear 50
figure 1 shape linear 52.25
figure 0 place knn 7.5

# Two labels, as widths say; one label has no line of its own and no gap.
two="|                               shape                       place
|                 linear          kNN         linear          kNN
|chance             12.5         12.5           11.1         11.1
|a model      51.1 ± 1.6            -              -          7.5
|none                  -            -              -            -"
one="|                 kNN       5-shot
|chance          11.1         20.0
|M                7.5            -"
tsv="model label probe mean sd n
m shape linear 51.125 1.591 2
m place knn 7.500 0.000 1"

table() { LC_ALL=C $awk -f "$script" "$@"; } # $awk: a command and its options
lines() { sed 's/^/|/' "$out" "$err"; }
two() { table -v labels="shape place" -v classes="8 9" -v metrics="linear knn" -v models="m x" -v titles="a model,none" -v tsv="$1" "$scratch"/seed?/m/*; }
one() { table -v labels=place -v classes=9 -v metrics="knn fewshot" -v models=m -v titles=M -v tsv=0 "$scratch"/seed?/m/*; }

for awk in awk mawk gawk "gawk --posix" "gawk --lint=fatal" original-awk "busybox awk"; do
	if ! command -v "${awk%% *}" >/dev/null; then
		skip "$awk" "not installed"
		continue
	fi
	ok "$awk: two labels" two 0 && is "$(lines)" "$two" "$awk: as it should be"
	ok "$awk: one label" one && is "$(lines)" "$one" "$awk: as it should be"
	ok "$awk: for programs" two 1 && is "$(tr '\t' ' ' <"$out")" "$tsv" "$awk: as it should be"
done
is "$(ls -A)" "" "no file was written"
done_testing
