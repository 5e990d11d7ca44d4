#include "stream/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum { VARINT = 0, BYTES = 2, FOUR = 5 };

static void add(struct as_proto *p, const void *at, size_t n)
{
	if (p->room - p->n < n) {
		size_t room = 2 * p->room + n + 64;
		unsigned char *more = realloc(p->at, room);
		p->lost = p->lost || !more;
		if (!more)
			return;
		p->at = more;
		p->room = room;
	}
	if (n)
		memcpy(p->at + p->n, at, n);
	p->n += n;
}

/* 7 bits a byte, the lowest first; the high bit says that more follow. */
static void add_varint(struct as_proto *p, uint64_t v)
{
	unsigned char byte[10];
	size_t n = 0;
	for (; v > 127; v >>= 7)
		byte[n++] = (unsigned char)(v | 128);
	byte[n++] = (unsigned char)v;
	add(p, byte, n);
}

static void add_tag(struct as_proto *p, int field, int how)
{
	add_varint(p, (uint64_t)field << 3 | (uint64_t)how);
}

void as_proto_number(struct as_proto *p, int field, int64_t value)
{
	add_tag(p, field, VARINT);
	add_varint(p, (uint64_t)value);
}

void as_proto_float(struct as_proto *p, int field, float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	unsigned char byte[4] = {(unsigned char)bits, (unsigned char)(bits >> 8), (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
	add_tag(p, field, FOUR);
	add(p, byte, sizeof byte);
}

void as_proto_head(struct as_proto *p, int field, uint64_t n)
{
	add_tag(p, field, BYTES);
	add_varint(p, n);
}

void as_proto_bytes(struct as_proto *p, int field, const void *at, size_t n)
{
	as_proto_head(p, field, n);
	add(p, at, n);
}

void as_proto_text(struct as_proto *p, int field, const char *text)
{
	as_proto_bytes(p, field, text, strlen(text));
}

void as_proto_put(struct as_proto *p, int field, struct as_proto *part)
{
	as_proto_bytes(p, field, part->at, part->n);
	p->lost = p->lost || part->lost;
	as_proto_clear(part);
}

void as_proto_clear(struct as_proto *p)
{
	free(p->at);
	*p = (struct as_proto){.n = 0};
}
