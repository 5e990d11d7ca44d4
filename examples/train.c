/* train: a training with AugSelf heads, step by step, on a stream of views.
 *
 *     cc -o train train.c $(pkg-config --cflags --libs augself)
 *     img-synth --count 512 --epochs 2 --shuffle | aug-sample | aug-apply | ./train model.safetensors
 */
#include <augself/augself.h>
#include <stdio.h>
#include <stdlib.h>

/* A narrow ResNet-18, SimSiam, and two heads; sized to the views of the stream. */
static int choose(struct as_recipe *r, const struct as_roles *roles, const struct as_header *h, struct as_error *err)
{
	as_recipe_default(r);
	if (as_recipe_set(r, "width", "0.0625", err) || as_recipe_set(r, "batch", "64", err) ||
	    as_recipe_set(r, "set", "hidden=64,bottleneck=32", err) || as_recipe_set(r, "augself", "crop=1,color=1", err))
		return err->code;
	return as_recipe_settle(r, roles->role[0].size, h->epochs, h->classes.count, err);
}

/* Every batch of the stream, a step each; a line for each step. */
static int train(struct as_trainer *t, struct as_feed *feed, struct as_error *err)
{
	const volatile sig_atomic_t stop = 0;
	const struct as_batch *batch;
	struct as_outcome out;
	int rc;
	while ((rc = as_feed_next(feed, &stop, &batch, err)) > 0) {
		if ((rc = as_trainer_step(t, batch, &out, err)))
			break;
		printf("step %llu, loss %.4f, spread %.3f\n", (unsigned long long)as_trainer_progress(t)->step, out.loss,
		       out.figures.spread);
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct as_error err;
	struct as_reader *in = NULL;
	struct as_roles roles;
	struct as_recipe recipe;
	struct as_engine engine = {.kern = as_kern_chosen(false), .grains = 1};
	struct as_trainer *t = NULL;
	struct as_feed *feed = NULL;
	if (argc != 2)
		return fprintf(stderr, "usage: train MODEL < views\n"), 2;
	int rc = as_reader_open(&in, 0, "standard input", "view", &err);
	const struct as_header *header = rc ? NULL : as_reader_header(in);
	if (!rc && !(rc = as_roles_of_header(header, &roles, &err)) && !(rc = choose(&recipe, &roles, header, &err)) &&
	    !(rc = as_pool_new(&engine.pool, as_cpus(), &err)) &&
	    !(rc = as_trainer_new(&t, &recipe, &roles, &engine, true, &err)) &&
	    !(rc = as_feed_open(&feed, &engine, in, as_trainer_layout(t), 0, &err)))
		rc = train(t, feed, &err);
	char *source = rc ? NULL : as_source_text(header);
	if (!rc)
		rc = source ? as_trainer_model(t, argv[1], source, NULL, &err) : as_fail(&err, AS_EMEM, "no memory");
	if (rc)
		fprintf(stderr, "train: %s\n", err.text);
	free(source);
	as_feed_close(feed);
	as_trainer_free(t);
	as_pool_free(engine.pool);
	as_reader_close(in);
	return rc != 0;
}
