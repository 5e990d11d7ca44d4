/* A standard output that does not wait (O_NONBLOCK) loses what stdio writes to it, for stdio
 * takes EAGAIN for an error; and the flag belongs to all who share the pipe, so that it cannot
 * be taken away. Where it is set, stdio gets a pipe of our own, and a thread hands on what comes
 * through, waiting for as long as it takes. Streams need none of it: their writer waits. */
#ifndef AS_TOOLS_RELAY_H
#define AS_TOOLS_RELAY_H

#include <stddef.h>

/* Starts it where standard output does not wait. NULL; or what is missing for it, and errno says why.
 * Whatever ends the program later, what was printed goes on its way before. */
const char *relay_start(void);
/* After stdout was closed: waits until all has been handed on. 0, or the errno of a write. */
int relay_end(void);
/* The descriptor that standard output leads to: 1, or what stood there before. */
int relay_output(void);

/* Writes all of it, waiting where the descriptor does not: 0, or errno. */
int write_all(int fd, const void *at, size_t n);

#endif
