#!/usr/bin/env bash
# The step that make bench BENCH=predict puts on a clock of its own is the step that runs: as many calls, as many tasks.
. "${0%/*}/../lib.sh"

predict=$BUILD/tests/bench/predict
[ -x "$predict" ] || skip_all "no $predict"
ok "a step of few images, really and on the clock" "$predict" check
like "$(cat "$out")" '^a step has ([0-9]{3,}) calls and ([0-9]{4,}) tasks, predicted \1 and \2, in some time$' \
	"... has the same calls and tasks"
must_fail 2 "an unknown word" "$predict" junk
done_testing
