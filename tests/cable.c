/* A cable between two machines of a test, which delays: `cable A B MILLISECONDS JITTER` makes two network interfaces, A
 * and B, and passes what goes into one out of the other after MILLISECONDS and up to JITTER more, in order; frames that
 * would wait in a full queue are lost, as in a switch. It says "ready", and lives until it is killed, and the interfaces
 * with it. For Linux without netem; needs CAP_NET_ADMIN and /dev/net/tun. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 2048, QUEUE = 2048 };

struct direction {
	int from, to;
	long first, n; /* frames on their way: first, first + 1 ... modulo QUEUE */
	int64_t due[QUEUE]; /* microseconds, not falling */
	size_t length[QUEUE];
	char frame[QUEUE][FRAME];
};

static struct direction way[2];
static int64_t delay, jitter;

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int interface(const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r)) {
		perror("cable: /dev/net/tun");
		exit(1);
	}
	return fd;
}

static void take(struct direction *d)
{
	static uint32_t noise = 1;
	char lost[FRAME];
	for (;;) {
		long at = (d->first + d->n) % QUEUE, last = (d->first + d->n - 1) % QUEUE;
		ssize_t got = read(d->from, d->n < QUEUE ? d->frame[at] : lost, FRAME);
		if (got <= 0)
			return;
		if (d->n == QUEUE)
			continue;
		noise = noise * 1664525 + 1013904223;
		int64_t due = now() + delay + jitter * (noise >> 16) / 65536;
		d->due[at] = d->n && d->due[last] > due ? d->due[last] : due;
		d->length[at] = (size_t)got;
		d->n++;
	}
}

/* Passes on what is due; returns when the next frame is. */
static int64_t give(struct direction *d)
{
	while (d->n && d->due[d->first] <= now()) {
		if (write(d->to, d->frame[d->first], d->length[d->first]) < 0)
			; /* the interface is down: lost */
		d->first = (d->first + 1) % QUEUE;
		d->n--;
	}
	return d->n ? d->due[d->first] : INT64_MAX;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	way[0].from = way[1].to = interface(argv[1]);
	way[1].from = way[0].to = interface(argv[2]);
	delay = (int64_t)(1000 * atof(argv[3]));
	jitter = (int64_t)(1000 * atof(argv[4]));
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd in[2] = {{.fd = way[0].from, .events = POLLIN}, {.fd = way[1].from, .events = POLLIN}};
		int64_t a = give(&way[0]), b = give(&way[1]), left = (a < b ? a : b) - now();
		struct timespec t = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
		ppoll(in, 2, left < 0 ? &(struct timespec){0} : left > 1000000 ? NULL : &t, NULL);
		for (int i = 0; i < 2; i++)
			take(&way[i]);
	}
}
