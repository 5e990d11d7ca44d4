/* The end of a training before it is done, at a state: what a signal or the time limit asks for. */
#ifndef AS_TOOLS_ENDING_H
#define AS_TOOLS_ENDING_H

#include <signal.h>
#include <stdbool.h>

#include "base/attr.h"

/* The status of a program that ended at a state because it was asked to: the same command line goes on (EX_TEMPFAIL
 * of sysexits.h). */
enum { EXIT_GO_ON = 75 };

/* The signal that asks for the end; 0: none has come. */
extern volatile sig_atomic_t ending;

/* Reads a time limit: a length of time, which counts from now, "LENGTH@EPOCH" from a time in seconds since 1970,
 * "@EPOCH" for a time that is the limit, or "slurm", the end of the job. A wrong one ends the program. */
void ending_limit(const char *text);

/* Seconds of the time limit that are left; INFINITY: there is none. */
double ending_left(void);

/* From here on SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU and the time limit set `ending`. `save`: seconds that a state
 * may take, while none has been written. */
void ending_catch(double save);

/* Notes how long a step, or writing a state, has taken. The time limit asks for the end twice the longest of each
 * before it is reached, and a second. */
void ending_took(double step, double save);

/* Whether SIGUSR2 has asked for a state since this was last called. */
bool ending_wants_state(void);

/* The work is done: the time limit asks for nothing more. */
void ending_done(void);

/* Waits a moment for a signal: one that was sent to a whole pipe may reach the programs before us first. */
void ending_wait(void);

/* What asked for the end: "SIGTERM", "--time-limit". */
const char *ending_name(void);

/* Ends the program: by the signal, if that is what a shell expects of it, or with EXIT_GO_ON. */
AS_NORETURN void ending_now(void);

/* Seconds of a clock that only moves forward. */
double ending_clock(void);

#endif
