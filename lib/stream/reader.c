/* Reads frames from a file descriptor: a buffer that grows as data arrives, the hash of what has been read,
 * and the check of the trailer. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "stream/foreign.h"
#include "stream/locate.h"
#include "stream/scan.h"
#include "stream/unpack.h"

enum { BUFFER = 256 * 1024 };

struct as_reader {
	int fd, until; /* until: what ends the waiting for input, or -1 */
	const char *name;
	struct as_header header;
	int version;
	const struct as_schema *schema;
	struct as_unpacker unpacker;
	char *buf; /* the bytes from..till have been read and not used yet */
	size_t cap, from, till;
	XXH64_state_t *hash;
	uint64_t count, passed; /* records; bytes of frames that were consumed */
	size_t body;            /* bytes of the last record, without its length */
	struct as_seal seal;
	int ended; /* 1: a good trailer was read; <0: the error that ended the stream */
};

/* Waits until there is input; false: the waiting was ended. */
static bool wait_for_input(const struct as_reader *r)
{
	struct pollfd p[] = {{.fd = r->fd, .events = POLLIN}, {.fd = r->until, .events = POLLIN}};
	while (poll(p, 2, -1) < 0 && (errno == EINTR || errno == EAGAIN))
		p[1].revents = 0;
	return !p[1].revents;
}

