#define _DEFAULT_SOURCE /* setitimer, SIGXCPU */
#include "ending.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/text.h"
#include "common.h"

volatile sig_atomic_t ending;

static volatile sig_atomic_t state_wanted;
static double limit = HUGE_VAL; /* by ending_clock */
static double longest_step, longest_save, guess;
static bool saved; /* longest_save was measured */

/* What ends a training. `again`: a second one has its default action, in case waiting for the reader of a pipe
 * keeps us from heeding the first. Others come several times by themselves: the kernel sends SIGXCPU every second, a
 * batch system SIGUSR1 to each process of a job, a terminal that goes away SIGHUP by two ways. `dies`: shells know such an
 * end by its signal. */
static const struct cause {
	int signal;
	const char *name;
	bool again, dies;
} causes[] = {
	{SIGINT, "SIGINT", true, true},    {SIGTERM, "SIGTERM", true, true},   {SIGHUP, "SIGHUP", false, true},
	{SIGUSR1, "SIGUSR1", false, false}, {SIGXCPU, "SIGXCPU", false, false}, {SIGALRM, "--time-limit", false, false},
};
enum { CAUSES = sizeof causes / sizeof *causes };

double ending_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the limit ---- */

/* Seconds since 1970; ends the program if the text is no such number. */
static double epoch(const char *what, const char *text)
{
	uint64_t n;
	struct as_error err;
	if (as_parse_u64(text, 0, UINT32_MAX * (uint64_t)16, &n, &err))
		die(EXIT_USAGE, "%s: seconds since 1970: %s", what, err.text);
	return (double)n;
}

void ending_limit(const char *text)
{
	char length[64];
	uint64_t seconds = 0;
	struct as_error err;
	double now = (double)time(NULL), from = now;
	const char *at = strchr(text, '@'), *job = getenv("SLURM_JOB_END_TIME");
	snprintf(length, sizeof length, "%.*s", at ? (int)(at - text) : (int)sizeof length - 1, text);
	if (!strcmp(text, "slurm") && !job)
		die(EXIT_USAGE, "--time-limit slurm: there is no SLURM_JOB_END_TIME: this is no job, or its Slurm does not set it: export "
		    "SLURM_JOB_END_TIME=$(date -d \"$(squeue -h -j $SLURM_JOB_ID -o %%e)\" +%%s)");
	if (!strcmp(text, "slurm"))
		from = epoch("SLURM_JOB_END_TIME", job);
	else if (at)
		from = epoch("--time-limit", at + 1);
	if (strcmp(text, "slurm") && (!at || *length) && as_parse_seconds(length, &seconds, &err))
		die(EXIT_USAGE, "--time-limit: %s", err.text);
	limit = ending_clock() + from - now + (double)seconds;
}

double ending_left(void)
{
	return limit - ending_clock();
}

/* Sets the alarm; if it is too late for that, asks for the end at once. */
static void arm(void)
{
	double left = ending_left() - 2 * longest_step - 2 * (saved ? longest_save : guess) - 1;
	struct itimerval alarm = {.it_value = {0, 0}};
	if (!isfinite(limit) || ending)
		return;
	left = fmin(left, 1e8);
	alarm.it_value.tv_sec = (time_t)fmax(left, 0);
	alarm.it_value.tv_usec = (suseconds_t)(1e6 * (fmax(left, 0) - floor(fmax(left, 0))));
	if (left < .001)
		ending = SIGALRM;
	else
		setitimer(ITIMER_REAL, &alarm, NULL);
}

void ending_took(double step, double save)
{
	if (step <= longest_step && (save <= 0 || (saved && save <= longest_save)))
		return;
	longest_step = fmax(longest_step, step);
	longest_save = fmax(longest_save, save);
	saved = saved || save > 0;
	arm();
}

void ending_done(void)
{
	limit = HUGE_VAL;
	setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 0}}, NULL);
}

/* ---- signals ---- */

static void on_signal(int number)
{
	if (number == SIGUSR2)
		state_wanted = 1;
	else if (!ending) /* the first is the cause: what a shell is told does not change while the state is written */
		ending = number;
}

void ending_catch(double save)
{
	struct sigaction was, a = {.sa_handler = on_signal};
	sigemptyset(&a.sa_mask);
	for (int i = 0; i < CAUSES; i++) {
		/* SA_RESTART, so that a hook is waited for in any case */
		a.sa_flags = SA_RESTART | (causes[i].again ? (int)SA_RESETHAND : 0);
		/* nohup */
		if (causes[i].signal == SIGHUP && !sigaction(SIGHUP, NULL, &was) && was.sa_handler == SIG_IGN)
			continue;
		sigaction(causes[i].signal, &a, NULL);
	}
	a.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &a, NULL);
	guess = save;
	arm();
}

bool ending_wants_state(void)
{
	bool wanted = state_wanted;
	state_wanted = 0;
	return wanted;
}

void ending_wait(void)
{
	for (int i = 0; i < 20 && !ending; i++)
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static const struct cause *cause(void)
{
	int i = 0;
	while (causes[i].signal != ending && i < CAUSES - 1)
		i++;
	return &causes[i];
}

const char *ending_name(void)
{
	return cause()->name;
}

void ending_now(void)
{
	if (!cause()->dies)
		exit(EXIT_GO_ON);
	drop_file();
	signal((int)ending, SIG_DFL);
	raise((int)ending);
	abort(); /* not reached: none of these signals is blocked */
}
