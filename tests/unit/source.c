/* What a state remembers of its data: every part of a header that makes other bytes is in the
 * text, and a difference is told with both values and what is likely. */
#include "ssl/source.h"

#include <stdlib.h>

#include "../tap.h"

/* 8 images of 2 classes, 3 epochs. */
static struct as_header header_new(void)
{
	struct as_header h = {.kind = "view", .records = 8, .epochs = 3};
	struct as_error err;
	h.policy = strdup("size = 32\nop = crop\nop = flip p=.5\n");
	if (as_names_add(&h.classes, "cat", &err) || as_names_add(&h.classes, "dog", &err) ||
	    as_names_add(&h.chain, "img-read 1 folder", &err) || as_names_add(&h.chain, "aug-sample 1", &err))
		abort();
	return h;
}

static void policy(struct as_header *h, const char *text)
{
	free(h->policy);
	h->policy = text ? strdup(text) : NULL;
}

static void change(struct as_header *h, int what)
{
	struct as_error err;
	int rc = 0;
	switch (what) {
	case 0: h->records = 7; break;
	case 1: h->records = 0; break;
	case 2: h->epochs = 30; break;
	case 3: h->classes.at[5] = 'g'; break;
	case 4: rc = as_names_add(&h->classes, "cow", &err); break;
	case 5: policy(h, "size = 32\nop = crop\n"); break;
	case 6: policy(h, "size = 32\nop = crop\nop = flip p=.5\nop = gray\n"); break;
	case 7: policy(h, "size = 32\nop = crop\nop = flip p=.51\n"); break;
	case 8: policy(h, NULL); break;
	case 9: rc = as_names_add(&h->chain, "aug-apply 1", &err); break;
	case 10: h->chain.at[0] = 'x'; break;
	case 11: h->classes.at[4] = '\xe4'; break;
	case 12: h->classes.at[4] = '\n'; break;
	}
	if (rc)
		abort();
}

/* Both ways: of the changed stream to the state, and of a changed state to the stream. */
static void test_change(int what, const char *want, const char *back)
{
	struct as_header a = header_new(), b = header_new();
	struct as_error err = {0};
	change(&b, what);
	char *was = as_source_text(&a), *now = as_source_text(&b);
	ok(as_source_compare(was, now, &err) == AS_EDATA, "change %d is found", what);
	is_text(err.text, want, "... and told");
	ok(as_source_compare(now, was, &err) == AS_EDATA && !strncmp(err.text, back, strlen(back)), "... and the other way: %s",
	   err.text);
	free(was);
	free(now);
	as_header_clear(&a);
	as_header_clear(&b);
}

int main(void)
{
	struct as_header h = header_new();
	struct as_error err = {0};
	char *was = as_source_text(&h), *now = as_source_text(&h);
	ok(as_source_compare(was, now, &err) == 0, "a header and itself %s", err.text);
	size_t n = strlen(was);
	bool grown = true;
	char *longer = malloc(n + 20);
	for (size_t length = 0; length < n; length++) {
		snprintf(longer, n + 1, "%.*s", (int)length, was);
		/* without its last line feed it says the same */
		grown = grown && (as_source_compare(longer, was, &err) == AS_EDATA || length == n - 1);
		grown = grown && (as_source_compare(was, longer, &err) == AS_EDATA || length == n - 1);
	}
	ok(grown, "of two texts, one the beginning of the other, neither is the other");
	snprintf(longer, n + 20, "%slast = 1\n", was);
	ok(as_source_compare(longer, was, &err) == AS_EDATA, "a state that says more: %s", err.text);
	is_text(err.text, "source: the state has 'last = 1', the stream nothing more: it was written by something else", "... is told");
	free(longer);
	test_change(0, "records: the state has 8, the stream 7: images were added or removed", "records: the state has 7, the stream 8");
	test_change(1, "records: the state has 8, the stream 0: images were added or removed", "records: the state has 0");
	test_change(2, "epochs: the state has 3, the stream 30: the source was asked for others", "epochs: the state has 30");
	test_change(3, "class: the state has 'dog', the stream 'dgg': a class was renamed", "class: the state has 'dgg'");
	test_change(4, "classes: the state has 2, the stream 3: classes were added or removed", "classes: the state has 3");
	test_change(5, "policy: the state has 'op = flip p=.5', the stream nothing more: the views are drawn otherwise",
		    "policy: the state has nothing more, the stream 'op = flip p=.5'");
	test_change(6, "policy: the state has nothing more, the stream 'op = gray': the views are drawn otherwise",
		    "policy: the state has 'op = gray', the stream nothing more");
	test_change(7, "policy: the state has 'op = flip p=.5', the stream 'op = flip p=.51': the views are drawn otherwise",
		    "policy: the state has 'op = flip p=.51'");
	test_change(8, "policy: the state has 'size = 32', the stream nothing more: the views are drawn otherwise",
		    "policy: the state has nothing more, the stream 'size = 32'");
	test_change(9, "chain: the state has nothing more, the stream 'aug-apply 1': a command before was another, or had other options; "
		    "give these again, or another --state",
		    "chain: the state has 'aug-apply 1', the stream nothing more");
	test_change(10, "chain: the state has 'img-read 1 folder', the stream 'xmg-read 1 folder': a command before was another, or "
		    "had other options; give these again, or another --state", "chain: ");
	test_change(11, "class: the state has 'dog', the stream '\\xe4og': a class was renamed", "class: ");
	test_change(12, "class: the state has 'dog', the stream '\\x0aog': a class was renamed", "class: ");
	free(was);
	free(now);
	as_header_clear(&h);
	return done();
}
