#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "relay.h"
#include "terminal.h"

void refuse_terminal(int fd)
{
	if (!manners.force && isatty(fd == 1 ? relay_output() : fd))
		die(EXIT_USAGE, fd ? "standard output is a terminal, and this is binary: '| rec-view' shows it, '> FILE' keeps it "
				"(--force overrides)" :
				"standard input is a terminal, and a stream is needed: put '| %s' behind the program that makes it, or "
				"'< FILE' (--force overrides)", tool_name());
}

/* errno is lost if an earlier write failed, so this asks the pipe whether it still has a reader. */
static bool reader_left(void)
{
	struct pollfd p = {1, 0, 0};
	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

int finish_text(void)
{
	bool bad = ferror(stdout), left = bad && reader_left();
	errno = 0;
	bad = fclose(stdout) || bad;
	int number = errno, relayed = relay_end();
	if (relayed ? relayed == EPIPE : !bad || number == EPIPE || left)
		return 0;
	char text[256];
	number = relayed ? relayed : number;
	snprintf(text, sizeof text, "%sstandard output: %s", line_prefix(), number ? strerror(number) : "a write failed");
	say_line(text);
	return EXIT_DATA;
}

void check_text(void)
{
	if (ferror(stdout))
		exit(finish_text());
}
