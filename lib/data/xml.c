#include "data/xml.h"

#include <stdlib.h>

#include "base/file.h"
#include "stream/late.h"

#ifdef AS_LATE_expat

#include <expat.h>
#include <pthread.h>
#include <string.h>

static struct {
	XML_Parser (*create)(const XML_Char *);
	void (*free)(XML_Parser);
	void (*set_data)(XML_Parser, void *);
	void (*set_elements)(XML_Parser, XML_StartElementHandler, XML_EndElementHandler);
	void (*set_text)(XML_Parser, XML_CharacterDataHandler);
	void (*set_doctype)(XML_Parser, XML_StartDoctypeDeclHandler);
	enum XML_Status (*stop)(XML_Parser, XML_Bool);
	enum XML_Status (*parse)(XML_Parser, const char *, int, int);
	enum XML_Error (*code)(XML_Parser);
	const XML_LChar *(*text)(enum XML_Error);
	XML_Size (*line)(XML_Parser);
} expat;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct as_error failure;

static void load(void)
{
	const struct as_late late[] = {
		AS_LATE(expat.create, XML_ParserCreate), AS_LATE(expat.free, XML_ParserFree),
		AS_LATE(expat.set_data, XML_SetUserData), AS_LATE(expat.set_elements, XML_SetElementHandler),
		AS_LATE(expat.set_text, XML_SetCharacterDataHandler),
		AS_LATE(expat.set_doctype, XML_SetStartDoctypeDeclHandler), AS_LATE(expat.stop, XML_StopParser),
		AS_LATE(expat.parse, XML_Parse), AS_LATE(expat.code, XML_GetErrorCode),
		AS_LATE(expat.text, XML_ErrorString), AS_LATE(expat.line, XML_GetCurrentLineNumber),
	};
	int rc = as_late_load(AS_LATE_STRING(AS_LATE_expat), late, sizeof late / sizeof *late, &failure);
	failure.code = rc;
}

struct element {
	size_t name; /* its '/' in the path */
	size_t text; /* where its text begins */
};

struct reading {
	XML_Parser parser;
	const struct as_xml *user;
	struct as_error *err;
	int rc;
	int depth;
	struct element open[AS_XML_DEPTH];
	char path[AS_XML_PATH + 2];
	size_t length; /* of the path */
	/* The texts of the open elements, one behind the other: that of the innermost is the last. */
	char text[AS_XML_DEPTH * (AS_XML_TEXT + 1)];
	size_t texts;
};

static void stop(struct reading *r, int rc)
{
	r->rc = rc;
	expat.stop(r->parser, XML_FALSE);
}

static void XMLCALL on_begin(void *data, const XML_Char *name, const XML_Char **attribute)
{
	struct reading *r = data;
	size_t n = strlen(name);
	(void)attribute;
	if (r->rc)
		return;
	if (r->depth == AS_XML_DEPTH || r->length + 1 + n > AS_XML_PATH) {
		stop(r, as_fail(r->err, AS_EDATA, "XML: elements more than %d deep, or names too long", AS_XML_DEPTH));
		return;
	}
	r->open[r->depth++] = (struct element){r->length, r->texts};
	r->path[r->length] = '/';
	memcpy(r->path + r->length + 1, name, n + 1);
	r->length += n + 1;
	int rc = r->user->begin ? r->user->begin(r->user->ctx, r->path, r->err) : 0;
	if (rc)
		stop(r, rc);
}

/* Without blanks at both ends, where lines may break. */
static const char *trim(char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t n = strlen(text);
	while (n && strchr(blanks, text[n - 1]))
		text[--n] = 0;
	return text + strspn(text, blanks);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct reading *r = data;
	(void)name;
	if (r->rc)
		return;
	const struct element *e = &r->open[--r->depth];
	r->text[r->texts] = 0;
	int rc = r->user->end(r->user->ctx, r->path, trim(r->text + e->text), r->err);
	r->texts = e->text;
	r->length = e->name;
	r->path[r->length] = 0;
	if (rc)
		stop(r, rc);
}

static void XMLCALL on_text(void *data, const XML_Char *at, int n)
{
	struct reading *r = data;
	if (r->rc || !r->depth)
		return;
	if (r->texts - r->open[r->depth - 1].text + (size_t)n > AS_XML_TEXT) {
		stop(r, as_fail(r->err, AS_EDATA, "XML: %s: a text of more than %d bytes", r->path, AS_XML_TEXT));
		return;
	}
	memcpy(r->text + r->texts, at, (size_t)n);
	r->texts += (size_t)n;
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public, int inside)
{
	struct reading *r = data;
	(void)system, (void)public, (void)inside;
	if (!r->rc)
		stop(r, as_fail(r->err, AS_EDATA, "XML: a document type (<!DOCTYPE %.100s>), which is not read", name));
}

static int parse(const char *bytes, size_t count, struct reading *r)
{
	r->parser = expat.create(NULL);
	if (!r->parser)
		return as_fail(r->err, AS_EMEM, "memory: no room to read XML");
	expat.set_data(r->parser, r);
	expat.set_elements(r->parser, on_begin, on_end);
	expat.set_text(r->parser, on_text);
	expat.set_doctype(r->parser, on_doctype);
	if (expat.parse(r->parser, bytes, (int)count, 1) != XML_STATUS_OK && !r->rc)
		r->rc = as_fail(r->err, AS_EDATA, "XML: %s", expat.text(expat.code(r->parser)));
	if (r->rc)
		as_fail_within(r->err, "%llu", (unsigned long long)expat.line(r->parser));
	expat.free(r->parser);
	return r->rc;
}

int as_xml_read(const char *path, const struct as_xml *user, struct as_error *err)
{
	struct as_error why;
	char *bytes;
	size_t count;
	pthread_once(&once, load);
	if (failure.code)
		return as_fail(err, failure.code, "%s: to read XML, install the package libexpat1 (%.150s)", path, failure.text);
	int rc = as_file_read(path, AS_PATH_FILE, AS_XML_BYTES, &bytes, &count, err);
	if (rc)
		return rc;
	struct reading *r = calloc(1, sizeof *r);
	if (r) {
		r->user = user;
		r->err = &why;
		rc = parse(bytes, count, r);
	} else {
		rc = as_fail(&why, AS_EMEM, "memory: no room to read XML");
	}
	free(r);
	free(bytes);
	return rc ? as_fail(err, rc, "%s:%s", path, why.text) : 0;
}

#else

int as_xml_read(const char *path, const struct as_xml *user, struct as_error *err)
{
	(void)user;
	return as_fail(err, AS_EIO, "%s: to read XML augself must be built with expat: install the package libexpat1-dev and "
		       "run make again", path);
}

#endif
