#!/usr/bin/env bash
# Ranks by MPI: processes that train together end with the very model and log of one, for any number of them that
# divides the grains, and after any death. Needs mpirun.
# shellcheck disable=SC2086 # options are several words
. "${0%/*}/../lib.sh"

mpi_there || skip_all "$no_mpi"

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
# What ends a run: a request, which all ranks heed at the same step; or an error of one, which is one line.
small="$net --method byol --augself crop=1 --set hidden=32,out=16"
# ended OPTIONS...: runs until the state is there, then hands SIGUSR1 to mpirun.
ended()
{
	# shellcheck disable=SC2016,SC2030 # the ranks' own
	R=2 OPTIONS="$small --epochs 4000 $*" mpirun -q -n 2 bash -c 'trap "" USR1
		rank=${OMPI_COMM_WORLD_RANK-$PMI_RANK}
		img-synth -q --count 80 --size 16 --epochs 4000 --shard $((rank + 1))/$R --batch 32 | aug-sample -q --size 16 |
			aug-apply -q -j1 | ssl-train-mpi -q -j1 $OPTIONS' </dev/null &
	until [ -e u.state ] || ! kill -0 $!; do sleep .1; done
	kill -USR1 $!
	wait $!
}
run ended --state u.state --every 4 -o u.safetensors
is $status 75 "SIGUSR1 to mpirun ends all ranks at a state"
[ -e u.state ] && [ ! -e u.safetensors ]; result $? "... which is there, and no model"
# broken SOURCE OPTIONS...
broken_source() { if [ "$1" = 1 ]; then source_of | head -c 60000; else source_of; fi; }
export -f broken_source
broken()
{
	# shellcheck disable=SC2016 # the ranks' own
	R=4 SOURCE=$1 OPTIONS="$small --epochs $EPOCHS ${*:2}" mpirun -q -n 4 bash -c '
		rank=${OMPI_COMM_WORLD_RANK-$PMI_RANK}
		SHARD="--shard $((rank + 1))/$R --batch 32"
		$SOURCE $rank | ssl-train-mpi -q -j1 $OPTIONS -o broken.safetensors' </dev/null
}
# broke LINE WHAT
broke()
{
	[ $status != 0 ] && [ ! -e broken.safetensors ]; result $? "$2 ends all"
	is "$(grep -c '^ssl-train: ' "$err")" 1 "... with one line"
	like "$(cat "$err")" "$1" "... that names the rank and the cause"
}
EPOCHS=40 run broken broken_source
broke '^ssl-train: \[rank 1\] .*truncated' "a stream of one rank that breaks"
if [ -c /dev/full ]; then
	EPOCHS=40 run broken source_of --log /dev/full
	broke '^ssl-train: \[rank 0\] .*No space left' "a disk that is full"
fi

# Deaths: of a rank, or of mpirun itself, ends all, and the same command line goes on, on another number of ranks.
net="$net --method byol --augself crop=1 --set hidden=32,out=16"
kills=${KILLS:-5} killed=0 rounds=0 stayed=0 RANDOM=7
EPOCHS=$((24 * kills))
alone one
counts=(2 8 4 2 1 8)
export AFTER="--after k.state"
kill_one() # MPIRUN RANKS
{
	local n=$((RANDOM % ($2 + 1))) pid
	until [ -s pid.$((n % $2)) ] || ! kill -0 "$1"; do sleep .1; done
	pid=$(cat pid.$((n % $2)))
	sleep "0.$((RANDOM % 600 + 300))"
	[ $n != "$2" ] || pid=$1
	kill -9 "$pid" && killed=$((killed + 1))
}
# Of the ranks of a run that has ended.
still_there() { for p in pid.*; do ! kill -0 "$(cat "$p")" || return 0; done 2>>k.err; return 1; }
while [ ! -e k.safetensors ] && [ $rounds -lt $((3 * kills + 20)) ]; do
	rm -f pid.*
	r=${counts[rounds % 6]}
	ranks $r k --state k.state --every 1 2>>k.err &
	mpi=$!
	until boss=$(pgrep -P $mpi) || ! kill -0 $mpi 2>>k.err; do sleep .1; done
	[ $killed -ge "$kills" ] || kill_one "${boss:-none}" $r 2>>k.err
	# An mpirun whose rank dies while it begins may hang when all ranks are gone (Open MPI 4.1: "PMIX ERROR: UNREACHABLE").
	for ((i = 0; i < 200; i++)); do
		kill -0 $mpi 2>>k.err || break
		[ ! -e pid.0 ] || ! still_there || i=0
		sleep .1
	done
	[ $i -lt 200 ] || kill -9 "$boss"
	wait $mpi
	for ((i = 0; i < 100; i++)); do
		still_there || break
		sleep .1
	done
	! still_there || stayed=$((stayed + 1))
	rounds=$((rounds + 1))
done
is "$killed" "$kills" "ranks or mpirun that were killed, in $rounds runs"
is "$stayed" 0 "... after which no rank stays"
ok "... and the model is that of a run that nobody disturbed" cmp one.safetensors k.safetensors
ok "... the log too" cmp one.log k.log
done_testing
