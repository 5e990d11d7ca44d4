/* Private to lib/data: MATLAB 5 files, not compressed, as generated sets have them. A file is built in memory, because
 * each element begins with its size. */
#ifndef AS_DATA_SYNTH_MAT_H
#define AS_DATA_SYNTH_MAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* Begin with zeros; free `bytes` at the end. */
struct as_mat {
	uint8_t *bytes;
	size_t count, room;
	bool failed; /* no memory: what follows does nothing */
};

/* The file's first 128 bytes. */
void as_mat_head(struct as_mat *);
/* A matrix of whole numbers, at least 0, by columns: double to MATLAB, stored in the fewest bytes that hold all, as
 * MATLAB does. In cells and structs the name is "". */
void as_mat_numbers(struct as_mat *, const char *name, int rows, int columns, const int32_t *value);
/* A row of characters. */
void as_mat_text(struct as_mat *, const char *name, const char *text);
/* Begins rows x columns cells: as many elements follow, by columns, then as_mat_end of what this returns. */
size_t as_mat_cells(struct as_mat *, const char *name, int rows, int columns);
/* The same of structs with these fields, up to NULL, each of at most 15 characters: all fields of the first follow, then
 * all of the second. */
size_t as_mat_structs(struct as_mat *, const char *name, int rows, int columns, const char *const *field);
void as_mat_end(struct as_mat *, size_t at);

AS_END
#endif
