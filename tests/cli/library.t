#!/usr/bin/env bash
# The library for programs of others: a page for each public header, in which nothing public is missing; comments that
# say what one must know; the examples, on the installed library, compute what our programs do.
. "${0%/*}/../lib.sh"
unset DESTDIR
make_here() { make --no-print-directory -C "$top" B="${BUILD#"$top"/}" "$@"; } # on the build under test
pages=$BUILD/man
[ -s "$pages/names" ] || skip_all "no pages yet"

# ---- pages of headers ----

headers=$(sed -n 's/^#include "\(.*\)"/\1/p' "$top/lib/augself.h")
mapfile -t files < <(sed -n 's/^#include "\(.*\)"/lib\/\1/p' "$top/lib/augself.h")
is "$(cd "$pages" && echo augself-*.3 | tr ' ' '\n')" "$(sed 's|/|-|; s|^|augself-|; s|\.h$|.3|' <<<"$headers" | sort)" \
	"a page for each public header, and no other"
if command -v mandoc >/dev/null; then
	ok "they are clean mdoc" mandoc -T lint -W warning "$pages"/*.3
	is "$(cat "$out")" "" "... without a word"
else
	skip "they are clean mdoc" "no mandoc"
fi
is "$(sed -n 's/^\.It Xr \(augself-[a-z0-9-]*\) 3$/\1/p' "$pages/augself.3" | sort)" \
	"$(cd "$pages" && printf '%s\n' augself-*.3 | sed 's/\.3$//')" "augself(3) lists them"

# What the compiler sees of the headers, beside what they say that they have.
functions=$(tr -s ' \t\n' ' ' <"$BUILD/augself.names" | grep -oE '\<as_[a-z0-9_]+ ?\(' | tr -d ' (' | sort -u)
listed=$(awk -F'\t' '$2 == "function" { print $1 }' "$pages/names" | sort -u)
# Members that are functions are called so too, but have no place of their own in the shared library.
exported=$(nm -D --defined-only "$BUILD/libaugself.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' |
	grep -vE '^(_init|_fini)$' | sort -u)
is "$(comm -23 <(echo "$exported") <(echo "$listed"))" "" "every function that the library exports has its page"
is "$(comm -23 <(echo "$listed") <(echo "$functions"))" "" "... and pages have only functions that there are"
[ "$(wc -l <<<"$listed")" -gt 400 ]; result $? "... which are some hundred"
types=$(grep -oE '^(struct|enum) as_[a-z0-9_]+ \{' "$BUILD/augself.names" | awk '{ print $2 }' | sort -u)
is "$(comm -23 <(echo "$types") <(awk -F'\t' '$2 == "type" { print $1 }' "$pages/names" | sort -u))" "" \
	"every type has its page"
is "$(awk -F'\t' '$2 != "constant" { print $1, $2 }' "$pages/names" | sort | uniq -d)" "" "each has one"
for f in $listed; do
	page=$(awk -F'\t' -v f="$f" '$1 == f && $2 == "function" { print $3 }' "$pages/names")
	grep -qE "^\.Nm $f( ,)?$" "$pages/$page.3" || echo "$f"
done >lost
is "$(cat lost)" "" "each page has its functions in NAME, where apropos looks"

# ---- comments ----

is "$(awk -F'\t' '$4 != "" { print $3 ": " $1 ": " $4 }' "$pages/names")" "" \
	"comments of public headers say what a thing is, how it fails, whose its memory is"
# ... and one that does not is seen.
mkdir lib && cat >lib/poor.h <<'END'
/* Public since 0.2. A header that says too little. */
struct as_mute {
	int a;
};

int as_mute_can(struct as_mute *, struct as_error *);

/* Does it. */
int as_mute_do(struct as_mute *, struct as_error *);
/* Its text. */
char *as_mute_text(const struct as_mute *);
/* Its text, malloc'd. AS_EMEM. */
char *as_mute_copy(const struct as_mute *, struct as_error *);
END
for awk in awk gawk mawk "busybox awk"; do
	command -v "${awk%% *}" >/dev/null || continue
	mkdir -p poor
	# shellcheck disable=SC2086
	ok "$awk reads a header" $awk -v dir=poor -v date=today -v index_only=0 -f "$top/man/headers.awk" lib/poor.h
	is "$(awk -F'\t' '{ print $1 ": " $4 }' poor/names)" "as_mute: no comment says what it is
as_mute_can: no comment
as_mute_do: it can fail, and no comment says how
as_mute_text: it gives a pointer, and no comment says whose the memory is
as_mute_copy: " "... and says what its comments do not"
	# shellcheck disable=SC2086
	(cd "$top" && $awk -v dir="$scratch/here/poor" -v date=today -v index_only=0 -f man/headers.awk "${files[@]}") &&
		cat poor/augself-*.3 | cksum >"sum.${awk%% *}"
done
is "$(cat sum.* | sort -u | wc -l)" 1 "every awk makes the same pages"

# ---- installed ----

ok "make install" make_here install prefix="$scratch/usr"
man3=$scratch/usr/share/man/man3
is "$(find "$man3" -xtype l)" "" "links of functions and types lead to pages"
is "$(readlink "$man3/as_views_make.3") $(readlink "$man3/as_policy.3") $(readlink "$man3/as_each.3")" \
	"augself-aug-views.3 augself-aug-policy.3 augself-base-pool.3" "... to theirs, of one name the function's"
