#!/usr/bin/env bash
# Where memory is short, or the system gives no thread more, every program ends soon, with 0
# or with 1 and one line that says why; no library of ours or of others spins, or ends it.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"
[[ $BUILD == */release || $BUILD == */debug ]] || skip_all "a sanitizer takes more memory than there is"
make_inputs
img-synth -q --count 64 --size 32 >"$scratch/image"
for i in train test; do img-synth -q --count 64 --size 32 --split $i | feat-extract -q --pixels --size 4 >"$scratch/$i"; done
aug-sample -q --preset cifar <"$scratch/image" | aug-apply -q >"$scratch/view"
net=(--arch resnet18 --stem cifar --width 0.0625 --set "hidden=32,bottleneck=8" --batch 32 --steps 1)
ssl-train -q "${net[@]}" -o "$scratch/net" <"$scratch/view"

# What multiplies, on as much as needs OpenBLAS's buffers, with threads; and the others.
work() # work PROGRAM LIMIT...: a script for another shell, with its limits
{
	local program=$1 where="" more="-q"
	shift
	"$program" --options | grep -q '^j' && more="-q -j 2"
	input_of "$program"
	arguments "$program"
	case $program in
	linprobe) args=(--label colour --train "$scratch/train" --test "$scratch/test") ;;
	knnprobe) args=(--label colour --train "$scratch/train" --test "$scratch/test") ;;
	feat-extract) args=(--model "$scratch/net") ;;
	ssl-train) args=("${net[@]}" -o "$scratch/model") ;;
	esac
	where=$(printf '%q ' "$program" "${args[@]}")
	echo "ulimit $* && exec timeout -k 1 20 $where $more < $(printf %q "$input") >/dev/null"
}

# ends: $status is 0, or 1 with one line.
ends()
{
	case $status in
	0) [ ! -s "$err" ] ;;
	1) [ "$(wc -l <"$err")" = 1 ] && grep -q "^$program: ." "$err" ;;
	*) false ;;
	esac
}

for program in $(programs); do
	wrong="" enough=""
	for mib in 20 35 50 70 90 120 160 200 260 330 400 600; do
		run bash -c "$(work "$program" -v $((mib << 10)))"
		[ $status = 0 ] && enough=$mib
		ends || wrong+="$mib MiB: exit $status, $(head -n 2 "$err"); "
	done
	is "$wrong" "" "$program: 20 to 600 MiB of memory"
	is "$enough" 600 "... of which 600 are enough"
done

# Root is given as many threads as it likes: another asks.
other=()
if [ "$(id -u)" = 0 ]; then
	other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod a+rx "$scratch"
	chmod a+rwx .
	if ! "${other[@]}" test -x "$BUILD/bin/linprobe" 2>"$scratch/log"; then
		skip "threads refused" "root is not refused any, and no other user gets here"
		done_testing
	fi
fi
for program in $(programs); do
	run "${other[@]}" bash -c "$(work "$program" -u 1 | sed "s|exec timeout -k 1 20|exec|; s|$scratch/model|model|")"
	ends; result $? "$program: no thread more" || diag "exit $status" "$(cat "$err")"
	! "$program" --options | grep -q '^j' || grep -q 'the system gave 1 of 2' "$err"; result $? "... and -j 2 says so"
done
done_testing
