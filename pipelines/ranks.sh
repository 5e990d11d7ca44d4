#!/bin/bash
# ranks.sh TEXT: a training as RANKS processes of one MPI, with the bytes of one. TEXT is two shell functions: `views`, the source of
# a rank, to which $share says which images are its own, and `train`, whose program is $trainer. From the environment:
#
#   RANKS   how many; a power of two       BATCH, GRAINS   of the training, GRAINS 0 or nothing: the default
#   HOSTS   the machines: a file, a line each, NAME, NAME slots=N or NAME:N; or NAME,NAME. Nothing: this one, or the job's
#   LAUNCH  mpirun (nothing), srun, or a command line of one's own, which then also says where ranks go
#
# ranks.sh --check BATCH:GRAINS...: whether that can be; what is wrong is one line of standard output.
# ranks.sh --machines: how many there are.
#
# MPI binds no rank: the ranks of a machine share its CPUs evenly, as threads. Whoever binds them (a LAUNCH of his own, Slurm) has
# as many threads as he binds CPUs; AUGSELF_THREADS is heeded.
set -eu -o pipefail
: "${RANKS:=}" "${HOSTS:=}" "${LAUNCH:=mpirun}"
read -ra launch <<<"$LAUNCH"

# What stops us: a line, as short as what is to be typed.
wrong() {
	printf '%s\n' "$*"
	[ "$checking" ] || printf 'ranks.sh: %s\n' "$*" >&2
	exit 1
}

# --- what there is ---

# Of which MPI a launcher is.
kind_of() {
	case $(basename "$1") in
	srun) echo slurm ;;
	*) case $("$1" --version 2>/dev/null) in
		*"Open MPI"* | *OpenRTE*) echo openmpi ;;
		*HYDRA* | *Intel*) echo hydra ;;
		*) echo other ;;
		esac ;;
	esac
}
# Of which MPI our program is.
kind_of_trainer() {
	case $(ldd "$(command -v ssl-train-mpi)" 2>/dev/null) in
	*libmpich*) echo hydra ;;
	*libmpi.so*) echo openmpi ;;
	*) echo other ;;
	esac
}
named() { case $1 in openmpi) echo "Open MPI" ;; hydra) echo MPICH ;; *) echo "another MPI" ;; esac; }

# Where several are installed, Debian calls each by its name too.
find_launcher() {
	local mine
	kind=$(kind_of "${launch[0]}")
	mine=$(kind_of_trainer)
	[ "$kind" != slurm ] && [ "$mine" != other ] && [ "$kind" != other ] && [ "$kind" != "$mine" ] || return 0
	local own=mpirun.openmpi
	[ "$mine" != hydra ] || own=mpirun.mpich
	[ "${launch[*]}:$(type -t "$own")" = mpirun:file ] ||
		wrong "LAUNCH=${launch[0]} is of $(named "$kind"), ssl-train-mpi of $(named "$mine"): LAUNCH=$own"
	launch=("$own") kind=$mine
}

# NAME:SLOTS,... of HOSTS; where nothing is said, ranks are divided evenly.
read_hosts() {
	{ case $HOSTS in
	*,*) tr , '\n' <<<"$HOSTS" ;;
	*) cat "$HOSTS" ;;
	esac } | awk -v ranks="$RANKS" '
		{ sub(/#.*/, ""); sub(/\r/, "") }
		NF {
			name[++n] = $1
			if (match($1, /:[0-9]+$/)) {
				slots[n] = substr($1, RSTART + 1)
				name[n] = substr($1, 1, RSTART - 1)
			}
			for (i = 2; i <= NF; i++)
				if ($i ~ /^slots=[0-9]+$/)
					slots[n] = substr($i, 7)
		}
		END {
			for (i = 1; i <= n; i++)
				printf "%s%s:%d", (i > 1) ? "," : "", name[i], (slots[i] != "") ? slots[i] : int((ranks + n - 1) / n)
		}'
}

# --- whether it can be ---

# R divides the default's grains, which are powers of two of 64 images or more, as lib/ssl/settle.c has it, just if that holds.
check_batch() { # BATCH GRAINS
	local another="(another result then, for any number of ranks)"
	if [ "${2:-0}" != 0 ]; then
		[ $(($2 % RANKS)) = 0 ] ||
			wrong "RANKS=$RANKS: GRAINS=$2 cannot be divided among them: RANKS=$2, or GRAINS=$RANKS $another"
	elif [ $(($1 % RANKS)) != 0 ] || [ $(($1 / RANKS)) -lt 64 ]; then
		wrong "RANKS=$RANKS: a batch of $1 has no $RANKS grains of 64 images: BATCH=$((64 * RANKS)), or GRAINS=$RANKS for smaller" \
			"ones $another"
	fi
}

check_hosts() {
	local slots
	[ "$kind" != slurm ] || wrong "HOSTS=$HOSTS: srun takes the machines of its job: leave it out"
	case $HOSTS in
	*,*) ;;
	*) [ -r "$HOSTS" ] || wrong "HOSTS=$HOSTS: no such file; it has a line for each machine, as \"node1 slots=1\"; or" \
		"HOSTS=node1,node2" ;;
	esac
	slots=$(read_hosts | tr , '\n' | awk -F: '{ sum += $NF } END { print sum + 0 }')
	[ "$slots" -ge "$RANKS" ] || wrong "HOSTS=$HOSTS has slots for $slots ranks, not for RANKS=$RANKS: more machines, or larger slots="
}

