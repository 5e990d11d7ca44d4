/* A stream of images, or of views, in files, as img-read or aug-apply wrote them: decoded or made smaller once, and then read in
 * any order, as often as is wanted. Where its records lie is found by reading it once, with its trailer, or in the index. */
#include <stdlib.h>
#include <string.h>

#include "data/members.h"
#include "stream/locate.h"

struct records {
	struct as_members m;
	struct as_header header; /* of the first file; the others agree */
	bool views;
};

/* What can be a set: each image once. */
static int check_header(const struct as_header *h, struct as_error *err)
{
	if (h->epochs != 1)
		return as_fail(err, AS_EDATA, "a stream of %s, where a set has each image once: img-read without --epochs makes such",
			       h->epochs ? "several epochs" : "endless epochs");
	return 0;
}

static bool same_names(const struct as_names *a, const struct as_names *b)
{
	bool same = a->count == b->count;
	for (int64_t i = 0; i < a->count && same; i++)
		same = !strcmp(as_names_at(a, i), as_names_at(b, i));
	return same;
}

/* Keeps the first file's header, and adds the lines of the others' chains that it lacks. */
static int take_header(struct records *r, const struct as_header *h, const char *first, struct as_error *err)
{
	if (!r->header.kind[0])
		return as_header_copy(&r->header, h, err);
	if (strcmp(h->kind, r->header.kind) != 0 || !as_role_list_same(&h->roles, &r->header.roles))
		return as_fail(err, AS_EDATA, "a stream of kind '%s', not of the kind, and with the views, of %.150s", h->kind, first);
	if (!same_names(&h->classes, &r->header.classes))
		return as_fail(err, AS_EDATA, "other classes than those of %.200s", first);
	int rc = 0;
	for (int64_t i = 0; i < h->chain.count && !rc; i++) {
		const char *line = as_names_at(&h->chain, i);
		int64_t k = 0;
		while (k < r->header.chain.count && strcmp(as_names_at(&r->header.chain, k), line) != 0)
			k++;
		if (k == r->header.chain.count)
			rc = as_names_add(&r->header.chain, line, err);
	}
	return rc;
}

/* What is wrong with a record; NULL: nothing. A view stands for an image if it is the only one, of bytes. */
static const char *fault_of(const struct records *r, const struct as_record *rec, size_t bytes)
{
	if (rec->epoch)
		return "of a second epoch, where a set has each image once";
	if (r->views && (r->header.roles.n > 1 || rec->role[0].views.shape[0] != 1))
		return "several views, where one stands for the image: aug-sample --eval makes one";
	if (r->views && rec->role[0].views.dtype != AS_U1)
		return "views of floats, where bytes stand for the image: aug-apply --dtype u1";
	return bytes > INT32_MAX ? "more than 2 GiB" : NULL;
}

/* Adds all records of a file. */
static int add_records(struct records *r, struct as_reader *in, struct as_error *err)
{
	struct as_record rec;
	int rc;
	while ((rc = as_reader_next(in, &rec, err)) > 0) {
		uint64_t at;
		size_t bytes;
		as_reader_where(in, &at, &bytes);
		const char *fault = fault_of(r, &rec, bytes);
		if (fault) {
			rc = as_fail(err, AS_EDATA, "%s", fault);
			if (err)
				err->record = (int64_t)as_reader_seal(in).count - 1;
			return rc;
		}
		rc = as_members_add(&r->m, at, bytes, &rec.id, rec.name, err);
		if (rc)
			return rc;
		r->m.label[r->m.count - 1] = (int32_t)rec.label;
	}
	return rc;
}

/* Reads file i: its header, and its records unless the index has them. */
static int read_file(struct records *r, int i, bool known, struct as_names *notes, struct as_error *err)
{
	const char *path = r->m.file[i].path;
	struct as_reader *in;
	int fd = as_members_enter(&r->m, i, err);
	if (fd < 0)
		return fd;
	int rc = as_reader_open(&in, fd, path, "image,view", err);
	if (!rc) {
		const struct as_header *h = as_reader_header(in);
		rc = check_header(h, err);
		rc = rc ? rc : take_header(r, h, r->m.file[0].path, err);
		r->views = !strcmp(h->kind, "view");
		if (!rc && !known && !(rc = add_records(r, in, err)) && as_reader_seal(in).skipped)
			rc = as_say(notes, err, "%s: images that its writer left out: %llu", path,
				    (unsigned long long)as_reader_seal(in).skipped);
		as_reader_close(in);
	}
	as_members_leave(&r->m, i, fd);
	int64_t record = rc && err ? err->record : -1;
	if (record < 0)
		return rc ? as_fail_within(err, "%s", path) : 0;
	err->record = -1; /* it is in the text */
	return as_fail_within(err, "%s:record %lld", path, (long long)record);
}

