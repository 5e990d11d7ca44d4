/* model-export: a trained network as an ONNX file, for programs that are not ours. */
#include <stdio.h>
#include <string.h>

#include "base/newfile.h"
#include "common.h"
#include "kern/kern.h"
#include "ssl/export.h"

static const char *model, *onnx, *prefix, *stem, *input = "unit", *parts;
static bool list, any_size;
static uint64_t size;

static const struct opt opts[] = {
	{'m', "model", OPT_TEXT, &model, "FILE", "safetensors: a model or state of ssl-train, or any ResNet", 0, 0, false},
	{0, "onnx", OPT_TEXT, &onnx, "FILE", "the ONNX file to write", 0, 0, false},
	{0, "with", OPT_LIST, &parts, "PART", "an output more: projector, predictor, classifier, heads, or all", 0, 0, false},
	{0, "input", OPT_TEXT, &input, "NAME", "what it takes: unit (default), bytes or normalised; see --list", 0, 0, false},
	{0, "size", OPT_U64, &size, "N", "image size (default: the model's)", 1, 2048, false},
	{0, "any-size", OPT_FLAG, &any_size, NULL, "images of other sizes too, and not only squares", 0, 0, false},
	OPT_GROUP("Network"),
	{0, "prefix", OPT_TEXT, &prefix, "TEXT", "which ResNet of several: what stands before its tensors' names", 0, 0, false},
	{0, "stem", OPT_TEXT, &stem, "NAME", "cifar or imagenet, where the file does not tell it", 0, 0, false},
	OPT_GROUP("Running"),
	{'l', "list", OPT_FLAG, &list, NULL, "say what the file would have; without --model, what one may have", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "model-export",
	.synopsis = "[options] --model FILE --onnx FILE",
	.doc = "Writes a trained network as an ONNX file, which other programs run.",
	.opts = opts,
	.example = "model-export --model model.safetensors --onnx model.onnx --input bytes",
};

static void list_words(const char *head, const struct as_export_word *w)
{
	printf("%s\n", head);
	for (; w->name; w++)
		printf("  %s: %s\n", w->name, w->doc);
}

static void list_port(const char *head, const struct as_onnx_port *p)
{
	printf("%s\t%s\t%s\t", head, p->name, p->dtype == AS_U1 ? "uint8" : "float32");
	for (int i = 0; i < p->ndim; i++) {
		if (p->shape[i] < 0)
			printf("%s%s", i ? "," : "(", p->side[i]);
		else
			printf("%s%lld", i ? "," : "(", (long long)p->shape[i]);
	}
	printf(")\t%s\n", p->doc);
}

static void list_graph(const struct as_onnx *o)
{
	puts("what\tname\tdtype\tshape\tmeaning");
	for (int i = 0; i < as_onnx_inputs(o); i++)
		list_port("input", as_onnx_input_at(o, i));
	for (int i = 0; i < as_onnx_outputs(o); i++)
		list_port("output", as_onnx_output_at(o, i));
}

static void write_file(const struct as_exporter *e)
{
	struct as_newfile out;
	struct as_error err;
	if (as_newfile_open(&out, onnx, &err))
		die_error(NULL, &err);
	int rc = as_exporter_write(e, out.f, &err);
	long bytes = rc ? 0 : ftell(out.f);
	rc = rc ? rc : as_newfile_commit(&out, &err);
	as_newfile_abandon(&out);
	if (rc)
		die_error(onnx, &err);
	const struct as_onnx *o = as_exporter_graph(e);
	char size_of[40] = ""; /* a pipe tells no place */
	if (bytes >= 0)
		snprintf(size_of, sizeof size_of, ", %ld bytes", bytes);
	inform("%s: %d nodes, %d outputs%s", onnx, as_onnx_nodes(o), as_onnx_outputs(o), size_of);
}

/* Reads the model; what options name wrongly is found before. */
static struct as_exporter *open_model(void)
{
	struct as_exporter *e;
	struct as_error err;
	int kind = as_export_input_find(input, &err);
	if (kind < 0)
		die_error("--input", &err);
	struct as_export how = {
		.of = {.prefix = prefix, .stem = stem, .size = (int)size},
		.input = (enum as_export_input)kind,
		.parts = parts,
		.any_size = any_size,
	};
	if (as_exporter_open(&e, model, &how, &(struct as_engine){as_kern_chosen(false), NULL, 1, NULL}, &err))
		die_error(NULL, &err);
	inform("%s", as_exporter_name(e));
	if (as_exporter_note(e))
		warn("%s: %s", model, as_exporter_note(e));
	return e;
}

int main(int argc, char **argv)
{
	int n;
	tool_begin(&tool, argc, argv, &n);
	if (list && !model) {
		list_words("inputs (--input)", as_export_inputs());
		list_words("parts (--with)", as_export_parts());
		return finish_text();
	}
	if (!model)
		die(EXIT_USAGE, "no --model; see model-export --help");
	if (!onnx && !list)
		die(EXIT_USAGE, "no --onnx FILE to write; --list says what it would have");
	const struct place place[] = {{"--model", model, false}, {"--onnx", onnx, true}};
	check_places(place, (int)(sizeof place / sizeof *place));
	struct as_exporter *e = open_model();
	if (onnx)
		write_file(e);
	if (list)
		list_graph(as_exporter_graph(e));
	as_exporter_close(e);
	return finish_text();
}