check() { # BATCH:GRAINS...
	local each
	case $RANKS in '' | *[!0-9]*) wrong "RANKS=$RANKS: a number of processes, 1, 2, 4, 8, ..." ;; esac
	[ $((RANKS < 1 || (RANKS & (RANKS - 1)))) = 0 ] || wrong "RANKS=$RANKS: a power of two: 1, 2, 4, 8, ..."
	[ "$HOSTS" ] || [ "$RANKS" != 1 ] || return 0
	for each; do check_batch "${each%:*}" "${each#*:}"; done
	command -v ssl-train-mpi >/dev/null || wrong "RANKS=$RANKS: there is no ssl-train-mpi: install the package augself-mpi, or" \
		"openmpi-bin and libopenmpi-dev and build again"
	command -v "${launch[0]}" >/dev/null ||
		wrong "RANKS=$RANKS: there is no ${launch[0]}: apt-get install openmpi-bin, or LAUNCH=srun in a job of Slurm"
	find_launcher
	[ -z "$HOSTS" ] || check_hosts
	[ "$kind" != openmpi ] || [ "$(id -u)" != 0 ] || [ "${OMPI_ALLOW_RUN_AS_ROOT-}${OMPI_ALLOW_RUN_AS_ROOT_CONFIRM-}" = 11 ] ||
		wrong "Open MPI does not run as root, unless OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 are exported"
}

# --- a rank ---

# Variables by value, for a shell on another machine.
keep() {
	local v
	for v in $(compgen -e); do
		case $v in
		PATH | LD_LIBRARY_PATH | LC_ALL | TZ | TMPDIR | AUGSELF_* | OPENBLAS_* | SLURM_JOB_END_TIME)
			printf 'export %s=%q\n' "$v" "${!v}" ;;
		esac
	done
}

# How many threads: those of the CPUs that a rank is bound to; where it is not, its part of all.
threads() {
	local all=$1 local_ranks=1
	if [ "${OMPI_MCA_orte_bound_at_launch-}" ]; then
		:
	elif [ "${OMPI_COMM_WORLD_LOCAL_SIZE-${MPI_LOCALNRANKS-}}" ]; then
		local_ranks=${OMPI_COMM_WORLD_LOCAL_SIZE-$MPI_LOCALNRANKS}
	elif [ "${SLURM_CPUS_PER_TASK-}" ]; then
		all=$((SLURM_CPUS_PER_TASK < all ? SLURM_CPUS_PER_TASK : all))
	elif [ "${SLURM_STEP_TASKS_PER_NODE-}" ]; then
		local_ranks=${SLURM_STEP_TASKS_PER_NODE%%[!0-9]*}
		local mine=$((${SLURM_CPUS_ON_NODE:-$all} / local_ranks))
		[ "$all" -gt $mine ] && all=$mine
		local_ranks=1
	fi
	echo $((all / local_ranks > 1 ? all / local_ranks : 1))
}

rank_begin() {
	echo began
	cd "$1" 2>/dev/null ||
		{ echo "ranks.sh: $HOSTNAME has no folder $1: all machines need the same folders, by the same names" >&2; exit 1; }
	local rank=${OMPI_COMM_WORLD_RANK-${PMI_RANK-${PMIX_RANK-${SLURM_PROCID-0}}}} of
	for of in ssl-train-mpi img-read aug-sample aug-apply; do
		command -v $of >/dev/null ||
			{ echo "ranks.sh: $HOSTNAME has no $of: all machines need the same programs, by the same PATH" >&2; exit 1; }
	done
	[ "$rank" = 0 ] || export AUGSELF_NAME="rank $rank on $HOSTNAME${AUGSELF_NAME:+, $AUGSELF_NAME}"
	[ "${AUGSELF_THREADS-}" ] || AUGSELF_THREADS=$(threads "$(sh "$2")")
	export AUGSELF_THREADS
	# shellcheck disable=SC2034 # those functions use it
	trainer='exec ssl-train-mpi'
	share="--shard $((rank + 1))/$3 --batch $4"
}

