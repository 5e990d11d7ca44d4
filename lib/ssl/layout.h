/* Public since 0.2. Which views of a batch go through the backbone together, and in what order their rows
 * lie.
 *
 * A method lists the views that it uses (struct as_use); they are numbered 0, 1, ... in the order of that
 * list, whatever roles the stream has besides. Views of one group pass the network as one batch, with one
 * set of batch statistics. Of a group of k views and a batch of n images in g grains the rows are
 *
 *     grain 0: view a of images 0 .. n/g-1, view b of the same, ...; grain 1: view a of the next n/g, ...
 *
 * so that a grain's rows are neighbours. A group of one view is its images in order. */
#ifndef AS_SSL_LAYOUT_H
#define AS_SSL_LAYOUT_H

#include <stdbool.h>

#include "aug/roles.h"

AS_BEGIN

/* How a method uses the views of one role. */
struct as_use {
	const char *role;     /* NULL: the policy's first */
	unsigned online, ema; /* bits: views that go through the backbone, with a gradient, and through its momentum copy */
	int group;            /* 0: each view is a batch of its own; else those of all uses with this number are one */
};

struct as_group {
	int64_t size; /* its images are size x size */
	bool online, ema;
	int nviews, view[AS_MAX_VIEWS];
};

struct as_layout {
	int64_t batch, grains;
	int ngroups, nviews;
	struct as_group group[AS_MAX_VIEWS];
	struct as_place {
		const struct as_policy *role;
		int index;   /* of the role: records have its tensors there */
		int of_role; /* which of the role's views */
		int group, at; /* at: place within the group */
	} view[AS_MAX_VIEWS];
};

/* The layout of `uses` for views of these roles, which stay the caller's. AS_EARG: a role that the views do
 * not have, or another number of views than the method compares; views of different sizes in one group. */
AS_NODISCARD int as_layout_make(struct as_layout *, const struct as_roles *, const struct as_use *, int uses, int64_t batch,
				int64_t grains, struct as_error *);

/* Roles that a list of uses would be content with, of views of `size` pixels by every augmentation: to plan a run before
 * there are any views. AS_EARG: more roles than there may be. */
AS_NODISCARD int as_layout_roles(const struct as_use *, int uses, int size, struct as_roles *, struct as_error *);

/* The row of its group in which view v of image i lies. */
int64_t as_layout_row(const struct as_layout *, int v, int64_t i);
/* Rows of a group: its views times the batch. */
int64_t as_layout_rows(const struct as_layout *, int group);

AS_END
#endif
