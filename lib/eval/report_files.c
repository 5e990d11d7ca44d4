#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "eval/report_inside.h"
#include "image/image.h"
#include "stream/safetensors.h"
#include "stream/stream.h"

/* Bytes of a sheet, which the page will have in it, and of a file that is hashed as a whole. */
enum { MAX_SHEET = 48 << 20, MAX_WHOLE = 1 << 30 };

/* Whether all of a picture is there: what is cut or damaged would stand in the page as half a picture. */
static int check_picture(const struct as_report_sheet *s, const struct as_image_head *head, struct as_error *err)
{
	struct as_image_notes notes = {0};
	uint8_t *rgb = malloc((size_t)head->height * (size_t)head->width * 3);
	if (!rgb)
		return as_fail(err, AS_EMEM, "no memory for %lld x %lld pixels", (long long)head->height, (long long)head->width);
	int rc = as_image_read(s->png, s->bytes, 1, rgb, &notes, err);
	free(rgb);
	return !rc && notes.warnings ? as_fail(err, AS_EDATA, "a damaged picture: %s", notes.first) : rc;
}

int as_report_read_sheet(struct as_report_sheet *s, const char *path, struct as_error *err)
{
	struct as_image_head head;
	int rc = as_file_read(path, AS_PATH_FILE, MAX_SHEET, &s->png, &s->bytes, err);
	if (rc)
		return rc;
	if ((rc = as_image_probe(s->png, s->bytes, &head, err)))
		return as_fail_within(err, "%s", path);
	if (strcmp(head.format, "png"))
		return as_fail(err, AS_EDATA, "%s: is %s, a sheet is a PNG (rec-view --sheet makes one)", path, head.format);
	if ((rc = check_picture(s, &head, err)))
		return as_fail_within(err, "%s", path);
	s->height = (int)head.height;
	s->width = (int)head.width;
	return 0;
}

/* ---- seals ---- */

static int seal_stream(const char *path, uint64_t *hash, struct as_error *err)
{
	struct as_reader *r = NULL;
	struct as_record rec;
	int fd = as_path_open(path, AS_PATH_FILE, err);
	if (fd < 0)
		return fd;
	int rc = as_reader_open(&r, fd, path, NULL, err);
	while (!rc && (rc = as_reader_next(r, &rec, err)) > 0)
		rc = 0;
	if (!rc)
		*hash = as_reader_seal(r).hash;
	as_reader_close(r);
	close(fd);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

static int seal_model(const char *path, uint64_t *hash, struct as_error *err)
{
	struct as_safetensors *model;
	int rc = as_safetensors_open(&model, path, err);
	if (rc)
		return rc;
	*hash = as_safetensors_hash(model);
	as_safetensors_close(model);
	return 0;
}

static int seal_bytes(const char *path, uint64_t *hash, struct as_error *err)
{
	char *bytes;
	size_t count;
	int rc = as_file_read(path, AS_PATH_FILE, MAX_WHOLE, &bytes, &count, err);
	if (rc)
		return rc;
	*hash = as_hash64(bytes, count);
	free(bytes);
	return 0;
}

/* A stream's header begins, after its length, with the key "magic"; a safetensors file is the size of its JSON
 * header in 8 bytes, and this header. */
static int kind_of(const char *path, bool *stream, bool *model, struct as_error *err)
{
	struct as_file file;
	int rc = as_file_open(&file, path, AS_PATH_FILE, err);
	if (!rc && (rc = as_file_fill(&file, 24, err)))
		as_fail_within(err, "%s", path);
	for (size_t i = 0; !rc && i + 6 <= file.count && i < 16; i++)
		*stream = *stream || !memcmp(file.bytes + i, "\xa5magic", 6);
	*model = !rc && file.count > 8 && !memcmp(file.bytes + 4, "\0\0\0\0{", 5);
	as_file_close(&file);
	return rc;
}

int as_report_read_seal(struct as_report_seal *s, struct as_error *err)
{
	bool stream = false, model = false;
	int rc = kind_of(s->path, &stream, &model, err);
	if (rc)
		return rc;
	return stream ? seal_stream(s->path, &s->hash, err) : model ? seal_model(s->path, &s->hash, err)
								    : seal_bytes(s->path, &s->hash, err);
}

/* ---- times ---- */

/* A column `seconds`: beside a column `step` it counts from where the process began, so that a run that was
 * resumed begins again at a smaller number; otherwise each line is a time of its own. */
int as_report_read_time(struct as_report_time *time, const char *path, bool grows, struct as_error *err)
{
	struct as_tsv t;
	double last = 0;
	int rc = grows ? as_report_read_growing(&t, path, err) : as_tsv_read(&t, path, err);
	int64_t seconds = rc ? -1 : as_tsv_column(&t, "seconds");
	bool counts = !rc && as_tsv_column(&t, "step") >= 0;
	if (!rc && t.columns && seconds < 0)
		rc = as_fail(err, AS_EDATA, "%s: no column 'seconds'", path);
	for (int64_t i = 0; !rc && i < t.rows; i++) {
		double now;
		rc = as_parse_f64(as_tsv_at(&t, i, seconds), 0, 1e12, &now, err);
		if (rc) {
			as_fail_within(err, "%s: time %" PRId64, path, i + 1);
			break;
		}
		time->seconds += counts && now >= last ? now - last : now;
		last = now;
	}
	as_tsv_clear(&t);
	return rc;
}
