/* Private to lib/stream and its tests: messages of protocol buffers, as bytes. A message is a row of fields, each a
 * tag (8 times its number, plus how it is written: 0 a varint, 2 a length and as many bytes, 5 four bytes) and a
 * value. These three are all that ONNX takes, so this is not Debian's libprotobuf-c: that would need ONNX's own
 * description, of a thousand lines, made into C by a compiler at build time, and would hold all weights twice. */
#ifndef AS_STREAM_PROTOBUF_H
#define AS_STREAM_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message that grows. All zero is an empty one. */
struct as_proto {
	unsigned char *at;
	size_t n, room;
	bool lost; /* there was no memory: what it holds is not whole */
};

void as_proto_number(struct as_proto *, int field, int64_t value);
void as_proto_float(struct as_proto *, int field, float value);
void as_proto_bytes(struct as_proto *, int field, const void *, size_t n);
void as_proto_text(struct as_proto *, int field, const char *);
/* Adds `part` as a field, and empties it. */
void as_proto_put(struct as_proto *, int field, struct as_proto *part);
/* The tag and the length of a field whose n bytes are not in memory here. */
void as_proto_head(struct as_proto *, int field, uint64_t n);
void as_proto_clear(struct as_proto *);

#endif
