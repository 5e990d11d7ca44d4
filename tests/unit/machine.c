/* CPUs and memory that a control group leaves: files of version 1 and 2 under a folder in place of the root, also such
 * as no kernel writes. */
#include "base/machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/poison.h"

#include "../tap.h"

#ifdef __SANITIZE_THREAD__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = AS_POISONS };
#endif

static char root[64];

/* Writes a file below the root, with the folders that lead to it. */
static void put(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s%s", root, name);
	for (char *p = path + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(path, 0700);
	}
	FILE *f = fopen(path, "w");
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static void fresh(const char *group, const char *mounts)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s/*", root);
	if (system(command))
		ok(false, "%s", command);
	put("/proc/self/cgroup", group);
	put("/proc/self/mountinfo", mounts);
}

static const char V2[] = "22 1 0:21 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
static const char V1[] = "21 1 0:20 / /sys rw - sysfs sysfs rw\n"
			 "31 21 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
			 "32 21 0:29 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory\n"
			 "33 21 0:30 / /sys/fs/cgroup/cpuset rw shared:11 - cgroup cgroup rw,cpuset\n";

static void is_limit(double cpus, size_t bytes, const char *name)
{
	double got = as_cgroup_cpus(root);
	size_t have = as_cgroup_bytes(root);
	if (!ok((isinf(cpus) ? isinf(got) : fabs(got - cpus) < 1e-9) && have == bytes, "%s", name))
		printf("# %g CPUs and %zu bytes, wanted %g and %zu\n", got, have, cpus, bytes);
}

static const double ANY = (double)INFINITY;

static void test_unified(void)
{
	fresh("0::/user/job\n", V2);
	is_limit(ANY, SIZE_MAX, "version 2: a group without files has no limit");
	put("/sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
	put("/sys/fs/cgroup/user/job/memory.max", "max\n");
	is_limit(ANY, SIZE_MAX, "... nor one that says max");
	put("/sys/fs/cgroup/user/job/cpu.max", "250000 100000\n");
	put("/sys/fs/cgroup/user/job/memory.max", "4294967296\n");
	is_limit(2.5, (size_t)4294967296, "... and one with numbers has these");
	put("/sys/fs/cgroup/user/cpu.max", "150000 100000\n");
	put("/sys/fs/cgroup/user/memory.max", "1073741824\n");
	is_limit(1.5, 1073741824, "... or those of the group above, where they are less");
	put("/sys/fs/cgroup/user/cpu.max", "450000 100000\n");
	put("/sys/fs/cgroup/user/memory.max", "8589934592\n");
	is_limit(2.5, (size_t)4294967296, "... and not where they are more");
	put("/sys/fs/cgroup/cpu.max", "100000 100000\n");
	put("/sys/fs/cgroup/memory.high", "1048576\n");
	is_limit(1, 1048576, "... and those of the top");
	put("/cpu.max", "1000 100000\n");
	is_limit(1, 1048576, "... but of no folder above what is mounted");
}

static void test_first(void)
{
	fresh("4:memory:/slurm/job\n3:cpuset:/\n2:cpu,cpuacct:/slurm/job\n0::/\n", V1);
	is_limit(ANY, SIZE_MAX, "version 1: a group without files has no limit");
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_period_us", "100000\n");
	is_limit(ANY, SIZE_MAX, "... nor one of quota -1");
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_quota_us", "300000\n");
	put("/sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes", "2147483648\n");
	is_limit(3, 2147483648, "... and one with numbers has these");
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us", "50000\n");
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us", "100000\n");
	put("/sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "1073741824\n");
	is_limit(.5, 1073741824, "... or those of the group above");
	fresh("4:memory:/slurm/job\n2:cpu,cpuacct:/slurm/job\n0::/\n", V1);
	put("/sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.max", "100000 100000\n");
	is_limit(ANY, SIZE_MAX, "files of version 2 say nothing in version 1");
}

static void test_mounts(void)
{
	fresh("0::/pods/abc\n", "22 1 0:21 /pods/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/cpu.max", "200000 100000\n");
	is_limit(2, SIZE_MAX, "a container that has its group as the top, and is told the path outside");
	fresh("0::/pods/abc/in\n", "22 1 0:21 /pods/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/in/cpu.max", "100000 100000\n");
	is_limit(1, SIZE_MAX, "... and a group within it");
	fresh("0::/pods/abcd\n", "22 1 0:21 /pods/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/d/cpu.max", "100000 100000\n");
	is_limit(ANY, SIZE_MAX, "... but not one whose name only begins so");
	fresh("0::/../../other\n", V2);
	put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
	put("/sys/other/cpu.max", "100000 100000\n");
	is_limit(4, SIZE_MAX, "a path that leads out of what is mounted is not followed");
	fresh("0::/job\n", "22 1 0:21 / /mnt/a\\040b rw - cgroup2 none rw\n");
	put("/mnt/a b/job/memory.max", "4096\n");
	is_limit(ANY, 4096, "a mount with a blank in its name");
	fresh("1:cpu:/job\n0::/job\n", V2);
	put("/sys/fs/cgroup/job/cpu.max", "100000 100000\n");
	is_limit(1, SIZE_MAX, "version 2 beside a version 1 that is not mounted");
}

static void test_hostile(void)
{
	static const char *const cpu[] = {"", "\n", "0 0\n", "100000\n", "100000 0\n", "-5 100000\n", "1e5 100000\n", "100000 max\n",
					  "99999999999999999999999 100000\n", "max\n", "\1\2\3"};
	static const char *const memory[] = {"", "0\n", "-1\n", "4096 \n", "4 GiB\n", "18446744073709551616\n", "\377\n"};
	fresh("0::/job\n", V2);
	for (size_t i = 0; i < sizeof cpu / sizeof *cpu; i++) {
		put("/sys/fs/cgroup/job/cpu.max", cpu[i]);
		is_limit(ANY, SIZE_MAX, "what is no quota limits nothing");
	}
	for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
		put("/sys/fs/cgroup/job/memory.max", memory[i]);
		is_limit(ANY, SIZE_MAX, "what is no number of bytes limits nothing");
	}
	put("/sys/fs/cgroup/job/memory.max", "18446744073709551615\n");
	is_limit(ANY, SIZE_MAX, "the largest number is no limit");
	static char path[10000], line[10100];
	memset(path, 'x', sizeof path - 1);
	snprintf(line, sizeof line, "0::/%s\n", path);
	fresh(line, V2);
	is_limit(ANY, SIZE_MAX, "a path that is too long is no group");
	static const char *const lines[] = {"", "0", "0:", "0::", ":::\n", "\n\n", "0:cpu\n"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		fresh(lines[i], V2);
		is_limit(ANY, SIZE_MAX, "what is no line of a group");
	}
	static const char *const mounts[] = {"", " - cgroup2 a rw\n", "1 - cgroup2 a rw\n", "1 2 3 4 - cgroup2 a rw\n", "- cgroup2\n",
					     "22 1 0:21 / /sys/fs/cgroup rw\n", "22 1 0:21 \\ \\0 rw - cgroup2 a b\n"};
	for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
		fresh("0::/job\n", mounts[i]);
		is_limit(ANY, SIZE_MAX, "what is no line of a mount");
	}
}

static void test_here(void)
{
	struct rlimit was, less;
	ok(as_cpus() >= 1 && as_machine_bytes() > 0 && as_machine_free() <= as_machine_bytes(), "this machine has some of each");
	struct as_error err = {.text = ""};
	is_int(as_memory_fits(1, "a byte", "", &err), 0, "a byte fits");
	is_int(as_memory_fits(SIZE_MAX / 2, "all", "take less", &err), AS_EMEM, "half of all addresses do not");
	ok(!strncmp(err.text, "all takes 8796093022207 MiB, ", 29) && strstr(err.text, ": take less"), "... as is said: %s", err.text);
	if (SANITIZED || getrlimit(RLIMIT_DATA, &was)) {
		skip("ulimit -d: a sanitizer takes more memory than there is");
		return;
	}
	less = was;
	less.rlim_cur = 1 << 29;
	if (setrlimit(RLIMIT_DATA, &less)) {
		skip("ulimit -d");
		return;
	}
	is_int((int64_t)as_machine_bytes(), 1 << 29, "ulimit -d is a limit");
	is_int(as_memory_fits((size_t)1 << 30, "more", "", &err), AS_EMEM, "... beyond which nothing fits");
	ok(!strcmp(err.text, "more takes 1024 MiB, ulimit allows 512"), "... as is said: %s", err.text);
	if (setrlimit(RLIMIT_DATA, &was))
		ok(false, "the limit goes back");
}

int main(void)
{
	snprintf(root, sizeof root, "%s", "/tmp/augself-machine.XXXXXX");
	if (!ok(mkdtemp(root) != NULL, "a folder to write in"))
		return done();
	test_unified();
	test_first();
	test_mounts();
	test_hostile();
	test_here();
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", root);
	ok(!system(command), "the folder goes");
	return done();
}