static int read_all(struct records *r, bool known, const struct as_source *source, struct as_items *items, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < r->m.files && !rc; i++) {
		if (!known)
			as_members_begin(&r->m, i);
		rc = read_file(r, i, known, &items->notes, err);
	}
	if (rc || known)
		return rc;
	as_members_end(&r->m);
	rc = as_members_repeats(&r->m, &items->notes, err);
	return rc || !r->m.count ? rc : as_members_keep(&r->m, source, items, err);
}

static int open_stream(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct records *r = items->self = calloc(1, sizeof *r);
	if (!r)
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	if (!source->exif)
		return as_fail(err, AS_EARG, "--exif: how images are turned is in the stream's records: give it to the img-read "
			       "that writes it");
	r->m.form = items->kind->name;
	int known = as_members_open(&r->m, source, items, err);
	int rc = known < 0 ? known : read_all(r, known, source, items, err);
	if (rc)
		return rc;
	as_names_clear(&items->classes); /* those of the header */
	items->classes = r->header.classes;
	items->chain = r->header.chain;
	r->header.classes = r->header.chain = (struct as_names){0};
	items->count = r->m.count;
	items->sorted = as_members_sorted(&r->m);
	return 0;
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct records *r = items->self;
	(void)err;
	as_members_tell(&r->m, i, item);
	return 0;
}

static void blame(const struct as_items *items, int64_t i, struct as_error *err)
{
	const struct records *r = items->self;
	int f = as_members_where(&r->m, i);
	as_fail_within(err, "%s:record %lld", r->m.file[f].path, (long long)(i - r->m.first[f]));
}

struct copy {
	struct as_keys *keys;
	const char *but;
};

static int copy_keys(void *ctx, const struct as_extra *extra, struct as_error *err)
{
	const struct copy *c = ctx;
	return as_keys_copy(c->keys, extra, c->but, err);
}

/* Makes an image of the one view. */
static int image_of_view(const struct as_record *rec, struct as_image *out, struct as_error *err)
{
	const struct as_tensor *v = &rec->role[0].views;
	if (v->dtype != AS_U1 || v->ndim != 4 || v->shape[0] != 1 || v->shape[3] != 3)
		return as_fail(err, AS_EDATA, "views: one of bytes is expected");
	*out = (struct as_image){.height = v->shape[1], .width = v->shape[2], .turn = 1};
	out->pixels = (struct as_tensor){AS_U1, 3, {v->shape[1], v->shape[2], 3}, v->data};
	return 0;
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct records *r = items->self;
	struct as_record rec;
	/* boxes are of the image that the view was cut from */
	struct copy copy = {&item->keys, r->views ? "boxes" : NULL};
	int rc = as_members_load(&r->m, i, item, err);
	if (rc)
		return rc;
	rc = as_record_read(&r->header, item->bytes, item->count, &rec, copy_keys, &copy, err);
	if (!rc && rec.id != item->id)
		rc = as_fail(err, AS_EDATA, "another record than the index says: make it anew");
	if (!rc && r->views)
		rc = image_of_view(&rec, &item->image, err);
	else if (!rc)
		item->image = rec.image;
	if (rc)
		blame(items, i, err);
	return rc;
}

static void close_stream(struct as_items *items)
{
	struct records *r = items->self;
	if (r) {
		as_header_clear(&r->header);
		as_members_clear(&r->m);
	}
	free(r);
}

const struct as_dataset as_data_stream = {
	.name = "stream",
	.doc = "the images of a stream in a file, decoded or made smaller once, in any order",
	.disk = "files that img-read wrote, or aug-apply with one view of an image, one PATH each",
	.own = true,
	.many = true,
	.indexed = true,
	.open = open_stream,
	.tell = tell,
	.load = load,
	.blame = blame,
	.close = close_stream,
};
