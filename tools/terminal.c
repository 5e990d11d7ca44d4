#define _DEFAULT_SOURCE /* TIOCGWINSZ */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "relay.h"

/* Moves to column 1 and empties the line. */
#define CLEAR "\r\033[K"

/* Seconds that one run uses a terminal shared by several, and that it pauses before its next turn. */
static const double turn = 3, rest = 1.0 / 3;

static struct {
	pthread_mutex_t lock;
	bool drawn, ours;
	double since; /* when our turn began, or ended */
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Whether a line can be drawn over; elsewhere, as in a file, each line stays. */
bool terminal_rewrites(void)
{
	const char *term = getenv("TERM");
	return isatty(2) && term && *term && strcmp(term, "dumb") != 0;
}

/* A job in the background leaves the line to the one in front. */
static bool in_front(void)
{
	pid_t front = tcgetpgrp(2);
	return front < 0 || front == getpgrp();
}

static int columns(void)
{
	struct winsize size;
	return ioctl(2, TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

/* Shortens a text to this many columns. A character that is not ASCII may take two. */
static void shorten(char *text, int room)
{
	for (char *s = text; *s; s++) {
		bool middle = ((unsigned char)*s & 0xc0) == 0x80;
		room -= middle ? 0 : (unsigned char)*s < 0x80 ? 1 : 2;
		if (room < 0) {
			*s = 0;
			return;
		}
	}
}

/* Two runs side by side, as under make -j2, take turns at the bottom line. Whoever holds a lock on the
 * terminal has its turn; the lock ends with the process. If there are no locks, all draw. */
static bool our_turn(double now)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (line.ours && now - line.since < turn)
		return true;
	if (line.ours) {
		l.l_type = F_UNLCK;
		line.ours = fcntl(2, F_SETLK, &l) < 0;
		line.since = now;
		return line.ours;
	}
	if (now - line.since < rest) /* another may take the lock */
		return false;
	line.ours = !fcntl(2, F_SETLK, &l) || (errno != EACCES && errno != EAGAIN);
	line.since = line.ours ? now : 0;
	return line.ours;
}

/* Writes in one piece, so that another program's text does not come in between. Errors are ignored. */
static void put(const char *text)
{
	(void)write_all(2, text, strlen(text));
}

void terminal_draw(const char *text, double now)
{
	char out[600];
	pthread_mutex_lock(&line.lock);
	line.drawn = in_front() && our_turn(now);
	if (line.drawn) {
		snprintf(out, sizeof out, CLEAR "%s", text);
		shorten(out + sizeof CLEAR - 1, columns() - 1);
		put(out);
	}
	pthread_mutex_unlock(&line.lock);
}

void terminal_clear(void)
{
	pthread_mutex_lock(&line.lock);
	if (line.drawn)
		put(CLEAR);
	line.drawn = false;
	pthread_mutex_unlock(&line.lock);
}

void say_line(const char *text)
{
	char clean[1100], out[sizeof clean + 16];
	snprintf(clean, sizeof clean, "%s", text);
	as_plain(clean);
	pthread_mutex_lock(&line.lock);
	snprintf(out, sizeof out, "%s%s\n", terminal_rewrites() && in_front() ? CLEAR : "", clean);
	put(out);
	line.drawn = false;
	pthread_mutex_unlock(&line.lock);
}
