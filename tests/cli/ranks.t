#!/usr/bin/env bash
# RANKS=4 of the pipelines: each training as so many processes of an MPI, with the files of one. Where they go, how many threads they
# have and what is said when it cannot be is asked of an MPI that is played, so that it needs none.
. "${0%/*}/../lib.sh"
unset "${!SLURM@}" "${!OMPI@}" "${!PMI@}" HOSTS RANKS LAUNCH BATCH GRAINS
script=$top/pipelines/ranks.sh

# --- played: a launcher of any kind, ranks that say what they were given, eight CPUs ---
mkdir bin elsewhere
cat >bin/mpirun <<'END'
#!/bin/bash
[ "$1" != --version ] || { echo "$PLAYED"; exit; }
printf '%s' "$*" | head -n 1 | sed 's/ -c .*//' >said
[ -z "$LOST" ] || exit 1
[ -z "$GONE" ] || mv "$PWD" "$PWD.gone"
for ((r = 0; r < ${*: -4:1}; r++)); do
	case $PLAYED in
	*MPI*) export OMPI_COMM_WORLD_RANK=$r OMPI_COMM_WORLD_LOCAL_SIZE=$LOCAL ;;
	HYDRA*) export PMI_RANK=$r MPI_LOCALNRANKS=$LOCAL ;;
	*) export SLURM_PROCID=$r ;;
	esac
	(cd "${APART:-.}" && "${@: -3}") || exit
done
END
cat >bin/ssl-train-mpi <<'END'
#!/bin/sh
echo "$(cat) $AUGSELF_THREADS${AUGSELF_NAME:+ $AUGSELF_NAME} $*" >>"$OUT"
END
# shellcheck disable=SC2016 # for the programs
for p in ldd:'echo "${LINKED-libmpi.so.40}"' nproc:'echo "${CPUS-8}"' id:'echo 1000'; do
	printf '#!/bin/sh\n%s\n' "${p#*:}" >"bin/${p%%:*}"
