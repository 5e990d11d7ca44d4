#!/usr/bin/env bash
# The site: every manual page, a front page, the report and pictures; valid, without scripts, with links that lead
# somewhere, wherever it lies, and on a phone no wider than it.
. "${0%/*}/../lib.sh"
unset DESTDIR
command -v mandoc >/dev/null || skip_all "no mandoc"
for p in img-synth rec-view aug-sample ssl-train score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
# What the tutorial makes tutorial.t looks at; here others stand in for it.
pictures=$(sed -n 's/^\.\\" picture \([^ ]*\) .*/\1/p' "$top/man/augself.7")
mkdir -p "$scratch/tutorial/own" && touch "$scratch/tutorial/done"
for p in $pictures; do cp "$top/examples/demo.png" "$scratch/tutorial/$p"; done
printf '%s\n' '<!DOCTYPE html>' '<html lang="en">' \
	'<head><title>own</title><meta name="viewport" content="width=device-width"></head>' \
	'<body>' '<p>own</p>' '</body>' '</html>' >"$scratch/tutorial/own/own.html"
make_site()
{
	make --no-print-directory -C "$top" B="${BUILD#"$top"/}" site SITE="$scratch/site" DEMO="$scratch/demo" \
		TUTORIAL="$scratch/tutorial" \
		SIZE=8 IMAGES=64 TRAIN=60 VAL=40 TEST=120 EPOCHS=3 WARMUP=1 BATCH=32 EPISODES=5 \
		"NET=--arch resnet18 --stem cifar --width 0.0625 --set hidden=64,bottleneck=16 --head-hidden 64" "$@"
}
ok "make site, and the demo that it needs" make_site
grep -q 'DEMO.*first the demo' "$out"; result $? "... which it says" || diag "$(cat "$out")"
run make_site
is "$status $(grep -c 'HTML\|DEMO' "$out")" "0 0" "a second time there is nothing to do"
# It may lie anywhere.
mv "$scratch/site" "$scratch/elsewhere" && cd "$scratch/elsewhere" || exit 1

for page in "$top"/man/*.[157] "$BUILD"/man/*.3; do
	[ -s "${page##*/}.html" ] || echo "${page##*/}"
done >"$scratch/lost"
is "$(cat "$scratch/lost")" "" "every manual page is there"
is "$(sed -n 's/^<dt><a href="\([^"]*\)\.html">.*/\1/p' index.html | sort)" \
	"$(cd "$top/man" && printf '%s\n' ./*.[157] "$BUILD"/man/*.3 | sed 's|.*/||' | sort)" "... and on the front page, once"
is "$(find . -name '*.part')" "" "and nothing that is half done"
if command -v tidy >/dev/null; then
	for f in *.html; do tidy -q -e "$f" 2>&1 | sed "s/^/$f: /"; done >"$scratch/said"
	is "$(cat "$scratch/said")" "" "all of it is valid HTML"
else
	skip "all of it is valid HTML" "no tidy"
fi
is "$(grep -lE '<script|javascript:|[ "]on[a-z]+="|@import|url\(' -- *.html *.css)" "" "no scripts, and nothing is fetched"
is "$(grep -LF 'name="viewport"' -- *.html)" "" "all have a phone's width"
grep -q 'prefers-color-scheme: dark' style.css && grep -q '@media print' style.css; result $? "dark, and on paper"

is "$(grep -c '<figure><img src="tutorial-[^"]*" alt="[^"]' augself.7.html)" "$(wc -w <<<"$pictures")" "the tutorial has its pictures"

# ---- links ----

grep -q '<body><p><a href="index.html">' demo.html; result $? "the report has a way back"
known="https://arxiv.org/abs/2111.09613 https://github.com/msgpack/msgpack/blob/master/spec.md"
# shellcheck disable=SC2086
links() { printf 'allowed %s\n' $known | ${1:-awk} -f "$top/tests/links.awk" - ./*.html; }
is "$(links)" "" "links lead to pages and places that there are"
[ "$(grep -o 'href="' -- *.html | wc -l)" -gt 3000 ]; result $? "... some thousand of them"
like "$(grep -A 2 'id="SYNOPSIS"' augself-aug-views.3.html)" 'href="augself-aug-views.3.html"' "a header's name leads to its page"
grep -q 'href="augself-aug-roles.3.html#struct.as_roles">as_roles<' augself-aug-views.3.html
result $? "a type in a prototype to where it is explained"
grep -q 'href="augself-aug-policy.3.html#as_policy_sample">as_policy_sample(3)<' augself-aug-roles.3.html
result $? "the name of a function too"
cat >wrong.html <<'END'
<p id="a"></p><p id="a"></p><a href="none.html">1</a><a href="index.html#none">2</a><a href="#none">3</a>
<a href="http://example.org/">4</a><a href="/etc/passwd">5</a><img src="none.png"><a href="#a">good</a>
END
for awk in gawk mawk "busybox awk"; do
	command -v "${awk%% *}" >/dev/null || continue
	is "$(links "$awk" | sort)" "wrong.html: #none: no such place
wrong.html: /etc/passwd: leads beyond the site
wrong.html: http://example.org/: leads beyond the site
wrong.html: index.html#none: no such place
wrong.html: none.html: no such file
wrong.html: none.png: no such file
wrong.html: two places are called a" "... and by $awk those that do not are seen"
done
rm wrong.html
for awk in gawk mawk "busybox awk"; do
	command -v "${awk%% *}" >/dev/null || continue
	mandoc -T html -O fragment,man=%N.%S.html "$BUILD/man/augself-kern-kern.3" >"$scratch/part"
	# shellcheck disable=SC2086
	$awk -v page=augself-kern-kern.3 -v list="$BUILD/site.list" -v names="$BUILD/man/names" -f "$top/man/site/page.awk" \
		"$scratch/part" >"$scratch/kern.html"
	cmp -s "$scratch/kern.html" augself-kern-kern.3.html; result $? "$awk makes the same page"
done

# ---- on a phone ----

# What is wider than 360 pixels and not in something that can be scrolled, as the browser has laid it out: a script that
# only this test puts into a copy says it.
wide()
{
	{ grep -v Content-Security-Policy "$1"; cat <<-'END'; } >copy.html
		<script>
		document.documentElement.style.width = "360px";
		document.body.dataset.wide = "wide: " + [...document.querySelectorAll("body *")].filter(e =>
			e.getBoundingClientRect().right > 361 && !e.closest("pre, table, .wide")).slice(0, 3).map(e => e.tagName)
		</script>
	END
	timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/chromium" --window-size=400,900 --dump-dom \
		"file://$PWD/copy.html" 2>"$scratch/log" | tr '\n' ' ' | sed -n 's/.* data-wide="\(wide: [^"]*\)".*/\1/p'
	rm copy.html
}
echo '<!DOCTYPE html><html><head><title>t</title></head><body><p style="width: 900px">x</p></body></html>' >"$scratch/elsewhere/w.html"
if ! command -v chromium >/dev/null || [ -z "$(wide w.html)" ]; then
	skip "pages are no wider than a phone" "no chromium that runs here"
else
	is "$(wide w.html)" "wide: P" "one that is wider than a phone is seen"
	for f in index ssl-train.1 augself-kern-kern.3 augself.3 augself-experiments.7 demo; do
		is "$(wide $f.html)" "wide: " "$f is no wider"
	done
fi
done_testing
