/* Public since 0.2. What this process may use of the machine: CPUs and memory. A batch system or a container
 * gives a process less than is installed, in three ways that are all asked here: its affinity, its control group
 * (cgroup, version 1 or 2) with all groups above it, and the limits of ulimit. */
#ifndef AS_BASE_MACHINE_H
#define AS_BASE_MACHINE_H

#include <stddef.h>

#include "base/error.h"

AS_BEGIN

/* The CPUs that this process may use, at least 1: those of its affinity, and no more than the time that its control
 * group has a share of, rounded up (a quota of 2.5 CPUs is 3: two threads would leave some of it unused). */
int as_cpus(void);

/* The bytes of memory that this process may have: the machine's, or less where its control group or ulimit
 * (-v, -d) allows less. */
size_t as_machine_bytes(void);
/* How many of them are free now, for all that the system says (caches count as free). */
size_t as_machine_free(void);

/* Whether so many bytes may be taken. Linux gives more than there is and kills who touches it, so that big memory is
 * asked for here first. AS_EMEM: "WHAT takes N MiB, the machine has M", or what else allows less, and the remedy
 * behind a colon ("" for none). */
AS_NODISCARD int as_memory_fits(size_t bytes, const char *what, const char *remedy, struct as_error *);

/* The limits of a control group and of all above it, for the tests with a folder in place of the root of the file
 * system (""): how many CPUs' time, INFINITY for any; how many bytes, SIZE_MAX for any. What is not there or is not
 * understood limits nothing. */
double as_cgroup_cpus(const char *root);
size_t as_cgroup_bytes(const char *root);

AS_END
#endif
