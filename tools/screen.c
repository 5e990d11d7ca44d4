#define _DEFAULT_SOURCE /* TIOCGWINSZ, SIGWINCH */
#include "screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "relay.h"

/* The other screen, and no cursor; and back. */
static const char ENTER[] = "\033[?1049h\033[?25l\033[H\033[J", LEAVE[] = "\033[?25h\033[?1049l";

static volatile sig_atomic_t ended, stopped, changed;
static bool drawing, keys;
static struct termios usual;

static void on_signal(int number)
{
	if (number == SIGTSTP)
		stopped = 1;
	else if (number == SIGWINCH || number == SIGCONT)
		changed = 1;
	else
		ended = number;
}

bool screen_can(void)
{
	const char *term = getenv("TERM");
	return isatty(relay_output()) && term && *term && strcmp(term, "dumb") != 0;
}

bool screen_colours(void)
{
	const char *none = getenv("NO_COLOR");
	return screen_can() && !(none && *none);
}

bool screen_utf8(void)
{
	return setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8");
}

void screen_size(int *width, int *height)
{
	struct winsize size = {0};
	bool said = !ioctl(relay_output(), TIOCGWINSZ, &size);
	*width = said && size.ws_col ? size.ws_col : 80;
	*height = said && size.ws_row ? size.ws_row : 24;
}

static void put(const char *text)
{
	(void)write_all(1, text, strlen(text));
}

static void catch(int number)
{
	struct sigaction a = {.sa_handler = on_signal};
	sigemptyset(&a.sa_mask);
	sigaction(number, &a, NULL);
}

void screen_catch(void)
{
	static const int number[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT};
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		catch(number[i]);
}

static void enter(void)
{
	struct termios quiet = usual;
	quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (keys)
		tcsetattr(0, TCSANOW, &quiet);
	put(ENTER);
}

static void leave(void)
{
	put(LEAVE);
	if (keys)
		tcsetattr(0, TCSANOW, &usual);
}

void screen_begin(bool keyboard)
{
	keys = keyboard && !tcgetattr(0, &usual);
	catch(SIGTSTP);
	drawing = true;
	enter();
	atexit(screen_end);
}

void screen_end(void)
{
	if (drawing)
		leave();
	drawing = false;
}

/* What terminals do: begin at the top, empty the rest of the line, empty the rest of the screen. */
enum { CODE = 3 };
static const char top[CODE] = {'\033', '[', 'H'}, line_rest[CODE] = {'\033', '[', 'K'}, rest[CODE] = {'\033', '[', 'J'};

/* Each line is written over the old one, and then its rest emptied, so that nothing flickers. */
void screen_show(const char *lines, size_t n)
{
	size_t room = 2 * n + 64, used = 0;
	char *out = malloc(room + 4 * n);
	if (!out)
		return; /* the next picture may find memory */
	memcpy(out, top, used = CODE);
	for (size_t i = 0; i < n; i++) {
		if (lines[i] == '\n') {
			memcpy(out + used, line_rest, CODE);
			used += CODE;
			if (i + 1 < n)
				out[used++] = '\r', out[used++] = '\n';
		} else {
			out[used++] = lines[i];
		}
	}
	memcpy(out + used, rest, CODE);
	(void)write_all(1, out, used + CODE);
	free(out);
}

/* Ctrl-Z: the terminal is the shell's until we go on. */
static void stop_here(void)
{
	stopped = 0;
	leave();
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	catch(SIGTSTP);
	enter();
	changed = 1;
}

static void end_by(int number)
{
	screen_end();
	signal(number, SIG_DFL);
	raise(number);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Whether the key q was pressed. A keyboard that is gone is not asked again. */
static bool quit_key(void)
{
	char c;
	ssize_t n = read(0, &c, 1);
	keys = keys && (n > 0 || (n < 0 && errno == EINTR));
	return n == 1 && (c == 'q' || c == 'Q');
}

bool screen_wait(double seconds)
{
	double until = now() + seconds, left;
	while (!ended && !changed && (left = until - now()) > 0) {
		struct pollfd p = {.fd = 0, .events = POLLIN};
		bool asks = drawing && keys;
		if (poll(&p, asks ? 1 : 0, left > 1e6 ? 1000000000 : (int)(left * 1000) + 1) > 0 && quit_key())
			return false;
		if (stopped && drawing)
			stop_here();
	}
	changed = 0;
	if (ended && ended != SIGINT)
		end_by(ended);
	return !ended;
}
