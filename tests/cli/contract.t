#!/usr/bin/env bash
# What every program promises, whatever it does: empty and truncated input, full
# disks, readers that leave, junk on the command line, terminals, threads.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"

make_inputs

check_command_line()
{
	ok "$1 --help" "$1" --help
	[ -s "$out" ] && [ ! -s "$err" ]; result $? "$1 --help is on stdout"
	like "$(cat "$out")" "^Usage: $1 " "$1 --help says how to use it"
	ok "$1 --version" "$1" --version
	like "$(head -n 1 "$out")" "^$1 [0-9]+\.[0-9]+" "$1 --version says its version"
	must_fail 2 "$1: an unknown option is misuse" "$1" --no-such-option
	must_fail 2 "$1: an unknown letter is misuse" "$1" -%
	run env AUGSELF_NAME=run7 "$1" --no-such-option
	like "$(cat "$err")" "^$1: \[run7\] unknown option" "$1: a run with a name says it"
	local long arg tried=0 wrong=""
	while IFS=$'\t' read -r _ long arg _; do
		[ "$arg" = N ] || continue
		tried=1
		run go "$1" "--$long" 1O
		[ $status = 2 ] && grep -qF -e "--$long: '1O'" "$err" || wrong+="--$long 1O: exit $status, $(head -n 1 "$err"); "
	done < <("$1" --options)
	is "$wrong" "" "$1: a junk number is misuse, and the message names the option"
	[ $tried = 1 ] || "$1" --options | awk -F'\t' '$3 == "N" { exit 1 }'
	result $? "... of each option that takes one"
}

check_input()
{
	input=/dev/null
	must_fail 1 "$1: empty input" go "$1"
	head -c 3000 "$BUILD/bin/$1" >"$scratch/junk"
	input=$scratch/junk
	must_fail 1 "$1: input that is no stream" go "$1"
	# Of another kind: an image stream where views or features are read, and so on.
	local other=image
	case $2 in image | sample) other=feature ;; esac
	if [ "$1" != rec-cat ] && [ "$1" != rec-view ] && [ "$1" != rec-export ] && [ -s "$scratch/$other" ]; then
		input=$scratch/$other
		must_fail 1 "$1: a stream of another kind" go "$1"
	fi
	local at wrong="" size
	size=$(wc -c <"$scratch/$2")
	input=$scratch/cut
	to=$scratch/result
	for at in $(boundaries "$scratch/$2" | awk '{ print $1 + 1; print $1 + 40; if ($1) print $1 }' | sort -nu); do
		[ "$at" -lt "$size" ] || continue
		head -c "$at" "$scratch/$2" >"$input"
		run go "$1"
		[ $status = 1 ] && [ -s "$err" ] || wrong+="cut at $at: exit $status; "
		[ "$3" = data ] && rec-cat -q <"$to" >/dev/null 2>&1 && wrong+="cut at $at: a whole stream came out; "
	done
	is "$wrong" "" "$1: input cut at and inside each record"
	if [ "$3" = data ]; then # all records are there, the trailer is not
		head -c "$(boundaries "$scratch/$2" | tail -n 2 | head -n 1)" "$scratch/$2" >"$input"
		run go "$1"
		is "$(rec-view "$to" 2>/dev/null | grep -c '^{"seq"')" 6 "$1: what came before the cut is written"
	fi
	to=/dev/null
}

check_output()
{
	input_of "$1"
	to=/dev/full
	must_fail 1 "$1: a full disk" go "$1"
	like "$(cat "$err")" "No space left" "$1: says that the disk is full"
	to=/dev/null
	must_fail 1 "$1: stdout closed" go_closed "$1"
	# The reader is gone before the first byte.
	to=/dev/stdout
	{ sleep 0.1; go "$1" 2>"$scratch/err"; echo $? >"$scratch/status"; } | true
	is "$(cat "$scratch/status" "$scratch/err")" 0 "$1: a reader that has left is a silent end"
	to=/dev/null
}

# Several pipe buffers, and a reader that takes a few bytes.
check_early_leave()
{
	local more=()
	input=/dev/null
	[ "$2" = - ] || input=$scratch/big.$2
	[ "$1" != img-synth ] || more=(--count 3000)
	[ -e "$input" ] || return
	to=/dev/stdout
	{ go "$1" "${more[@]}" 2>"$scratch/err"; echo $? >"$scratch/status"; } | head -c 10 >/dev/null
	is "$(cat "$scratch/status")" 0 "$1: a reader that leaves early is a good end"
	to=/dev/null
}

# At a terminal: binary data neither out nor in.
check_terminal()
{
	arguments "$1"
	if ! script -qec true /dev/null >/dev/null 2>&1; then
		skip "$1 at a terminal" "script(1) has no terminal to give here"
		return
	fi
	input=/dev/null
	[ "$2" = - ] || input=$scratch/$2
	if [ "$3" = data ]; then
		run script -qec "$1 ${args[*]} <$input" /dev/null
		[ $status = 2 ] && grep -q 'terminal' "$out"
		result $? "$1: will not write to a terminal" || diag "exit $status" "$(head -c 300 "$out" | tr -d '\0')"
	fi
	# A program that says something does so above the line of whoever has one.
	run script -qec "TERM=xterm $1 --no-such-option; TERM=dumb $1 --no-such-option" /dev/null
	is "$(grep -c $'^\r\033\\[K'"$1: " "$out") $(grep -c $'\033' "$out")" "1 1" "$1: makes way for its messages"
	if [ "$2" != - ]; then
		run script -qec "$1 ${args[*]} >/dev/null" /dev/null
		[ $status = 2 ] && grep -q 'terminal' "$out"
		result $? "$1: will not read from a terminal" || diag "exit $status" "$(head -c 300 "$out" | tr -d '\0')"
	fi
}

check_threads()
{
	"$1" --options | grep -q '^j' || return
	input=/dev/null
	[ "$2" = - ] || input=$scratch/$2
	local j sums=""
	for j in 1 2 3 7; do
		to=$scratch/result.$j
		run go "$1" -j $j
		sums+="$status $(cksum <"$to")"$'\n'
	done
	to=/dev/null
	is "$(printf '%s' "$sums" | sort -u | wc -l)" 1 "$1: the same bytes for -j 1 2 3 7" || diag "$sums"
	like "$sums" "^0 " "$1: -j is heard"
}

check_engine()
{
	case $1 in
	img-* | aug-sample | aug-apply | rec-* | score-report | log-view)
		is "$(ldd "$BUILD/bin/$1" | grep -E 'openblas|lbfgs')" "" "$1 loads no OpenBLAS" ;;
	esac
}

for kind in image sample view feature; do
	[ -s "$scratch/$kind" ] || continue
	for ((i = 0; i < 60; i++)); do echo "$scratch/$kind"; done | xargs rec-cat -q >"$scratch/big.$kind"
done

for program in $(programs); do
	kind=$(column_of "$program" 2) output=$(column_of "$program" 3)
	if [ -z "$kind" ]; then
		ok "$program has a line in the table of this test" false
		continue
	fi
	check_command_line "$program"
	if [ "$kind" != - ] && [ ! -s "$scratch/$kind" ]; then
		skip "$program on a stream" "nothing makes $kind streams yet"
		continue
	fi
	[ "$kind" = - ] || check_input "$program" "$kind" "$output"
	if [ "$output" != - ]; then
		check_output "$program" "$kind"
		check_early_leave "$program" "$kind"
	fi
	check_terminal "$program" "$kind" "$output"
	[ "$output" = - ] || check_threads "$program" "$kind"
	check_engine "$program"
done
done_testing
