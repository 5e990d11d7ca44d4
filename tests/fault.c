/* A library to preload: the n-th call of one function fails. AS_FAULT=NAME:N says
 * which (malloc, read, write, close, rename, fsync); counting starts when the program
 * ignores SIGPIPE, which every program of ours does first, so that the loader and
 * other libraries' constructors are spared, and so are OpenBLAS, whose small kernels do
 * not look at what malloc gave them, and the Fortran that comes with it, which ends the
 * process. It stops when the program ends: what comes after is not the program's (gcov
 * writes its counts there). The file AS_FAULT_FIRED appears when the
 * call came. Linux with glibc; not for sanitizer builds. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define fails(name, error) fails_at(name, error, __builtin_return_address(0))

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static const char *victim;
static size_t victim_length;
static atomic_long left;
static atomic_bool counting;

static void stop(void)
{
	counting = false;
}

int sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
	int (*real)(int, const struct sigaction *, struct sigaction *);
	const char *fault = getenv("AS_FAULT"), *colon = fault ? strchr(fault, ':') : NULL;
	*(void **)&real = dlsym(RTLD_NEXT, "sigaction");
	if (number == SIGPIPE && colon && !counting) {
		victim = fault;
		victim_length = (size_t)(colon - fault);
		left = strtol(colon + 1, NULL, 10);
		counting = !atexit(stop);
	}
	return real(number, new, old);
}

static bool in_openblas(const void *caller)
{
	Dl_info at;
	return dladdr(caller, &at) && at.dli_fname && (strstr(at.dli_fname, "openblas") || strstr(at.dli_fname, "gfortran"));
}

static bool fails_at(const char *name, int error, const void *caller)
{
	if (!counting || strlen(name) != victim_length || strncmp(name, victim, victim_length) != 0)
		return false;
	if (left <= 0 || in_openblas(caller) || atomic_fetch_sub(&left, 1) != 1)
		return false;
	const char *fired = getenv("AS_FAULT_FIRED");
	if (fired)
		syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, fired, O_CREAT | O_WRONLY, 0600));
	errno = error;
	return true;
}

void *malloc(size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *at, size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_realloc(at, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails("malloc", ENOMEM) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **at, size_t align, size_t n)
{
	void *p = fails("malloc", ENOMEM) ? NULL : __libc_memalign(align, n);
	if (!p)
		return ENOMEM;
	*at = p;
	return 0;
}

ssize_t read(int fd, void *at, size_t n)
{
	return fails("read", EIO) ? -1 : syscall(SYS_read, fd, at, n);
}

ssize_t write(int fd, const void *at, size_t n)
{
	return fails("write", ENOSPC) ? -1 : syscall(SYS_write, fd, at, n);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	return fails("write", ENOSPC) ? -1 : syscall(SYS_writev, fd, v, n);
}

int close(int fd)
{
	int rc = (int)syscall(SYS_close, fd);
	return fails("close", EIO) ? -1 : rc;
}

int fsync(int fd)
{
	return fails("fsync", EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	return fails("rename", EIO) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
