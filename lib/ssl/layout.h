/* Public since 0.2. Which views of a batch go through the backbone together, and the order of their rows.
 *
 * A method lists the views that it uses (struct as_use); they are numbered 0, 1, ... in the order of that
 * list, whatever other roles the stream has. Views of one group go through the network as one batch, with
 * one set of batch statistics. For a group of k views and a batch of n images in g grains the rows are
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
	const char *role;     /* NULL: the policy's first role */
	/* bits: which views go through the backbone, with a gradient; which go through its momentum copy */
	unsigned online, ema;
	/* 0: each view is a batch of its own; otherwise all views with this number, in all uses, are one
	 * batch */
	int group;
};

/* Views that go through the backbone as one batch. */
struct as_group {
	int64_t size; /* its images are size x size */
	bool online, ema;
	int nviews, view[AS_MAX_VIEWS];
};

/* The batch of a method: its groups, and the place of each view in them. The roles are borrowed. */
struct as_layout {
	int64_t batch, grains;
	int ngroups, nviews;
	struct as_group group[AS_MAX_VIEWS];
	/* where a view comes from, and where its rows are */
	struct as_place {
		const struct as_policy *role;
		int index;   /* index of its role in the stream's records */
		int of_role; /* its number among the views of the role */
		int group, at; /* at: its place within the group */
	} view[AS_MAX_VIEWS];
};

/* Makes the layout of `uses` for views of these roles, which still belong to the caller. AS_EARG: a role is
 * missing, or has another number of views than the method uses; or views of different sizes are in one
 * group. */
AS_NODISCARD int as_layout_make(struct as_layout *, const struct as_roles *, const struct as_use *, int uses, int64_t batch,
				int64_t grains, struct as_error *);

/* Makes roles that fit a list of uses, with views of `size` pixels by every augmentation: to plan a run without a
 * stream. AS_EARG: more roles than there may be. */
AS_NODISCARD int as_layout_roles(const struct as_use *, int uses, int size, struct as_roles *, struct as_error *);

/* The row, within its group, of view v of image i. */
int64_t as_layout_row(const struct as_layout *, int v, int64_t i);
/* The number of rows in a group: its views times the batch. */
int64_t as_layout_rows(const struct as_layout *, int group);

AS_END
#endif
