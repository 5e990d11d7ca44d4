#define _GNU_SOURCE /* sched_getaffinity, CPU_ALLOC, getline */
#include "base/machine.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"

enum { MAX_PATH = 4096, MOST_CPUS = 1 << 16 };

/* A resource: the name of its controller, and its limit in one folder of a hierarchy. */
struct resource {
	const char *controller;
	double (*limit)(const char *folder, bool unified);
};

/* ---- files of a group ---- */

/* The first line of a file of the folder, "" where there is none. */
static const char *read_line(const char *folder, const char *name, char line[64])
{
	char path[2 * MAX_PATH];
	FILE *f = (size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path ? fopen(path, "r") : NULL;
	line[0] = 0;
	if (f && !fgets(line, 64, f))
		line[0] = 0;
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = 0;
	return line;
}

/* A whole number of at least `least`; "max", -1 and what is no such number are INFINITY: no limit. */
static double whole(const char *text, uint64_t least)
{
	uint64_t n;
	return as_parse_u64(text, least, UINT64_MAX, &n, NULL) ? (double)INFINITY : (double)n;
}

static double bytes_limit(const char *folder, bool unified)
{
	char line[64];
	if (!unified)
		return whole(read_line(folder, "memory.limit_in_bytes", line), 1);
	double most = whole(read_line(folder, "memory.max", line), 1);
	return fmin(most, whole(read_line(folder, "memory.high", line), 1)); /* above it a group is slowed down to a halt */
}

/* Microseconds of CPU time in each period of so many microseconds; the kernel takes no less than 1000 of either. */
static double cpus_limit(const char *folder, bool unified)
{
	enum { LEAST = 1000 };
	char quota[64], other[64], *period = other;
	if (unified) {
		read_line(folder, "cpu.max", quota);
		period = quota + strcspn(quota, " ");
		period += *period ? (*period = 0, 1) : 0;
	} else {
		read_line(folder, "cpu.cfs_quota_us", quota);
		read_line(folder, "cpu.cfs_period_us", other);
	}
	double most = whole(quota, LEAST), of = whole(period, LEAST);
	return isfinite(most) && isfinite(of) ? most / of : (double)INFINITY;
}

static const struct resource cpu = {"cpu", cpus_limit}, memory = {"memory", bytes_limit};

/* ---- where the group is ---- */

/* Whether a list "cpu,cpuacct" has the word. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (!strncmp(list, word, n) && (!list[n] || list[n] == ','))
			return true;
	return false;
}

/* Copies a path of mountinfo, in which blanks and the like are \ and three octal digits. */
static void unescape(const char *from, char *to)
{
	for (; *from; to++) {
		unsigned c;
		if (*from == '\\' && sscanf(from + 1, "%3o", &c) == 1 && strlen(from) > 3) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
}

/* The path of our group from a line of /proc/self/cgroup, "NUMBER:CONTROLLERS:PATH"; NULL: the line is of another
 * hierarchy. The unified one has no controllers. */
static const char *group_of(char *line, const struct resource *r, bool unified)
{
	char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
	if (!path)
		return NULL;
	*path++ = 0;
	return (unified ? !list[1] : has_word(list + 1, r->controller)) ? path : NULL;
}

/* Sets what of the hierarchy is mounted (root) and where (at), from a line of /proc/self/mountinfo: "ID PARENT DEVICE
 * ROOT AT OPTIONS ... - TYPE SOURCE OPTIONS". */
static bool mount_of(char *line, const struct resource *r, bool unified, char *root, char *at)
{
	char *type = strstr(line, " - "), *field[5], *rest = line, options[256], kind[32];
	if (!type || sscanf(type, " - %31s %*s %255s", kind, options) != 2)
		return false;
	if (strcmp(kind, unified ? "cgroup2" : "cgroup") || (!unified && !has_word(options, r->controller)))
		return false;
	*type = 0;
	for (int i = 0; i < 5; i++)
		if (!(field[i] = strtok_r(rest, " ", &rest)) || strlen(field[i]) >= MAX_PATH)
			return false;
	unescape(field[3], root);
	unescape(field[4], at);
	return true;
}

/* Looks at each line of a file below the root until `found` is true of one; false: none. */
struct search {
	const struct resource *r;
	bool unified;
	char group[MAX_PATH], root[MAX_PATH], at[MAX_PATH];
};

static bool is_group(char *line, struct search *s)
{
	const char *path = group_of(line, s->r, s->unified);
	return path && (size_t)snprintf(s->group, sizeof s->group, "%s", path) < sizeof s->group;
}

static bool is_mount(char *line, struct search *s)
{
	return mount_of(line, s->r, s->unified, s->root, s->at);
}

static bool find_line(const char *root, const char *name, bool (*found)(char *, struct search *), struct search *s)
{
	char path[2 * MAX_PATH], *line = NULL;
	size_t room = 0;
	bool good = false;
	FILE *f = (size_t)snprintf(path, sizeof path, "%s%s", root, name) < sizeof path ? fopen(path, "r") : NULL;
	while (f && !good && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		good = found(line, s);
	}
	free(line);
	if (f)
		fclose(f);
	return good;
}

/* The group below what is mounted: a container has a part of the hierarchy, and may know its group by the
 * path outside. A path that leads up is of a group outside. */
static const char *below(const struct search *s)
{
	size_t n = strcmp(s->root, "/") ? strlen(s->root) : 0;
	const char *rest = strncmp(s->group, s->root, n) ? "" : s->group + n;
	return (*rest && *rest != '/') || strstr(rest, "/..") || !strcmp(rest, "/") ? "" : rest;
}

/* The least limit of our group and those above it, in one of the two kinds of hierarchy. */
static double least_in(const char *root, const struct resource *r, bool unified)
{
	struct search s = {.r = r, .unified = unified};
	char folder[3 * MAX_PATH];
	double least = (double)INFINITY;
	if (!find_line(root, "/proc/self/cgroup", is_group, &s) || !find_line(root, "/proc/self/mountinfo", is_mount, &s))
		return least;
	size_t top = strlen(root) + strlen(s.at);
	if ((size_t)snprintf(folder, sizeof folder, "%s%s%s", root, s.at, below(&s)) >= sizeof folder)
		return least;
	for (;;) {
		least = fmin(least, r->limit(folder, unified));
		char *end = strrchr(folder + top, '/');
		if (!end)
			return least;
		*end = 0;
	}
}

/* A system may have both kinds mounted; the resource is in one of them. */
static double least_of(const char *root, const struct resource *r)
{
	return fmin(least_in(root, r, false), least_in(root, r, true));
}

double as_cgroup_cpus(const char *root)
{
	return least_of(root, &cpu);
}

static size_t of_double(double bytes)
{
	return bytes < (double)SIZE_MAX ? (size_t)bytes : SIZE_MAX;
}

size_t as_cgroup_bytes(const char *root)
{
	return of_double(least_of(root, &memory));
}

/* ---- CPUs ---- */

/* The kernel refuses a set that is smaller than its own. */
static int affinity(void)
{
	for (int most = CPU_SETSIZE; most <= MOST_CPUS; most *= 2) {
		cpu_set_t *set = CPU_ALLOC((size_t)most);
		size_t size = CPU_ALLOC_SIZE((size_t)most);
		if (!set)
			return 1;
		int n = sched_getaffinity(0, size, set) ? 0 : CPU_COUNT_S(size, set);
		CPU_FREE(set);
		if (n)
			return n;
	}
	return 1;
}

int as_cpus(void)
{
	int n = affinity();
	double quota = ceil(as_cgroup_cpus(""));
	return quota < n ? quota < 1 ? 1 : (int)quota : n;
}

/* ---- memory ---- */

static size_t physical(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
	return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
}

/* What a limit of ulimit leaves beside the pages that are in use. */
static size_t left_of(int limit, unsigned long long pages)
{
	struct rlimit l;
	size_t used = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
	if (getrlimit(limit, &l) || l.rlim_cur == RLIM_INFINITY)
		return SIZE_MAX;
	return l.rlim_cur > used ? (size_t)l.rlim_cur - used : 0;
}

/* What ulimit allows in all, or beside so many pages of address space and of data. */
static size_t by_ulimit(unsigned long long space, unsigned long long data)
{
	size_t a = left_of(RLIMIT_AS, space), b = left_of(RLIMIT_DATA, data);
	return a < b ? a : b;
}

/* Libraries and stacks of threads count as well, which is much where the limit is low. */
static size_t ulimit_leaves(void)
{
	unsigned long long space = 0, data = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%llu %*u %*u %*u %*u %llu", &space, &data) != 2)
		space = data = 0;
	if (f)
		fclose(f);
	return by_ulimit(space, data);
}

/* The least of all, and who allows it. */
static size_t most_bytes(const char **who)
{
	const struct {
		const char *who;
		size_t bytes;
	} limit[] = {{"the machine has", physical()}, {"the control group may have", as_cgroup_bytes("")},
		     {"ulimit allows", by_ulimit(0, 0)}};
	int least = 0;
	for (int i = 1; i < 3; i++)
		least = limit[i].bytes < limit[least].bytes ? i : least;
	*who = limit[least].who;
	return limit[least].bytes;
}

size_t as_machine_bytes(void)
{
	const char *who;
	return most_bytes(&who);
}

size_t as_machine_free(void)
{
	size_t most = as_machine_bytes(), left = ulimit_leaves();
	char line[128];
	unsigned long long kib;
	FILE *f = fopen("/proc/meminfo", "r");
	most = left < most ? left : most;
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1 && kib < most >> 10)
			most = (size_t)kib << 10;
	if (f)
		fclose(f);
	return most;
}

int as_memory_fits(size_t bytes, const char *what, const char *remedy, struct as_error *err)
{
	const char *who;
	size_t most = most_bytes(&who);
	if (bytes <= most)
		return 0;
	return as_fail(err, AS_EMEM, "%s takes %zu MiB, %s %zu%s%s", what, bytes >> 20, who, most >> 20, *remedy ? ": " : "", remedy);
}
