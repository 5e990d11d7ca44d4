#!/usr/bin/env bash
# Machines that a network joins: ssl-train-mpi over TCP between two network namespaces, whose cable is slow and jitters; then
# it is cut, one of them has another processor, one bad memory. All that is made here is in a namespace of its own and goes
# with it.
# shellcheck disable=SC2086 # options are several words
inside=${AUGSELF_TEST_INSIDE-}
. "${0%/*}/../lib.sh"

[ -n "$inside" ] || { [ -x "$BUILD/bin/ssl-train-mpi" ] && command -v mpirun >"$scratch/log"; } ||
	skip_all "no MPI on this machine (Debian: openmpi-bin, libopenmpi-dev)"
[ -n "$inside" ] || mpirun --version | grep -q 'Open MPI' || skip_all "is written for Open MPI's options"
for p in ip tc unshare; do
	command -v $p >"$scratch/log" || skip_all "no $p on this machine (Debian: iproute2, util-linux)"
done
if [ -z "$inside" ]; then
	enter=(unshare --mount --net --pid --fork --kill-child --mount-proc)
	[ "$(id -u)" = 0 ] || enter+=(--map-root-user)
	"${enter[@]}" true 2>"$scratch/err" || skip_all "no namespaces here: $(head -n 1 "$scratch/err")"
	AUGSELF_TEST_INSIDE=1 "${enter[@]}" "$top/tests/cli/network.t"
	exit
fi

# ---- the machines: a, where mpirun is, and b ----

address() { case $1 in a) echo 10.77.0.1 ;; b) echo 10.77.0.2 ;; esac }
build()
{
	mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link add switch type bridge && ip link set switch up &&
		ip netns add a && ip netns add b && ip link add to-a type veth peer name eth0 netns a || return
	# where there are no taps, the cable to b does not delay
	"$BUILD/tests/cable" to-b end-b 1 2 >cable.out 2>cable.err &
	until grep -q ready cable.out || [ -s cable.err ]; do sleep .1; done
	if grep -q ready cable.out; then
		ip link set end-b netns b name eth0
	else
		diag "a cable without delay: $(cat cable.err)"
		ip link add to-b type veth peer name eth0 netns b || return
	fi
	for m in a b; do
		ip link set to-$m master switch up && ip -n $m link set lo up && ip -n $m link set eth0 up &&
			ip -n $m addr add "$(address $m)/24" dev eth0 || return
	done
}
# 20 Mbit/s each way.
rate="rate 20mbit burst 16k latency 1s"
slow() { tc qdisc add dev to-b root tbf $rate && tc -n b qdisc add dev eth0 root tbf $rate; }
build 2>build.err || skip_all "no network namespaces here: $(head -n 1 build.err)"
slow 2>slow.err || diag "a cable of full speed: $(head -n 1 slow.err)"

# As ssh: HOST COMMAND...
cat >enter <<'END'
#!/usr/bin/env bash
case $1 in 10.77.0.1) host=a ;; *) host=b ;; esac
shift
exec ip netns exec $host unshare --uts bash -c "hostname $host; $*"
END
chmod +x enter

# ---- a training ----

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_plm_rsh_agent=$PWD/enter OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include=10.77.0.0/24
export OMPI_MCA_oob_tcp_if_include=10.77.0.0/24 OMPI_MCA_orte_tmpdir_base=$scratch
# As ssl-train-mpi(1) says: mpirun takes a machine for lost that has not answered for 40 seconds.
export OMPI_MCA_oob_tcp_keepalive_time=5 OMPI_MCA_oob_tcp_keepalive_intvl=7 OMPI_MCA_oob_tcp_keepalive_probes=5

export RANKS=1 OMPI_COMM_WORLD_RANK=0 EPOCHS=4 ODD='' MORE='' AFTER=''
rank()
{
	local r=$OMPI_COMM_WORLD_RANK
	[ "$r" != 2 ] || [ -z "$ODD" ] || export ${ODD?}
	img-synth -q --count 80 --size 16 --epochs $EPOCHS --shuffle --shard $((r + 1))/$RANKS --batch 32 $AFTER | aug-sample -q --size 16 |
		aug-apply -q -j1 | ssl-train$MPI -q -j1 --epochs $EPOCHS --width .0625 --batch 32 --grains 4 --method byol \
		--augself crop=1 --set hidden=32,out=16 --head-hidden 16 $MORE
}
export -f rank
alone() { MPI='' RANKS=1 rank; }
# both HOSTS: 4 ranks.
both()
{
	MPI=-mpi RANKS=4 ip netns exec a unshare --uts bash -c "hostname a; exec mpirun -q -n 4 --host $1 bash -c rank" </dev/null
}
two=$(address a):2,$(address b):2
# What is left on the machines, and what they said, but for a race of mpirun's own.
left() { { ip netns pids a; ip netns pids b; } | wc -l; }
said() { grep -v 'plm:rsh: Warning: setpgid' "$err"; }

MORE="-o one.safetensors" alone
MORE="-o slow.safetensors" ok "two machines, whose cable is slow" both $two
ok "... end with the bytes of one" cmp one.safetensors slow.safetensors
bytes=$(ip netns exec b cat /sys/class/net/eth0/statistics/tx_bytes)
[ "$bytes" -gt 1000000 ]; result $? "... which have talked ($bytes bytes)"

ODD=AUGSELF_ISA=generic MORE="-o isa.safetensors" run both $two
[ $status != 0 ]; result $? "a rank with another processor does not train"
is "$(said | wc -l)" 1 "... which one line says"
like "$(said)" "rank 2 cannot train with rank 0: it has 'kernels: generic'" "... and names it"

if [ -e "$BUILD/tests/bitflip.so" ]; then
	EPOCHS=30 ODD="LD_PRELOAD=$BUILD/tests/bitflip.so AS_FLIP=9" MORE="-o bits.safetensors" run both "$(address a):4"
	[ $status != 0 ]; result $? "a rank whose memory turned a bit does not go on"
	is "$(said | wc -l)" 1 "... which one line says"
	like "$(said)" "after step 50 the parameters of rank 2 are not those of rank 0" "... and names it"
else
	skip "a rank whose memory turned a bit" "sanitizers let nothing be preloaded"
fi

# The cable is cut when a state is there.
export MORE="--state cut.state --every 1 -o cut.safetensors" AFTER="--after cut.state" EPOCHS=8
cut()
{
	both $two &
	until [ -e cut.state ]; do sleep .1; done
	ip link set to-b down
	SECONDS=0
	wait $!
}
run cut
took=$SECONDS
[ $status != 0 ] && [ ! -e cut.safetensors ]; result $? "a machine that is cut off ends the run"
[ $took -le 60 ]; result $? "... within a minute ($took s)"
is "$(said | wc -l)" 1 "... with one line"
like "$(said)" 'nothing was heard for 30 s of rank 2 on b and 1 more: .* start the same command again' "... that names it"
for ((i = 0; i < 100 && $(left); i++)); do sleep .1; done
is "$(left)" 0 "... and no process is left on either machine"
ip link set to-b up
# A cable carries a while after it is up; mpirun, which -q keeps from saying so, ends where it cannot reach a machine.
reached() { ip netns exec a bash -c ': </dev/tcp/10.77.0.2/9' 2>&1 | grep -q refused; }
for ((i = 0; i < 100; i++)); do ! reached || break; sleep .1; done
ok "the same command goes on" both $two
MORE="-o whole.safetensors" AFTER='' alone
ok "... to the bytes of a run that nobody cut" cmp whole.safetensors cut.safetensors
done_testing
