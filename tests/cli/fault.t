#!/usr/bin/env bash
# malloc, read, write, close, fsync and rename fail, each at its n-th call: every
# program ends with 1 and a message and leaves no partial file; or the fault did not
# matter, and then the output is what it would have been.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"
[ -e "$BUILD/tests/fault.so" ] || skip_all "the fault injector is for builds without sanitizers"
make_inputs
fired=$scratch/fired

# The first calls one by one, then ever larger steps: long loops repeat themselves.
calls="1 2 3 4 5 6 7 8 9 10 12 14 17 20 25 30 40 50 70 100 150 200 300 500"

faulty() { LD_PRELOAD=$BUILD/tests/fault.so AS_FAULT=$2:$3 AS_FAULT_FIRED=$fired go "$1" -j 2; }
faulty1() { LD_PRELOAD=$BUILD/tests/fault.so AS_FAULT=$2:$3 AS_FAULT_FIRED=$fired go "$1"; }

for path in "$BUILD"/bin/*; do
	program=${path##*/}
	output=$(column_of "$program" 3)
	if [ -z "$output" ] || ! input_of "$program"; then
		continue
	fi
	try=faulty1
	"$program" --options | grep -q '^j' && try=faulty
	to=$scratch/good
	rm -f "$scratch"/model*
	run go "$program"
	[ "$output" = - ] && mv "$scratch/model" "$scratch/good"
	to=$scratch/result
	for call in malloc read write close fsync rename; do
		wrong="" count=0
		for n in $calls; do
			rm -f "$fired" "$scratch"/model*
			run $try "$program" $call "$n"
			[ -e "$fired" ] || break
			count=$n
			[ "$output" = - ] && to=$scratch/model
			if [ $status = 0 ]; then
				cmp -s "$to" "$scratch/good" || wrong+="call $n: exit 0, but another output; "
			elif [ $status != 1 ] || ! grep -q "^$program: ." "$err"; then
				wrong+="call $n: exit $status, $(head -n 1 "$err"); "
			elif [ "$output" = - ] && [ -n "$(ls "$scratch"/model* 2>/dev/null)" ]; then
				wrong+="call $n: left $(basename -a "$scratch"/model*); "
			elif [ "$output" = data ] && [ $call != close ] && rec-cat -q <"$to" >/dev/null 2>&1; then
				wrong+="call $n: exit 1, but a whole stream; "
			fi
			to=$scratch/result
		done
		[ "$count" = 0 ] || is "$wrong" "" "$program: $call fails ($count calls)"
	done
done
done_testing
