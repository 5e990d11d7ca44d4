#!/usr/bin/env bash
# What networks and methods do with floats, a device's table does: in lib/nn and lib/ssl no loop reads or writes
# values of float or double arrays, but where nothing is computed on a device.
. "${0%/*}/../lib.sh"
cd "$top" || exit 1

# loops FILE: "name" of each array whose values a loop of the file touches.
loops() { awk -f tests/floats.awk lib/nn/*.h lib/ssl/*.h "$1" | sed 's/.*: //' | sort -u; }

# file, name: why that is no work of a device.
allowed="lib/nn/params.c v         start values are drawn, and values of a file looked at, one by one
lib/nn/schedule.c grad    whole numbers: where gradients lie
lib/ssl/augself.c value   a pair of texts from an option
lib/ssl/byol.c target     passes of the momentum network
lib/ssl/export.c value    a pair of texts from another
lib/ssl/feed.c omega      a record is checked
lib/ssl/feed.c want       ... against what its parameters make
lib/ssl/feed.c x          pixels of one record, before there is a batch
lib/ssl/trial.c x         pixels of noise, drawn one by one
lib/ssl/trainer.c value   a method's settings, and texts of options"

found=""
for f in lib/nn/*.c lib/ssl/*.c; do
	for name in $(loops "$f"); do
		found+="$f $name"$'\n'
	done
done
is "$(printf %s "$found" | sort)" "$(awk '{ print $1, $2 }' <<< "$allowed" | sort)" \
	"lib/nn and lib/ssl have no loop over floats beside those that are named here"

# What it is to find, in the ways in which such loops have been written.
caught() # CODE NAMES WHAT
{
	printf '%s\n' "struct own { float *z[2], *s; int n; };" "void f(struct own *o, const float *p, long n, float *dp)" "{ $1 }" \
		> "$scratch/x.c"
	is "$(loops "$scratch/x.c" | xargs)" "$2" "$3"
}
caught 'for (long i = 0; i < n; i++) dp[i] += p[i];' "dp p" "a loop of one statement is found"
caught 'for (long i = 0; i < n; i++) { if (n) { n--; } else dp[i] = 0; }' "dp" "... of a block, behind an else"
caught 'for (long i = 0; i < n; i++) for (long j = 0; j < n; j++) o->s[i * n + j] = 0;' "s" "... of a loop, to a member"
caught 'while (n--) *dp++ = *p++;' "dp p" "... by a pointer that walks"
caught 'do { double q[3]; q[n] = 0; } while (n--);' "q" "... to an array of its own"
caught 'for (int v = 0; v < 2; v++) o->z[v][n] = 0;' "z" "... to a row of several"
caught 'for (int v = 0; v < 2; v++) g(o->z[v], p + n, "p[v]"); /* p[v] */ dp[0] = p[0];' "" \
	"pointers handed on, comments, texts and single values are none"
done_testing
