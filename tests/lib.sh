# shellcheck shell=bash
# Test Anything Protocol for tests/cli/*.t:
#
#     #!/usr/bin/env bash
#     . "${0%/*}/../lib.sh"
#     ok "synth writes a stream" img-synth --count 10
#     must_fail 2 "a junk number is misuse" img-synth --count 1O
#
# A test runs in an empty folder that goes away ($top is the checkout, $BUILD the
# build); the plan is printed at the end, and a script that dies early has none.
# A command is one word and its arguments; a pipe is a function of the test.
set -u -o pipefail
export LC_ALL=C TZ=UTC
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE AUGSELF_ISA AUGSELF_THREADS AUGSELF_NAME AUGSELF_PROGRESS
# A make that a test starts is not a part of the make that runs the tests.
unset MAKEFLAGS MAKEOVERRIDES MFLAGS MAKELEVEL
top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
BUILD=${BUILD:-$top/build/release}
export PATH="$BUILD/bin:$PATH" BUILD
# Of an OpenBLAS that is older than the CPU every training would complain: then it is told a core.
case $(ssl-train --version 2>/dev/null) in
*"set avx512"*" Barcelona "*) export OPENBLAS_CORETYPE=SkylakeX ;;
*" Barcelona "*) export OPENBLAS_CORETYPE=Haswell ;;
esac
tests=0 failed=0
exec </dev/null
scratch=$(mktemp -d "${TMPDIR:-/tmp}/augself-test.XXXXXX") || exit 1
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
mkdir "$scratch/here" && cd "$scratch/here" || exit 1

# result GOOD NAME: one line; returns GOOD.
result()
{
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then echo "ok $tests - $2"; return 0; fi
	failed=$((failed + 1))
	echo "not ok $tests - $2"
	return 1
}

diag() { printf '%s\n' "$@" | head -n 20 | cat -v | sed 's/^/# /'; }

# run COMMAND...: its status in $status, its outputs in the files $out and $err.
run()
{
	out=$scratch/out err=$scratch/err
	"$@" >"$out" 2>"$err"
	status=$?
}

# ok NAME COMMAND...: exits 0.
ok()
{
	run "${@:2}"
	[ $status = 0 ]; result $? "$1" || diag "exit $status: ${*:2}" "$(cat "$err")"
}

# must_fail STATUS NAME COMMAND...: exits with just this status (so never by a
# signal) and says something, in lines that start with a program's name.
must_fail()
{
	run "${@:3}"
	[ $status = "$1" ] && grep -q '^[a-z-]*: .' "$err"
	result $? "$2" || diag "exit $status, want $1 and a message: ${*:3}" "$(cat "$err")"
}

# is GOT WANT NAME; like TEXT REGEX NAME (extended).
is() { [ "$1" = "$2" ]; result $? "$3" || diag "got  '$1'" "want '$2'"; }
like() { grep -Eq -- "$2" <<<"$1"; result $? "$3" || diag "got '$1'" "want a line like /$2/"; }

# programs: the names of all. ssl-train-mpi is ssl-train once more, as one of several ranks, and has a test of its own.
programs() { (cd "$BUILD/bin" && ls) | grep -vx ssl-train-mpi; }

# mpi_there: whether ranks can be started here, as mpirun $quiet; prepares it for root, for more ranks than CPUs, and for leaks that
# are MPI's own.
# shellcheck disable=SC2034 # for those who call it
mpi_there()
{
	[ -x "$BUILD/bin/ssl-train-mpi" ] && command -v mpirun >"$scratch/log" || return
	export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
	export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_base_warn_component_unused=0
	export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
	quiet=$(mpirun --version | grep -q HYDRA || echo -q) # MPICH says nothing by itself
}
# shellcheck disable=SC2034
no_mpi="no MPI on this machine (Debian: openmpi-bin, libopenmpi-dev)"

# python_with MODULE,...: a Python that has them, or nothing.
python_with()
{
	local p
	for p in ${AUGSELF_PYTHON:-python3 /usr/bin/python3}; do
		"$p" -c "import $1" 2>"$scratch/log" && echo "$p" && return
	done
}

# bare PROGRAM SOURCE...: PROGRAM-bare, in which these files of lib/ are compiled as if the libraries that they load were
# not here.
bare()
{
	local f flags=() links objects=()
	read -ra links < <(sed -n 's/^LIB_LINKS := //p' "$BUILD/libraries.mk")
	case $BUILD in
	*/asan) flags=("-fsanitize=address,undefined") ;;
	*/tsan) flags=(-fsanitize=thread) ;;
	*/cov) flags=(--coverage) ;;
	esac
	for f in "${@:2}"; do
		objects+=("$(basename "$f" .c).o")
		"${CC:-gcc}" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Wmissing-prototypes -Wunused -Werror "${flags[@]}" \
			-I"$top/lib" -c -o "${objects[-1]}" "$top/lib/$f" || return
	done
	"${CC:-gcc}" "${flags[@]}" -o "$1-bare" "$BUILD/tools/$1.o" \
		"$BUILD"/tools/{bad,common,message,options,output,progress,relay,terminal}.o \
		"${objects[@]}" "$BUILD/libaugself.a" -Wl,--as-needed -pthread "${links[@]}" -ldl -lm
}

skip() { tests=$((tests + 1)); echo "ok $tests - $1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

# The last line of every test.
# block PAGE NAME: of a manual page, the literal block behind the comment that names it.
block()
{
	awk -v name=".\\\\\" $2" '
	$0 == name { here = 1 }
	/^\.Ed/ { inside = here = 0 }
	inside { gsub(/\\e/, "\\"); print }
	/^\.Bd/ && here { inside = 1 }' "$1"
}

done_testing() { echo "1..$tests"; exit $((failed > 0 || tests == 0)); }
