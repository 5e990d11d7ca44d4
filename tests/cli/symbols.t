#!/usr/bin/env bash
# The shared library shows what the public headers declare: all of it, and nothing else.
. "${0%/*}/../lib.sh"
cd "$top" || exit 1

# Functions, as the compiler lists its declarations with the file of each; and data, as we write them.
declared()
{
	echo '#include "augself.h"' >"$scratch/all.c"
	gcc -std=c11 -D_POSIX_C_SOURCE=200809L -Ilib -aux-info "$scratch/aux" -S -o "$scratch/all.s" "$scratch/all.c" || return
	grep '^/\* lib/' "$scratch/aux" | grep -v ' static ' | grep -oE '\bas_[a-z0-9_]+ \(' | tr -d ' ('
	sed -n 's/^#include "\(.*\)"/lib\/\1/p' lib/augself.h | xargs sed -nE 's/^extern .*\b(as_[a-z0-9_]+)(\[[^]]*\])*;.*/\1/p'
}
so=$(find "$BUILD" -maxdepth 1 -name 'libaugself.so.*.*.*')
exported() { nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }'; }

if ! command -v gcc >/dev/null; then
	skip_all "gcc lists what headers declare"
fi
declared | sort -u >"$scratch/declared"
exported | sort -u >"$scratch/exported"
[ "$(wc -l <"$scratch/declared")" -gt 150 ]; result $? "public headers declare functions"
is "$(comm -23 "$scratch/declared" "$scratch/exported")" "" "what a public header declares, the library has"
is "$(comm -13 "$scratch/declared" "$scratch/exported")" "" "what no public header declares, it does not show"
is "$(objdump -p "$so" | awk '$1 == "SONAME" { print $2 }')" "libaugself.so.0.2" "its name is of this minor version"

# The version stands in one header, as text and as a number.
read -r text number < <(printf '#include "base/version.h"\nAS_VERSION AS_VERSION_NUMBER\n' | gcc -Ilib -E -P - | tail -n 1)
text=${text//\"/}
IFS=. read -r major minor patch <<<"$text"
is "$number" "$((10000 * major + 100 * minor + patch))" "AS_VERSION and AS_VERSION_NUMBER are one version"
is "${so##*/libaugself.so.}" "$text" "... which the library's file has too"
like "$(img-read --version)" "^img-read ${text//./\\.}( \\(git [^)]*\\))?$" "... and --version"
like "$(img-read --version)" "^libaugself ${text//./\\.}, compiled by " "... which says the library's beside"
done_testing
