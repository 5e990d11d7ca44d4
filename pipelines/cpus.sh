#!/bin/sh
# cpus.sh: how many CPUs a process may use here: those of its affinity, and no more than its control group has a share of,
# rounded up. As lib/base/machine.c counts, for hierarchies that are mounted where they usually are. CPUS_ROOT is, for the
# tests, a folder in place of the root of the file system.
n=$(nproc) || exit 1
groups=$CPUS_ROOT/proc/self/cgroup
[ -r "$groups" ] || groups=/dev/null
awk -F : -v root="$CPUS_ROOT" -v n="$n" '
	function first(file, line) {
		if ((getline line < file) <= 0)
			line = ""
		close(file)
		return line
	}
	function heed(quota, period) {
		if (quota ~ /^[0-9]+$/ && period ~ /^[0-9]+$/ && quota > 0 && period > 0 && quota / period < n)
			n = quota / period
	}
	$2 == "" || $2 ~ /(^|,)cpu(,|$)/ {
		top = root "/sys/fs/cgroup" (($2 == "") ? "" : "/" $2)
		path = ($3 ~ /\/\.\.|^\/$/) ? "" : $3
		for (;;) {
			if ($2 == "") {
				split(first(top path "/cpu.max"), said, " ")
				heed(said[1], said[2])
			} else {
				heed(first(top path "/cpu.cfs_quota_us"), first(top path "/cpu.cfs_period_us"))
			}
			if (path == "")
				break
			sub(/\/[^\/]*$/, "", path)
		}
	}
	END { print int(n) + (int(n) < n) }' "$groups"
