#!/usr/bin/env bash
# What to run, and how much of it: CPUs that are left.
# shellcheck disable=SC2016,SC2086
. "${0%/*}/../lib.sh"

# --- CPUs: the script for make counts as the library (tests/unit/machine.c) ---
cpus() { ROOT=$PWD/root sh "$top/pipelines/cpus.sh"; }
# group FILE TEXT: a file of control groups
group() { mkdir -p "root/${1%/*}" && printf '%s\n' "$2" >"root/$1"; }
mkdir fake && printf '#!/bin/sh\necho 16\n' >fake/nproc && chmod +x fake/nproc
PATH=$PWD/fake:$PATH
is "$(cpus)" 16 "CPUs without control groups: those of the affinity"
group proc/self/cgroup 0::/user/job
group sys/fs/cgroup/user/job/cpu.max 'max 100000'
is "$(cpus)" 16 "... nor with a group that has no limit"
group sys/fs/cgroup/user/job/cpu.max '250000 100000'
is "$(cpus)" 3 "a share of 2.5 is 3"
group sys/fs/cgroup/user/cpu.max '100000 100000'
is "$(cpus)" 1 "a group above with less"
group sys/fs/cgroup/user/cpu.max '5000000 100000'
is "$(cpus)" 3 "... or with more"
group sys/fs/cgroup/user/job/cpu.max '10000 100000'
is "$(cpus)" 1 "a tenth is one"
for junk in '' '0 0' 'x y' '-1 5' '100000'; do
	group sys/fs/cgroup/user/job/cpu.max "$junk"
	is "$(cpus)" 16 "'$junk' limits nothing"
done
group proc/self/cgroup 3:cpu,cpuacct:/job
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us 200000
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us 100000
is "$(cpus)" 2 "version 1"
group sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us -1
is "$(cpus)" 16 "... without a limit"
PATH=${PATH#*:}
done_testing