done
chmod +x bin/*
cp bin/mpirun bin/srun
real=$PATH
export PATH="$PWD/bin:$PATH" CPUS_ROOT=$PWD/none PLAYED="mpirun (Open MPI) 4.1.4" LOCAL=4 OUT=$PWD/out
# shellcheck disable=SC2016 # a rank's
text='views() { echo "$share"; }; train() { $trainer --option "two words"; }'
# ranks SETTING... : what the ranks say, and what the launcher was told in `said`
ranks() { rm -f said out; env BATCH=256 "$@" bash "$script" "$text" </dev/null 2>err; status=$?; }
# told SETTINGS WANT NAME
told() { # shellcheck disable=SC2086 # settings
	ranks $1
	is "$(cat said 2>&1)" "$2" "$3" || diag "$(cat err)"
}
ranks RANKS=4
is "$status $(cat out)" "0 --shard 1/4 --batch 256 2 --option two words
--shard 2/4 --batch 256 2 rank 1 on $HOSTNAME --option two words
--shard 3/4 --batch 256 2 rank 2 on $HOSTNAME --option two words
--shard 4/4 --batch 256 2 rank 3 on $HOSTNAME --option two words" \
	"each rank has its block, its part of the CPUs, and its name" || diag "$(cat err)"
is "$(cat said)" "-q --oversubscribe --bind-to none -n 4 bash" "Open MPI binds none, and counts no CPUs"
threads() { is "$(awk '{ print $5 }' out | sort -u | xargs)" "$1" "$2"; }
ranks RANKS=8 LOCAL=8 BATCH=512 CPUS=4
threads 1 "more ranks than CPUs: a thread each"
ranks RANKS=4 LOCAL=1
threads 8 "one rank on each machine: all its CPUs"
ranks RANKS=4 OMPI_MCA_orte_bound_at_launch=1 CPUS=3
threads 3 "ranks that are bound have as many as they are bound to"
ranks RANKS=2 AUGSELF_THREADS=5
threads 5 "AUGSELF_THREADS is heeded"
ranks RANKS=2 "LAUNCH=mpirun --map-by ppr:1:socket"
is "$(cat said)" "--map-by ppr:1:socket -q -n 2 bash" "a launcher of one's own says where ranks go"

printf '# ours\nnode1 slots=3\r\n\nnode2:1 # small\n' >hosts
told "RANKS=4 HOSTS=hosts" "-q --oversubscribe --bind-to none --host node1:3,node2:1 -n 4 bash" "machines of a file, in both MPIs' writing"
told "RANKS=4 HOSTS=a,b" "-q --oversubscribe --bind-to none --host a:2,b:2 -n 4 bash" "... or by name, ranks divided evenly"
export PLAYED="HYDRA build details:" LINKED=libmpich.so.12
told "RANKS=4 HOSTS=a,b:2" "-hosts a:2,b:2 -n 4 bash" "MPICH has options of its own"
ranks RANKS=4
is "$(sed -n 4p out) $(cat said)" "--shard 4/4 --batch 256 2 rank 3 on $HOSTNAME --option two words -n 4 bash" "... and names for ranks"
export PLAYED=slurm LINKED=libmpi.so.40
told "RANKS=4 LAUNCH=srun SLURM_CPUS_PER_TASK=3" "--mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=3 -n 4 bash" "srun"
threads 3 "... with the CPUs of a task"
ranks RANKS=4 LAUNCH=srun SLURM_STEP_TASKS_PER_NODE='2(x2)' SLURM_CPUS_ON_NODE=6
threads 3 "... or its part of the job's"
is "$(sed -n 4p out)" "--shard 4/4 --batch 256 3 rank 3 on $HOSTNAME --option two words" "... and its rank"
export PLAYED="mpirun (Open MPI) 4.1.4"

# --- what cannot be ---
# refused SETTINGS BATCH:GRAINS LINE NAME
refused() {
	local said
	# shellcheck disable=SC2086
	said=$(env $1 bash "$script" --check $2)
	is "$? $said" "1 $3" "$4"
}
refused RANKS=3 256:0 "RANKS=3: a power of two: 1, 2, 4, 8, ..." "a number of ranks that none divides"
refused RANKS=four 256:0 "RANKS=four: a number of processes, 1, 2, 4, 8, ..." "what is no number"
refused RANKS=8 "256:0 512:0" "RANKS=8: a batch of 256 has no 8 grains of 64 images: BATCH=512, or GRAINS=8 for smaller ones \
(another result then, for any number of ranks)" "a batch that is too small"
refused RANKS=4 512:2 "RANKS=4: GRAINS=2 cannot be divided among them: RANKS=2, or GRAINS=4 \
(another result then, for any number of ranks)" \
	"grains that are too few"
refused "RANKS=2 HOSTS=none" 256:0 "HOSTS=none: no such file; it has a line for each machine, as \"node1 slots=1\"; or HOSTS=node1,node2" \
	"no file of machines"
refused "RANKS=8 HOSTS=hosts" 512:0 "HOSTS=hosts has slots for 4 ranks, not for RANKS=8: more machines, or larger slots=" "too few slots"
refused "RANKS=2 HOSTS=a,b LAUNCH=srun" 256:0 "HOSTS=a,b: srun takes the machines of its job: leave it out" "srun has its own machines"
refused "RANKS=2 LAUNCH=nompi" 256:0 "RANKS=2: there is no nompi: apt-get install openmpi-bin, or LAUNCH=srun in a job of Slurm" \
	"no launcher"
refused "RANKS=2 LINKED=libmpich.so.12 LAUNCH=$PWD/bin/mpirun" 256:0 "LAUNCH=$PWD/bin/mpirun is of Open MPI, ssl-train-mpi of MPICH: \
LAUNCH=mpirun.mpich" "a launcher of another MPI would start so many trainings of one"
printf '#!/bin/sh\necho 0\n' >bin/id
refused RANKS=2 256:0 "Open MPI does not run as root, unless OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 are exported" \
	"root"
printf '#!/bin/sh\necho 1000\n' >bin/id
for p in bash env sed awk cat basename dirname head compgen mktemp rm mv sh; do ln -sf "$(command -v $p)" "elsewhere/$p"; done
cp bin/{mpirun,ldd,nproc,id} elsewhere
is "$(env RANKS=2 PATH="$PWD/elsewhere" bash "$script" --check 256:0)" "RANKS=2: there is no ssl-train-mpi: install the package \
augself-mpi, or openmpi-bin and libopenmpi-dev and build again" "no program"
ranks RANKS=3
is "$status $(cat err)" "1 ranks.sh: RANKS=3: a power of two: 1, 2, 4, 8, ..." "it is said on standard error too"
ranks RANKS=2 HOSTS=a,b LOST=1
is "$status $(cat err)" "1 ranks.sh: mpirun ended (exit 1) before a rank began: does it reach all machines? Ask it without -q: \
mpirun --oversubscribe --bind-to none --host a:1,b:1 -n 2 hostname" "a launcher that ends without a word"
APART=/ ranks RANKS=2
is "$status" 0 "a machine that begins elsewhere goes to the folder" || diag "$(cat err)"
mkdir temp
(cd temp && env GONE=1 RANKS=2 BATCH=256 bash "$script" "$text" 2>../err)
is "$? $(sort -u err)" "1 ranks.sh: $HOSTNAME has no folder $PWD/temp: all machines need the same folders, by the same names" \
	"a machine that has not the folder is named"
(PATH=$PWD/elsewhere:$PWD/bin env RANKS=2 BATCH=256 bash "$script" "$text" 2>err)
is "$? $(grep ranks.sh err | sort -u)" "1 ranks.sh: $HOSTNAME has no img-read: all machines need the same programs, by the same PATH" \
	"... or not the programs"
make_says() { make -s -f "$top/pipelines/$1.mk" SCALE=smoke OUT=none "${@:2}" 2>&1 | head -n 1; }
like "$(make_says cifar RANKS=2)" '\*\*\* RANKS=2: a batch of 16 has no 2 grains of 64 images: BATCH=128, or GRAINS=2' \
	"make says it before it begins"
like "$(make_says demo RANKS=2)" '\*\*\* RANKS=2: a batch of 64 has no 2 grains' "... in every pipeline"
[ ! -e none ]; result $? "... and makes nothing"

# --- a real MPI ---
export PATH=$real
unset PLAYED LOCAL CPUS_ROOT LINKED OUT
if ! mpi_there; then
	skip "pipelines on two ranks" "$no_mpi"
	done_testing
fi
cifar() { make -f "$top/pipelines/cifar.mk" BIN="$BUILD/bin" SCALE=smoke GRAINS=2 EPISODES=5 "$@"; }
ok "cifar.mk, as one process" cifar OUT=one
ok "... and as two" cifar OUT=two RANKS=2
is "$(cd two/cifar && sha256sum seed0/*/{model.safetensors,log.tsv})" "$(cd one/cifar && sha256sum seed0/*/{model.safetensors,log.tsv})" \
	"the same models and logs"
ok "... and scores" cmp one/cifar.tsv two/cifar.tsv
run cifar -n OUT=one RANKS=2
is "$(grep -c 'ssl-train\|feat-extract' "$out")" 0 "what one process has trained, ranks train no more"

run env HOSTS=a,b make -f "$top/pipelines/cifar.mk" BIN="$BUILD/bin" SCALE=smoke OUT=planned NETWORKS=simsiam RANKS=2 plan
like "$(tail -n 1 "$out")" '^training takes [0-9.]+ hours as RANKS=2 on 2 machines like this one, by 10 Gbit/s; [0-9.]+ by 1 Gbit/s$' \
	"a plan says what machines save" || diag "$(cat "$err")"

# A training that is ended in four ways goes on, on other ranks each time, to the same.
words=(SIZE=8 IMAGES=320 TRAIN=60 VAL=40 TEST=120 EPOCHS=8 WARMUP=1 BATCH=32 GRAINS=4
	"NET=--arch resnet18 --stem cifar --width 0.0625 --set hidden=64,bottleneck=16 --head-hidden 64")
demo() { make -f "$top/pipelines/demo.mk" BIN="$BUILD/bin" "${words[@]}" "$@" "${OUT-end}/augself/model.safetensors"; }
# ended SIGNAL SETTING...: by SIGNAL, sent to all that Ctrl-C reaches, when a state is written that was not there before
ended()
{
	touch before
	(env --default-signal=INT setsid bash -c 'echo $$ >pid; exec "$@"' - make -f "$top/pipelines/demo.mk" BIN="$BUILD/bin" \
		"${words[@]}" OUT=end "${@:2}" end/augself/model.safetensors >"$scratch/log" 2>&1) 2>/dev/null &
	disown # bash has nothing to say about its death
	for _ in $(seq 400); do
		[ end/augself/state -nt before ] && break
		sleep 0.05
	done
	kill -"$1" -- "-$(cat pid)"
	for _ in $(seq 400); do
		pgrep -s "$(cat pid)" >pids || break
		sleep 0.05
	done
}
epochs() { tail -n 1 end/augself/log.tsv | cut -f 2; }
ended INT RANKS=2
like "$(cat "$scratch/log")" "SIGUSR1: ended after step [0-9]+; the same command line goes on from end/augself/state" \
	"Ctrl-C: all ends at a state"
[ ! -e end/augself/model.safetensors ] && [ ! -s pids ]; result $? "... without a model, and nobody is left" || diag "$(cat "$scratch/log")"
ended KILL RANKS=4
[ ! -e end/augself/model.safetensors ] && [ ! -s pids ]; result $? "killed, on four ranks: nobody is left" || diag "$(ps -s "$(cat pid)" x)"
run demo OUT=end RANKS=1 TIME_LIMIT=1@0
is "$status" 2 "no time left, for one rank"
run demo OUT=end RANKS=2 TIME_LIMIT=1@0
is "$status $(ls end/go-on)" "2 end/go-on" "... and for two: OUT/go-on says so" || diag "$(cat "$err")"
like "$(cat "$err")" "is not done in TIME_LIMIT=1@0: the same make goes on" "... and make"
ok "the rest, on two ranks" demo OUT=end RANKS=2
[ ! -e end/go-on ]; result $? "... which is all"
OUT=whole ok "the same undisturbed, as one process" demo OUT=whole
for f in model.safetensors log.tsv; do
	ok "the same $f" cmp whole/augself/$f end/augself/$f
done

# The job of augself-cluster(7), of a Slurm that is played: ended in time it is queued again, and then done.
export SLURM_NTASKS=2 SLURM_JOB_ID=17 SLURM_CPUS_PER_TASK=1
block "$top/man/augself-cluster.7" "cluster job" |
	sed "s,-f pipelines/imagenet100.mk DATA=/data SCALE=paper,-f $top/pipelines/cifar.mk BIN=$BUILD/bin SCALE=smoke GRAINS=2," >job
cat >bin/srun <<'END'
#!/bin/bash
echo "${*:1:$#-5}" >>sruns
mpirun -n 2 "${@: -3}" | grep -v '^$'
exit "${PIPESTATUS[0]}"
END
printf '#!/bin/sh\necho "$*" >>queued\n' >bin/scontrol
printf '#!/bin/sh\necho "1970-01-01T00:00:01 $*" >>asked; echo 1970-01-01T00:00:01\n' >bin/squeue
rm bin/mpirun bin/id bin/ldd bin/nproc bin/ssl-train-mpi
chmod +x bin/*
run env PATH="$PWD/bin:$PATH" bash job
is "$status $(cat queued) $(sort -u asked)" "2 requeue 17 1970-01-01T00:00:01 -h -j 17 -o %e" \
	"the job asks when it ends, ends before that and is queued again" || diag "$(cat "$err")"
run env PATH="$PWD/bin:$PATH" SLURM_JOB_END_TIME=4000000000 bash job
is "$status $(wc -l <queued)" "0 1" "... and goes on until it is done" || diag "$(cat "$err")"
is "$(sort -u sruns)" "--mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=1" "... by srun"
is "$(cd run/cifar && sha256sum seed0/*/{model.safetensors,log.tsv})" "$(cd one/cifar && sha256sum seed0/*/{model.safetensors,log.tsv})" \
	"... with the same models"
[ ! -e run/cifar.html ]; result $? "... and nothing is asked there"
done_testing
