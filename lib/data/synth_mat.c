/* MATLAB 5 files: a head, then elements. An element is its type and the number of its bytes, four bytes each, then these
 * bytes, filled up with zeros to a multiple of 8; one of at most four bytes fits into the 8 of its beginning, with type and
 * number in two bytes each. A matrix is an element of elements: flags, dimensions, name, contents. Numbers are little-endian. */
#include "data/synth_mat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of elements, classes of matrices: as the format numbers them. */
enum { INT8 = 1, UINT8 = 2, UINT16 = 4, INT32 = 5, UINT32 = 6, MATRIX = 14, UTF8 = 16 };
enum { CELL = 1, STRUCT = 2, CHAR = 4, DOUBLE = 6 };
enum { FIELD = 16 }; /* bytes of a field's name with its 0 */

/* ---- elements ---- */

static void add(struct as_mat *m, const void *bytes, size_t count)
{
	if (!m->failed && m->count + count > m->room) {
		size_t room = 2 * (m->count + count) + 4096;
		uint8_t *more = realloc(m->bytes, room);
		m->failed = !more;
		if (more) {
			m->bytes = more;
			m->room = room;
		}
	}
	if (m->failed || !count)
		return;
	memcpy(m->bytes + m->count, bytes, count);
	m->count += count;
}

static void add_number(struct as_mat *m, uint32_t value, size_t bytes)
{
	uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
	add(m, b, bytes);
}

/* What begins an element of `count` bytes, and what fills it up. */
static void begin_element(struct as_mat *m, uint32_t type, size_t count)
{
	bool small = count > 0 && count <= 4;
	add_number(m, type, small ? 2 : 4);
	add_number(m, (uint32_t)count, small ? 2 : 4);
}

static void end_element(struct as_mat *m, size_t count)
{
	static const uint8_t zero[8];
	size_t head = count > 0 && count <= 4 ? 4 : 8;
	add(m, zero, (8 - (head + count) % 8) % 8);
}

static void add_bytes(struct as_mat *m, uint32_t type, const char *bytes, size_t count)
{
	begin_element(m, type, count);
	add(m, bytes, count);
	end_element(m, count);
}

static void add_numbers(struct as_mat *m, uint32_t type, size_t width, const int32_t *value, size_t count)
{
	begin_element(m, type, width * count);
	for (size_t i = 0; i < count; i++)
		add_number(m, (uint32_t)value[i], width);
	end_element(m, width * count);
}

/* ---- matrices ---- */

/* Flags, dimensions and name; returns where the size will be put. */
static size_t begin_matrix(struct as_mat *m, int32_t class, const char *name, int rows, int columns)
{
	size_t at = m->count;
	add_number(m, MATRIX, 4);
	add_number(m, 0, 4);
	add_numbers(m, UINT32, 4, (const int32_t[]){class, 0}, 2);
	add_numbers(m, INT32, 4, (const int32_t[]){rows, columns}, 2);
	add_bytes(m, INT8, name, strlen(name));
	return at;
}

void as_mat_end(struct as_mat *m, size_t at)
{
	size_t count = m->count;
	if (m->failed)
		return;
	m->count = at + 4;
	add_number(m, (uint32_t)(count - at - 8), 4);
	m->count = count;
}

void as_mat_head(struct as_mat *m)
{
	char text[125];
	snprintf(text, sizeof text, "%-116s%8s", "MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Thu Feb 19 17:38:58 2009", "");
	add(m, text, 124);
	add_number(m, 0x0100, 2); /* the version */
	add(m, "IM", 2);          /* little-endian */
}

void as_mat_numbers(struct as_mat *m, const char *name, int rows, int columns, const int32_t *value)
{
	size_t n = (size_t)rows * (size_t)columns, at = begin_matrix(m, DOUBLE, name, rows, columns);
	int32_t most = 0;
	for (size_t i = 0; i < n; i++)
		most = value[i] > most ? value[i] : most;
	if (most < 256)
		add_numbers(m, UINT8, 1, value, n);
	else if (most < 65536)
		add_numbers(m, UINT16, 2, value, n);
	else
		add_numbers(m, INT32, 4, value, n);
	as_mat_end(m, at);
}

void as_mat_text(struct as_mat *m, const char *name, const char *text)
{
	size_t at = begin_matrix(m, CHAR, name, 1, (int)strlen(text));
	add_bytes(m, UTF8, text, strlen(text));
	as_mat_end(m, at);
}

size_t as_mat_cells(struct as_mat *m, const char *name, int rows, int columns)
{
	return begin_matrix(m, CELL, name, rows, columns);
}

size_t as_mat_structs(struct as_mat *m, const char *name, int rows, int columns, const char *const *field)
{
	size_t at = begin_matrix(m, STRUCT, name, rows, columns), n = 0;
	while (field[n])
		n++;
	add_numbers(m, INT32, 4, (const int32_t[]){FIELD}, 1);
	begin_element(m, INT8, FIELD * n);
	for (size_t i = 0; i < n; i++) {
		char text[FIELD] = {0};
		snprintf(text, sizeof text, "%s", field[i]);
		add(m, text, FIELD);
	}
	end_element(m, FIELD * n);
	return at;
}