if command -v man >/dev/null && [ -n "$(MANPATH=$scratch/usr/share/man man -w as_views_make 2>/dev/null)" ]; then
	like "$(MANPATH=$scratch/usr/share/man man as_views_make 2>/dev/null | col -b)" '^ *as_views_make\(' "man finds a function"
else
	skip "man finds a function" "no man that reads pages here"
fi

# ---- examples ----

if ! command -v pkg-config >/dev/null; then
	skip "examples" "no pkg-config"
	done_testing
fi
if [[ $BUILD != */release && $BUILD != */debug ]]; then
	skip "examples" "this build needs its sanitizer"
	done_testing
fi
export PKG_CONFIG_PATH=$scratch/usr/lib/pkgconfig
cp "$scratch/usr/share/doc/augself/examples"/*.c .
compile() # compile SOURCE PROGRAM FLAGS...: as strictly as somebody may
{
	# shellcheck disable=SC2046
	"${CC:-gcc}" -std=c11 -Wall -Wextra -Werror -pedantic -pthread -o "$2" "$1" $(pkg-config --cflags "${@:3}" --libs augself)
}
img-synth -q --count 128 --epochs 2 --shuffle --seed 3 | aug-sample -q --seed 5 | aug-apply -q >views.rec
ssl-train -q --width 0.0625 --batch 64 --set hidden=64,bottleneck=32 --augself crop=1,color=1 -o ours.safetensors <views.rec
img-synth -q --count 3 --seed 9 >three.img
rec-view -n 1 -q --sheet photo.png three.img
img-read files photo.png -q | feat-extract -q --batch 1 --model ours.safetensors >photo.feat
numbers() { sed 's/[][,]/\n/g' | grep -E '^-?[0-9.]+(e-?[0-9]+)?$'; }
rec-view -q --full photo.feat | sed -n 's/.*"feature"[^[]*\[[0-9, ]*\][^[]*\(\[.*\)/\1/p' | numbers >ours.txt

try() # try KIND FLAGS...: the examples on this kind of library
{
	local e
	for e in views feature train; do
		ok "$e.c, on the $1 library" compile "$e.c" "$e" "${@:2}"
	done
	run env LD_LIBRARY_PATH="$scratch/usr/lib" ./train model.safetensors <views.rec
	is "$status $(grep -cE '^step [1-4], loss [0-9.-]+' "$out")" "0 4" "train: a step for each batch" || diag "$(cat "$err")"
	cmp -s model.safetensors ours.safetensors; result $? "... and the model has ssl-train's bytes"
	run env LD_LIBRARY_PATH="$scratch/usr/lib" ./feature model.safetensors photo.png
	is "$status $(cut -f1 "$out")" "0 photo.png" "feature: a line for a file"
	is "$(cut -f2- "$out" | tr '\t' '\n' | paste - ours.txt |
		awk '{ d = $1 - $2; if (d * d > 1e-10) n++ } END { print NR, n + 0 }')" \
		"32 0" "... of feat-extract's numbers"
	rm -f sheet.png
	run env LD_LIBRARY_PATH="$scratch/usr/lib" ./views photo.png sheet.png
	wide=$(img-read files sheet.png -q | rec-view | sed -n 's/.*"width":\([0-9]*\).*/\1/p')
	is "$status $((wide > 8 * 96))" "0 1" \
		"views: a row of eight"
	for e in "views none.png x.png" "feature model.safetensors none.png" "feature none photo.png" "train x"; do
		# shellcheck disable=SC2086
		must_fail 1 "$e: says what is wrong" env LD_LIBRARY_PATH="$scratch/usr/lib" ./$e
	done
}
try shared
cp sheet.png shared.png
rm "$scratch/usr/lib"/libaugself.so*
try static --static
cmp -s sheet.png shared.png; result $? "both make the same picture"
for e in views feature train; do
	is "$(awk -v e=".\\\\\" example $e.c" '$0 == e' "$top/man/augself.3" | wc -l)" 1 "augself(3) shows $e.c"
	is "$(grep -c "^/\* $e: " "$pages/augself.3")" 1 "... whole"
done

# What ends in _free accepts NULL, and so does what ends in _close where the struct is the library's; what ends in _clear
# accepts zeros: as augself(3) promises.
{
	echo '#include <augself/augself.h>'
	echo 'int main(void) {'
	sed -nE 's/^void (as_[a-z0-9_]+_(free|close|clear))\(struct (as_[a-z0-9_]+) \*\);$/\1 \2 \3/p' \
		"$scratch/usr/include/augself"/*/*.h |
		while read -r name verb of; do
			if [ "$verb" = clear ]; then
				echo "{ static struct $of zeros; $name(&zeros); }"
			elif [ "$verb" = free ] || ! grep -qx "$of" <<<"$types"; then
				echo "$name(NULL);"
			fi
		done
	echo 'return 0; }'
} >nothing.c
[ "$(wc -l <nothing.c)" -gt 30 ]; result $? "functions that give things back" || diag "$(cat nothing.c)"
ok "... compiled" compile nothing.c nothing --static
ok "... accept nothing" ./nothing
done_testing
