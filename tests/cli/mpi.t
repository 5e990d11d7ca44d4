#!/usr/bin/env bash
# Ranks by MPI: processes that train together end with the very model and log of one, for any number of them that
# divides the grains, and after any death. Needs mpirun.
# shellcheck disable=SC2086 # options are several words
. "${0%/*}/../lib.sh"

{ [ -x "$BUILD/bin/ssl-train-mpi" ] && command -v mpirun >"$scratch/log"; } ||
	skip_all "no MPI on this machine (Debian: openmpi-bin, libopenmpi-dev)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
quiet=$(mpirun --version | grep -q HYDRA || echo -q) # MPICH says nothing by itself
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_base_warn_component_unused=0 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe

net="--width .0625 --batch 32 --grains 8 --head-hidden 16 --log-every 1"
export EPOCHS=2 SHARD=''
# 80 images an epoch, two whole batches and a half.
source_of() { img-synth -q --count 80 --size 16 --epochs $EPOCHS --shuffle $SHARD ${AFTER-} | aug-sample -q --size 16 | aug-apply -q -j1; }
export -f source_of

# alone NAME OPTIONS...
alone() { source_of | ssl-train -q $net --epochs $EPOCHS "${@:2}" --log "$1.log" -o "$1.safetensors"; }
# ranks R NAME OPTIONS...: as many processes, each with a pipe of its own.
ranks()
{
	# shellcheck disable=SC2016 # these are the ranks' own
	R=$1 NAME=$2 OPTIONS="$net --epochs $EPOCHS ${*:3}" mpirun $quiet -n "$1" bash -c '
		rank=${OMPI_COMM_WORLD_RANK-$PMI_RANK}
		SHARD="--shard $((rank + 1))/$R --batch 32"
		source_of | bash -c "echo \$\$ >pid.$rank
			exec ssl-train-mpi -q -j1 $OPTIONS --log $NAME.log -o $NAME.safetensors"' </dev/null
}

while read -r method heads more; do
	alone one --method "$method" --augself "$heads" $more || diag "$method does not train alone"
	for r in 2 4 8; do
		ok "$method, $heads $more: $r ranks" ranks $r "r$r" --method "$method" --augself "$heads" $more
		ok "... end with the model of one" cmp one.safetensors "r$r.safetensors"
		ok "... and its log" cmp one.log "r$r.log"
	done
done <<END
simsiam crop=1,color=1 --set hidden=32,bottleneck=16
moco color=1 --set out=16,queue=48
simclr none --set out=16
byol crop=1,flip=1 --set hidden=32,out=16
swav color=1 --set hidden=32,out=16,prototypes=8
supervised crop=1
END
# Deaths: a rank that is killed ends all, and the same command line goes on, on another number of ranks.
net="$net --method byol --augself crop=1 --set hidden=32,out=16"
EPOCHS=120
alone one
kills=${KILLS:-5} killed=0 rounds=0 RANDOM=7
counts=(2 8 4 2 1 8)
export AFTER="--after k.state"
while [ ! -e k.safetensors ] && [ $rounds -lt $((3 * kills + 20)) ]; do
	rm -f pid.*
	ranks "${counts[rounds % 6]}" k --state k.state --every 1 2>>k.err &
	mpi=$!
	if [ $killed -lt "$kills" ]; then
		victim=pid.$((RANDOM % counts[rounds % 6]))
		until [ -s $victim ] || ! kill -0 $mpi 2>>k.err; do sleep .1; done
		sleep "0.$((RANDOM % 600 + 300))"
		kill -9 "$(cat $victim)" 2>>k.err && killed=$((killed + 1))
	fi
	wait $mpi
	rounds=$((rounds + 1))
done
is "$killed" "$kills" "ranks that were killed, in $rounds runs"
ok "... and the model is that of a run that nobody disturbed" cmp one.safetensors k.safetensors
ok "... the log too" cmp one.log k.log
done_testing
