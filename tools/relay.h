/* stdio takes EAGAIN for an error, so on a standard output that does not wait (O_NONBLOCK) it loses data;
 * and the flag cannot be cleared, because all programs that share the pipe share it. In this case stdio
 * gets a pipe of our own, and a thread passes on what comes through, waiting as long as needed. Streams do
 * not need this: their writer waits. */
#ifndef AS_TOOLS_RELAY_H
#define AS_TOOLS_RELAY_H

#include <stddef.h>

/* Starts the relay if standard output does not wait. Returns NULL, or what could not be made (see errno).
 * What was printed is passed on, however the program ends. */
const char *relay_start(void);
/* Call after stdout is closed: waits until everything has been passed on. Returns 0, or the errno of a
 * write. */
int relay_end(void);
/* The descriptor of standard output: 1, or what was there before. */
int relay_output(void);

/* Writes everything, waiting if the descriptor does not. Returns 0, or errno. */
int write_all(int fd, const void *at, size_t n);

#endif