# --- all ranks ---

options=()
place() {
	local given=
	[ -z "$HOSTS" ] || given=$(read_hosts)
	case $kind in
	openmpi)
		options+=(-q)
		[ ${#launch[@]} != 1 ] || options+=(--oversubscribe --bind-to none)
		[ -z "$given" ] || options+=(--host "$given")
		# Ranks that wait leave their CPU to the programs of the pipe.
		export OMPI_MCA_mpi_yield_when_idle=${OMPI_MCA_mpi_yield_when_idle-1}
		# A machine that answers nothing for 40 s is lost; ranks name it after 30.
		export OMPI_MCA_oob_tcp_keepalive_time=${OMPI_MCA_oob_tcp_keepalive_time-5}
		export OMPI_MCA_oob_tcp_keepalive_intvl=${OMPI_MCA_oob_tcp_keepalive_intvl-7}
		export OMPI_MCA_oob_tcp_keepalive_probes=${OMPI_MCA_oob_tcp_keepalive_probes-5}
		;;
	hydra) [ -z "$given" ] || options+=(-hosts "$given") ;;
	slurm)
		[ ${#launch[@]} != 1 ] || options+=(--mpi=pmix --kill-on-bad-exit=1)
		[ -z "${SLURM_CPUS_PER_TASK-}" ] || options+=(--cpus-per-task="$SLURM_CPUS_PER_TASK")
		;;
	esac
}

# A rank is its trainer: who signals the one signals the other, and its status is the rank's.
script_of() { # TEXT
	cat <<-END
		set -u -o pipefail
		$(keep)
		$(declare -f threads rank_begin)
		$1
		rank_begin $(printf '%q %q' "$PWD" "$(cd "$(dirname "$0")" && pwd)/cpus.sh") $RANKS $BATCH
		train < <(views)
	END
}

# A launcher that cannot reach a machine may end without a word (mpirun -q). Ranks write one on its output, which has no
# other use.
unreached() {
	[ ! -s /dev/fd/4 ] || return 0
	echo "ranks.sh: ${launch[0]} ended (exit $1) before a rank began: does it reach all machines?" \
		"Ask it without -q: $(printf '%s ' "${launch[@]}" "${options[@]/#-q/}" | tr -s ' ')-n $RANKS hostname" >&2
}

# To end it all at a state is SIGUSR1 for an MPI, which hands that on; to Ctrl-C it answers by killing within a second, and so
# it stands apart from the terminal. The second Ctrl-C is for itself. If we are killed, so is it.
caught=
hand_on() {
	if [ "$caught" ]; then kill -TERM "$launched"; else kill -USR1 "$launched"; fi 2>/dev/null || :
	caught=$1
}
launch() { # TEXT
	local apart=() s status=0 began
	began=$(mktemp)
	exec 4<>"$began"
	rm "$began"
	if setpriv --pdeathsig KILL true 2>/dev/null; then apart=(setpriv --pdeathsig KILL); fi
	set -m
	"${apart[@]}" "${launch[@]}" "${options[@]}" -n "$RANKS" bash -c "$(script_of "$1")" </dev/null >&4 &
	launched=$!
	set +m
	for s in INT TERM HUP USR1; do
		# shellcheck disable=SC2064 # now
		trap "hand_on $s" $s
	done
	while :; do
		wait "$launched" && status=0 || status=$?
		kill -0 "$launched" 2>/dev/null || break
	done
	[ "$caught" ] || [ $status = 0 ] || unreached $status
	case $caught in
	'' | USR1) exit $status ;;
	*) trap - "$caught"; kill -"$caught" $$ ;;
	esac
}

run() { # TEXT
	if [ -z "$HOSTS" ] && [ "$RANKS" = 1 ]; then
		eval "$1"
		# shellcheck disable=SC2034 # those functions use it
		share="--shard 1/1 --batch $BATCH" trainer=ssl-train
		views | train
	else
		place
		launch "$1"
	fi
}

checking=
if [ "$1" = --machines ]; then
	if [ "$HOSTS" ]; then read_hosts | tr , '\n' | grep -c .; else echo "${SLURM_JOB_NUM_NODES:-1}"; fi
elif [ "$1" = --check ]; then
	checking=1
	shift
	check "$@"
else
	check "$BATCH:${GRAINS:-0}" >/dev/null
	run "$1"
fi
