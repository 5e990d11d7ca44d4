/* Our pipe on photographs (img-read | aug-sample | aug-apply, floats and bytes) against
 * views.py's float64, of whose views flowers.txt keeps figures: every op alone, whole
 * policies at every strength. The photographs are in ../shared/data, never here. */
#include <stdlib.h>
#include <unistd.h>

#include "../tap.h"
#include "image/image.h"
#include "project.h"
#include "stream/stream.h"

static char images[512]; /* their paths in the archive, as the reference's first line has them */
static int seed;
static char folder[] = "/tmp/augself-flowers-XXXXXX";

/* A stream that a command writes, run in the folder. */
struct pipe {
	FILE *f;
	struct as_reader *in;
	struct as_record rec;
};

static bool open_pipe(struct pipe *p, const char *then)
{
	char command[1024];
	struct as_error err;
	snprintf(command, sizeof command, "cd %s && img-read -q files %s | aug-sample -q --seed %d --policy policy%s", folder,
		 images, seed, then);
	p->f = popen(command, "r");
	if (p->f && as_reader_open(&p->in, fileno(p->f), then, NULL, &err) == 0)
		return true;
	return ok(false, "%s: %s", command, p->f ? err.text : "no pipe");
}

static bool next(struct pipe *p)
{
	struct as_error err;
	int rc = as_reader_next(p->in, &p->rec, &err);
	return rc < 0 ? ok(false, "%s", err.text) : rc > 0;
}

static void close_pipe(struct pipe *p)
{
	as_reader_close(p->in);
	ok(p->f && pclose(p->f) == 0, "its programs end well");
}

/* One line of figures. */
struct line {
	char name[64];
	int view;
	long long source;
	double drawn, figure[FIGURES];
};

static bool read_line(FILE *f, struct line *l)
{
	if (fscanf(f, "%63s %d %lld %lf", l->name, &l->view, &l->source, &l->drawn) != 4)
		return false;
	for (int k = 0; k < FIGURES; k++)
		if (fscanf(f, "%lf", &l->figure[k]) != 1)
			return false;
	return true;
}

static long long sum_of_pixels(const struct as_image *m)
{
	struct as_error err;
	size_t bytes;
	long long sum = 0;
	if (as_image_bytes(m, &bytes, &err) < 0)
		return -1;
	uint8_t *rgb = malloc(bytes);
	if (as_image_decode(m, rgb, NULL, &err) < 0)
		bytes = 0;
	for (size_t i = 0; i < bytes; i++)
		sum += rgb[i];
	free(rgb);
	return sum;
}

/* What one policy's views came to. */
struct tally {
	int views, redrawn, otherwise; /* otherwise: decoded to other pixels than the reference's */
	double worst;
	int64_t bytes_off;
};

static void check_view(struct tally *t, const struct line *l, const struct as_record *floats, const struct as_record *bytes)
{
	int64_t width = floats->role[0].param.shape[1], n = as_tensor_count(&floats->role[0].views) / floats->role[0].views.shape[0];
	float *x = malloc((size_t)n * sizeof *x), *b = malloc((size_t)n * sizeof *b), param[64];
	double drawn = 0;
	as_tensor_floats(&floats->role[0].param, l->view * width, width, param);
	for (int64_t k = 0; k < width; k++)
		drawn += (double)(k + 1) * (double)param[k];
	t->redrawn += fabs(drawn - l->drawn) > 1e-5;
	as_tensor_floats(&floats->role[0].views, l->view * n, n, x);
	as_tensor_floats(&bytes->role[0].views, l->view * n, n, b);
	double off = projected(x, n, l->figure);
	if (!(off <= PROJECTED))
		note("%s, view %d: |e| is about %.1e", l->name, l->view, off);
	t->worst = off > t->worst || off != off ? off : t->worst;
	for (int64_t i = 0; i < n; i++)
		t->bytes_off += !(fabs((double)b[i] - 255 * (double)x[i]) <= .5 + 1e-4);
	t->views++;
	free(x);
	free(b);
}

static void check_policy(FILE *reference, const char *name)
{
	struct pipe samples = {0}, floats = {0}, bytes = {0};
	struct tally t = {0};
	struct line l;
	if (!open_pipe(&samples, "") || !open_pipe(&floats, " | aug-apply -q --exact --dtype f4") ||
	    !open_pipe(&bytes, " | aug-apply -q --exact"))
		return;
	while (next(&samples) && next(&floats) && next(&bytes)) {
		long long sum = sum_of_pixels(&samples.rec.image);
		for (int64_t v = 0; v < floats.rec.role[0].views.shape[0]; v++) {
			if (!read_line(reference, &l) || l.view != v || strlen(l.name) != floats.rec.name.length ||
			    memcmp(l.name, floats.rec.name.at, strlen(l.name))) {
				ok(false, "%s: the reference has other images", name);
				break;
			}
			if (sum != l.source)
				t.otherwise++;
			else
				check_view(&t, &l, &floats.rec, &bytes.rec);
		}
	}
	is_int(t.redrawn, 0, "the parameters are those of the reference; if they are meant to change, make it anew");
	ok(t.views + t.otherwise == 10 && t.worst <= PROJECTED && !t.bytes_off, "%s: %d views, |e| at most %.1e", name, t.views,
	   t.worst);
	if (t.otherwise)
		skip("this libjpeg decodes some of the images to other pixels");
	close_pipe(&samples);
	close_pipe(&floats);
	close_pipe(&bytes);
}

/* "policy name = crop; size = 96; ..." into the file `policy`; name: its name. */
static bool write_policy(char *line, char name[64])
{
	char path[64];
	if (sscanf(line, "policy name = %63[^;]", name) != 1)
		return false;
	snprintf(path, sizeof path, "%s/policy", folder);
	FILE *f = fopen(path, "w");
	for (char *c = line; *c; c++)
		*c = *c == ';' ? '\n' : *c;
	bool good = f && fputs(line + strlen("policy "), f) >= 0;
	return (!f || fclose(f) == 0) && good;
}

int main(void)
{
	static const char tar[] = "../shared/data/flowers12.tar";
	char command[1024], line[2048], name[64];
	int policies = 0;
	if (access(tar, R_OK)) {
		skip("no ../shared/data/flowers12.tar");
		return done();
	}
	FILE *reference = fopen("tests/golden/flowers.txt", "r");
	if (!reference || fscanf(reference, "seed %d %511[^\n]", &seed, images) != 2 || !mkdtemp(folder)) {
		ok(false, "no reference, or no folder");
		return done();
	}
	snprintf(command, sizeof command, "tar -xf %s -C %s %s", tar, folder, images);
	ok(system(command) == 0, "some flowers are unpacked");
	while (fscanf(reference, " ") == 0 && fgets(line, sizeof line, reference)) {
		if (!ok(write_policy(line, name), "policy %s", name))
			break;
		check_policy(reference, name);
		policies++;
	}
	is_int(policies, 13, "each op alone, and two presets at three strengths");
	fclose(reference);
	snprintf(command, sizeof command, "rm -r %s", folder);
	ok(system(command) == 0, "the folder is gone");
	return done();
}