static int64_t read_some(const struct as_reader *r, void *to, size_t room)
{
	for (bool wait = r->until >= 0;; wait = true) {
		if (wait && !wait_for_input(r)) {
			errno = ECANCELED;
			return -1;
		}
		ssize_t n = read(r->fd, to, room);
		if (n >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
			return n;
	}
}

/* Makes room behind `till`, for at most `want` bytes from `from` on. It at most doubles what is there, so
 * that a large claimed length alone takes no memory. */
static int make_room(struct as_reader *r, size_t want, struct as_error *err)
{
	size_t have = r->till - r->from;
	if (r->from && (r->till == r->cap || r->from + want > r->cap)) {
		memmove(r->buf, r->buf + r->from, have);
		r->from = 0;
		r->till = have;
	}
	if (r->till < r->cap)
		return 0;
	size_t cap = r->cap ? 2 * r->cap : BUFFER;
	if (r->cap && cap > want)
		cap = want > r->cap ? want : cap;
	char *buf = realloc(r->buf, cap);
	if (!buf)
		return as_fail(err, AS_EMEM, "memory: no room for a record of %zu bytes", want);
	r->buf = buf;
	r->cap = cap;
	return 0;
}

/* Reads until at least `want` bytes are in the buffer. 1: done; 0: the input ended before; <0: an error. */
static int ensure(struct as_reader *r, size_t want, struct as_error *err)
{
	while (r->till - r->from < want) {
		int rc = make_room(r, want, err);
		if (rc)
			return rc;
		int64_t n = read_some(r, r->buf + r->till, r->cap - r->till);
		if (n < 0)
			return as_fail_errno(err, "read");
		if (!n)
			return 0;
		r->till += (size_t)n;
	}
	return 1;
}

/* What does not begin as a stream does: says what it is instead, if its first bytes show it. */
static int not_ours(struct as_reader *r, int code, const char *otherwise, struct as_error *err)
{
	enum { ENOUGH = 64 };
	if (ensure(r, ENOUGH, err) < 0)
		return AS_EIO;
	const char *is = as_foreign_name(r->buf + r->from, r->till - r->from);
	return is ? as_fail(err, AS_EDATA, "not an augself stream, but %s", is) : as_fail(err, code, "%s", otherwise);
}

static int ended_early(struct as_reader *r, struct as_error *err)
{
	struct stat st;
	if (r->schema)
		return as_fail(err, AS_ESHORT, "truncated: the input ends without a trailer; see what its writer said");
	if (r->till > r->from)
		return not_ours(r, AS_ESHORT, "truncated: the input ends without a trailer; see what its writer said", err);
	if (!fstat(r->fd, &st) && S_ISFIFO(st.st_mode))
		return as_fail(err, AS_ESHORT, "empty: the program before this one wrote nothing; see what it said");
	return as_fail(err, AS_ESHORT, "empty: nothing was written into it; see what its writer said");
}

/* Whether the rest of the input is the byte by which a writer says that it has failed. */
static bool has_failed(struct as_reader *r, struct as_error *err)
{
	return r->till > r->from && r->buf[r->from] == AS_STREAM_FAILED && !ensure(r, 2, err);
}

/* Reads one frame: its length takes *prefix bytes, its body is *bytes long; both are in the buffer at
 * r->from and not consumed yet. */
static int frame(struct as_reader *r, uint64_t max, size_t *prefix, size_t *bytes, struct as_error *err)
{
	uint64_t length = 0;
	int n = 0;
	for (size_t want = 1; !n; want++) {
		int rc = ensure(r, want, err);
		if (rc <= 0)
			return rc ? rc : ended_early(r, err);
		n = as_scan_uint(r->buf + r->from, r->till - r->from, &length);
	}
	if (n < 0 && has_failed(r, err))
		return as_fail(err, AS_ESAID, "its writer has failed, as its message says");
	if (n < 0 && !r->schema)
		return not_ours(r, AS_EDATA, "not an augself stream", err);
	if (n < 0)
		return as_fail(err, AS_EDATA, "no length before the record: damaged, or not binary all the way");
	if (length > max && !r->schema && as_foreign_name(r->buf + r->from, r->till - r->from))
		return not_ours(r, AS_EDATA, "", err);
	if (length > max)
		return as_fail(err, AS_EDATA, "a length of %llu bytes, more than %llu", (unsigned long long)length,
			       (unsigned long long)max);
	int rc = ensure(r, (size_t)n + (size_t)length, err);
	if (rc <= 0)
		return rc ? rc : ended_early(r, err);
	*prefix = (size_t)n;
	*bytes = (size_t)length;
	return 0;
}

/* Moves past a frame; its first `hashed` bytes are hashed. */
static void consume(struct as_reader *r, size_t hashed, size_t all)
{
	XXH64_update(r->hash, r->buf + r->from, hashed);
	r->from += all;
	r->passed += all;
}

static bool welcome(const char *kinds, const char *kind)
{
	size_t n = strlen(kind);
	for (const char *p = kinds; p && *p; p += strspn(p, ",")) {
		size_t m = strcspn(p, ",");
		if (m == n && !memcmp(p, kind, n))
			return true;
		p += m;
	}
	return !kinds;
}

/* What makes a welcome kind of this one, for a message; "" where no program does. */
static const char *remedy(const char *kind, const char *kinds)
{
	static const struct {
		const char *from, *to, *says;
	} ways[] = {
	    {"image", "view", ": put aug-sample | aug-apply in front"},
	    {"sample", "view", ": put aug-apply in front"},
	    {"image", "sample", ": put aug-sample in front"},
	    {"view", "sample", ": aug-apply has been here already, leave this one out"},
	    {"sample", "image", ": aug-sample has been here already, leave this one out"},
	    {"view", "image", ": give the images themselves, from before aug-sample"},
	    {"feature", "image", ": give the images that these are features of"},
	    {"feature", "view", ": give the views themselves, as aug-apply makes them"},
	    {"image", "feature", ": feat-extract makes features of images"},
	    {"sample", "feature", ": aug-apply | feat-extract make features of samples"},
	    {"view", "feature", ": feat-extract makes features of views"},
	    {"score", "feature", ": give the features that these are scores of"},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(kind, ways[i].from) && welcome(kinds, ways[i].to))
			return ways[i].says;
	return "";
}

static int read_header(struct as_reader *r, const char *kinds, struct as_error *err)
{
	size_t prefix, bytes;
	enum as_frame what;
	msgpack_object map;
	int rc = frame(r, as_header_schema.max_bytes, &prefix, &bytes, err);
	if (rc)
		return rc;
	const char *body = r->buf + r->from + prefix;
	uint32_t pairs;
	if (!as_scan_map(body, bytes, &pairs))
		return not_ours(r, AS_EDATA, "not an augself stream", err);
	rc = as_unpack_scan(&r->unpacker, body, bytes, &what, &map, err);
	if (rc == AS_EDATA && as_foreign_name(r->buf + r->from, r->till - r->from))
		return not_ours(r, rc, "", err);
	if (!rc)
		rc = as_unpack_header(&r->unpacker, body, bytes, &map, &r->version, &r->header, err);
	if (rc)
		return rc;
	r->schema = as_schema_find(r->header.kind);
	if (!r->schema)
		return as_fail(err, AS_EDATA, "a stream of kind '%s', which is not known here", r->header.kind);
	if (!welcome(kinds, r->header.kind))
		return as_fail(err, AS_EDATA, "a stream of kind '%s', not '%s'%s", r->header.kind, kinds,
			       remedy(r->header.kind, kinds));
	consume(r, prefix + bytes, prefix + bytes);
	return 0;
}

int as_reader_open(struct as_reader **out, int fd, const char *name, const char *kinds, struct as_error *err)
{
	struct as_reader *r = calloc(1, sizeof *r);
	int rc = 0;
	if (!r || !(r->hash = XXH64_createState()))
		rc = as_fail(err, AS_EMEM, "memory: no room for a reader");
	if (!rc) {
		r->fd = fd;
		r->until = -1;
		r->name = name;
		XXH64_reset(r->hash, 0);
		rc = read_header(r, kinds, err);
	}
	if (rc)
		as_reader_close(r);
	else
		*out = r;
	return rc;
}

void as_reader_until(struct as_reader *r, int fd)
{
	r->until = fd;
}

void as_reader_close(struct as_reader *r)
{
	if (!r)
		return;
	as_header_clear(&r->header);
	as_unpacker_clear(&r->unpacker);
	XXH64_freeState(r->hash);
	free(r->buf);
	free(r);
}

const struct as_header *as_reader_header(const struct as_reader *r)
{
	return &r->header;
}

const char *as_reader_name(const struct as_reader *r)
{
	return r->name;
}

int as_reader_version(const struct as_reader *r)
{
	return r->version;
}

struct as_seal as_reader_seal(const struct as_reader *r)
{
	return r->ended > 0 ? r->seal : (struct as_seal){.count = r->count, .hash = XXH64_digest(r->hash)};
}

/* Compares the trailer with what was read, and checks that nothing follows it. */
static int end(struct as_reader *r, const msgpack_object *map, size_t prefix, size_t bytes, struct as_error *err)
{
	int rc = as_unpack_trailer(r->buf + r->from + prefix, bytes, map, r->version, &r->seal, err);
	if (rc)
		return rc;
	size_t all = prefix + bytes;
	consume(r, r->version > 1 ? all - AS_HASH_BYTES : 0, all);
	if (r->seal.count != r->count)
		return as_fail(err, AS_EDATA, "trailer: says %llu records, %llu came", (unsigned long long)r->seal.count,
			       (unsigned long long)r->count);
	if (r->seal.hash != XXH64_digest(r->hash))
		return as_fail(err, AS_EDATA, "trailer: the hash differs: bytes have changed since they were written");
	rc = ensure(r, 1, err);
	if (rc > 0)
		return as_fail(err, AS_EDATA, "more bytes after the trailer: join streams by rec-cat");
	return rc;
}

static int next(struct as_reader *r, struct as_record *rec, struct as_error *err)
{
	size_t prefix, bytes;
	enum as_frame what;
	msgpack_object map;
	int rc = frame(r, r->schema->max_bytes, &prefix, &bytes, err);
	if (rc)
		return rc;
	const char *body = r->buf + r->from + prefix;
	rc = as_unpack_scan(&r->unpacker, body, bytes, &what, &map, err);
	if (rc)
		return rc;
	if (what == AS_FRAME_TRAILER)
		return end(r, &map, prefix, bytes, err);
	if (what == AS_FRAME_HEADER)
		return as_fail(err, AS_EDATA, "a second header: join streams by rec-cat");
	rc = as_unpack_record(&r->unpacker, r->schema, &r->header.roles, body, bytes, &map, rec, err);
	if (rc)
		return rc;
	consume(r, prefix + bytes, prefix + bytes);
	r->body = bytes;
	r->count++;
	return 1;
}

int as_reader_next(struct as_reader *r, struct as_record *rec, struct as_error *err)
{
	if (r->ended > 0)
		return 0;
	if (r->ended < 0)
		return as_fail(err, r->ended, "the stream has failed before");
	int rc = next(r, rec, err);
	if (rc < 0 && err)
		err->record = (int64_t)r->count;
	if (rc <= 0)
		r->ended = rc ? rc : 1;
	return rc;
}

void as_reader_where(const struct as_reader *r, uint64_t *at, size_t *bytes)
{
	*at = r->passed - r->body;
	*bytes = r->body;
}
