/* Writes frames to a file descriptor: small ones are collected in a buffer, large payloads are written
 * directly from their memory. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/pack.h"

enum { BUFFER = 256 * 1024 };

struct as_writer {
	int fd;
	const struct as_schema *schema;
	struct as_role_list roles;
	struct as_packed packed;
	char *buf;
	size_t used;
	XXH64_state_t *hash;
	struct as_seal seal;
	int failed; /* the error that ended the stream: after lost bytes nothing more is written */
};

/* Writes the buffer and then n bytes at `at`, in as many calls as needed. */
static int send_all(struct as_writer *w, const void *at, size_t n, struct as_error *err)
{
	const char *part[2] = {w->buf, at};
	size_t left[2] = {w->used, n};
	while (left[0] || left[1]) {
		struct iovec v[2];
		int parts = 0;
		for (int i = 0; i < 2; i++)
			if (left[i])
				v[parts++] = (struct iovec){(void *)(uintptr_t)part[i], left[i]};
		ssize_t sent = writev(w->fd, v, parts);
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			poll(&(struct pollfd){.fd = w->fd, .events = POLLOUT}, 1, -1);
		else if (sent < 0 && errno == EPIPE)
			return w->failed = as_fail(err, AS_EPIPE, "write: the reader has left");
		else if (sent < 0 && errno != EINTR)
			return w->failed = as_fail_errno(err, "write");
		for (int i = 0; i < 2 && sent > 0; i++) {
			size_t k = (size_t)sent < left[i] ? (size_t)sent : left[i];
			part[i] += k;
			left[i] -= k;
			sent -= (ssize_t)k;
		}
	}
	w->used = 0;
	return 0;
}

static int emit(struct as_writer *w, const void *at, size_t n, struct as_error *err)
{
	XXH64_update(w->hash, at, n);
	if (n > BUFFER - w->used)
		return send_all(w, at, n, err);
	if (n)
		memcpy(w->buf + w->used, at, n);
	w->used += n;
	return 0;
}

static void put_big_endian(void *to, uint64_t v, int bytes)
{
	for (unsigned char *p = to; bytes--; p++)
		*p = (unsigned char)(v >> 8 * bytes);
}

/* Writes the length of the packed map that follows, in its shortest form. */
static int emit_length(struct as_writer *w, struct as_error *err)
{
	uint64_t n = as_packed_bytes(&w->packed);
	unsigned char prefix[9] = {(unsigned char)n};
	int log = n < 0x80 ? -1 : n <= UINT8_MAX ? 0 : n <= UINT16_MAX ? 1 : n <= UINT32_MAX ? 2 : 3;
	int width = log < 0 ? 0 : 1 << log;
	if (width)
		prefix[0] = (unsigned char)(0xcc + log);
	put_big_endian(prefix + 1, n, width);
	return emit(w, prefix, 1 + (size_t)width, err);
}

static int emit_packed(struct as_writer *w, struct as_error *err)
{
	const struct as_packed *p = &w->packed;
	int rc = emit_length(w, err);
	size_t at = 0;
	for (int i = 0; i < p->pieces && !rc; i++) {
		rc = emit(w, p->own + at, p->piece[i].before - at, err);
		at = p->piece[i].before;
		if (!rc)
			rc = emit(w, p->piece[i].at, p->piece[i].bytes, err);
	}
	return rc ? rc : emit(w, p->own + at, p->bytes - at, err);
}

int as_writer_open(struct as_writer **out, int fd, const struct as_header *header, struct as_error *err)
{
	const struct as_schema *schema = as_schema_find(header->kind);
	if (!schema)
		return as_fail(err, AS_EARG, "a stream of kind '%s', which is not known here", header->kind);
	struct as_writer *w = calloc(1, sizeof *w);
	int rc = 0;
	if (!w || !(w->buf = malloc(BUFFER)) || !(w->hash = XXH64_createState()))
		rc = as_fail(err, AS_EMEM, "memory: no room for a writer");
	if (!rc) {
		w->fd = fd;
		w->schema = schema;
		w->roles = header->roles;
		XXH64_reset(w->hash, 0);
		rc = as_pack_header(&w->packed, header, err);
	}
	if (!rc)
		rc = emit_packed(w, err);
	if (rc)
		as_writer_abandon(w);
	else
		*out = w;
	return rc;
}

int as_writer_put(struct as_writer *w, const struct as_record *rec, struct as_error *err)
{
	if (w->failed)
		return as_fail(err, w->failed, "write: failed before");
	int rc = as_pack_record(&w->packed, w->schema, &w->roles, rec, err);
	if (!rc)
		rc = emit_packed(w, err);
	if (rc && err)
		err->record = (int64_t)w->seal.count;
	w->seal.count += !rc;
	return rc;
}

int as_writer_flush(struct as_writer *w, struct as_error *err)
{
	return w->failed ? as_fail(err, w->failed, "write: failed before") : send_all(w, NULL, 0, err);
}

void as_writer_skip(struct as_writer *w, uint64_t skipped)
{
	uint64_t room = AS_MAX_SEQ - w->seal.skipped;
	w->seal.skipped += skipped < room ? skipped : room;
}

/* Writes the trailer; the hash at its end covers every byte before it, also those of the trailer. */
static int emit_trailer(struct as_writer *w, struct as_error *err)
{
	struct as_packed *p = &w->packed;
	int rc = as_pack_trailer(p, &w->seal, err);
	if (!rc)
		rc = emit_length(w, err);
	if (!rc)
		rc = emit(w, p->own, p->bytes - AS_HASH_BYTES, err);
	if (rc)
		return rc;
	char *last = p->own + p->bytes - AS_HASH_BYTES;
	w->seal.hash = XXH64_digest(w->hash);
	put_big_endian(last, w->seal.hash, AS_HASH_BYTES);
	return emit(w, last, AS_HASH_BYTES, err);
}

int as_writer_close(struct as_writer *w, struct as_seal *seal, struct as_error *err)
{
	int rc = w->failed ? as_fail(err, w->failed, "write: failed before") : emit_trailer(w, err);
	if (!rc)
		rc = send_all(w, NULL, 0, err);
	if (!rc && seal)
		*seal = w->seal;
	as_writer_abandon(w);
	return rc;
}

void as_writer_abandon(struct as_writer *w)
{
	if (!w)
		return;
	as_packed_clear(&w->packed);
	XXH64_freeState(w->hash);
	free(w->buf);
	free(w);
}
