#!/usr/bin/env bash
# score-report: means and intervals of cells, what is missing, what is published; a page that is valid HTML whatever
# the plan says, and plans that are wrong.
. "${0%/*}/../lib.sh"
# Columns, and fields, are told apart by "|" here.
heading='metric|value|interval|n|classes|label|probe|setting|chance|unit|model|data|learnt'
tabs() { tr '|' '\t'; }

# scored FILE VALUE [INTERVAL [N [UNIT]]]: a table as a probe prints it, with a second figure in it.
scored()
{
	printf '%s\n' "$heading" "top1|$2|${3-}|${4-500}|10|label|linear|w=1:2|10.00|${5-%}|m|d|l" \
		"per-class|1.00||500|10|label|linear|w=1:2||%|m|d|l" | tabs >"$1"
}
# plan LINE...: written to the file plan; "|" in a line is a tab.
plan() { printf '%s\n' "$@" | tabs >plan; }
report() { rm -f page table && score-report -o page --tsv table "$@" plan; }
cell() { awk -F'\t' -v r="$1" -v c="$2" '$2 == r && $3 == c' table | cut -f "$3"; } # ROW COLUMN FIELDS
valid() # NAME: the page is HTML without errors or warnings
{
	if command -v tidy >/dev/null; then
		is "$(tidy -q -e page 2>&1)" "" "$1"
	else
		skip "$1" "no tidy"
	fi
}

# ---- cells ----

scored one 50.00 2.50
scored two 52.00 2.50 400
scored three 57.00 2.50
scored low 40.00 1.00
tabs <<<"$heading" >none
cat >published <<-'EOF2'
	table	pretrain	arch	method	augself	target	metric	value	evidence
	other	x	y	simsiam	crop+color	cars	linear	99.99	reported
	t1	x	y	simsiam	crop+color	cars	linear	47.52	reported
	t1	x	y	simsiam	none	cars	linear	48.20	recalled
	t1	x	y	simsiam	none	pets	linear	74.69	independent
EOF2
cells=("table|t|A table|t1" "row|t|none|SimSiam|simsiam|none" "row|t|both|SimSiam + AugSelf|simsiam|crop+color"
	"column|t|cars|cars|cars|linear" "column|t|pets|pets|pets|linear" "column|t|sun|SUN397|sun397|linear" "base|t|both|none")
plan "title|A title" "scale|small|half a network" "text|A paragraph." "${cells[@]}" "score|t|both|cars|0|one|linear:top1" \
	"score|t|both|cars|1|two|linear:top1:label" "score|t|both|cars|2|three|linear:top1:label:w=1:2" \
	"score|t|none|cars|0|low|linear:top1" "score|t|none|cars|1|low|linear:top1" \
	"score|t|none|pets|0|one|linear:top1" "score|t|none|pets|1|two|linear:top1" "score|t|both|pets|0|three|linear:top1" \
	"missing|t|sun|SUN397 is not there" "missing|t|sun|nor is this|both"
ok "a report" report --published published
is "$(head -n 1 table)" \
	"$(tabs <<<"table|row|column|mean|interval|n|seeds|published|evidence|missing")" "its table's columns"
is "$(tail -n +2 table | wc -l) $(awk -F'\t' 'NF != 10' table)" "6 " "a line for each cell of the table"
# three seeds: s = 3.605551, t = 4.302653; two: s = 1.414214, t = 12.706205
is "$(cell both cars 4) $(cell both cars 5) $(cell both cars 6) $(cell both cars 7)" "53 8.95669 400 3" \
	"the mean of three seeds, and Student's interval"
is "$(cell none pets 4) $(cell none pets 5) $(cell none pets 7)" "51 12.7062 2" "of two"
is "$(cell both pets 4) $(cell both pets 5) $(cell both pets 7)" "57 2.5 1" "of one, with its own interval"
is "$(cell none cars 8) $(cell none cars 9)" "48.20 recalled" "a published figure beside it"
is "$(cell both cars 8)/$(cell both pets 8)/$(cell none sun 8)" "47.52//" "... of this table and no other, and where there is one"
is "$(cell none sun 4)/$(cell none sun 7)/$(cell none sun 10)/$(cell both sun 10)" "/0/SUN397 is not there/nor is this" \
	"an empty cell says why"
valid "the page is valid"
is "$(grep -oE '<(h1|p class="scale"|p|h2 [^>]*|table)>' page | head -n 5 | tr -d "\n")" \
	'<h1><p class="scale"><p><h2 id="section-2"><table>' "in the order of the plan"
like "$(cat page)" '<td class="better">53\.00 <small>±8\.96</small><span class="gain">▲ \+13\.00</span><span class="pub">publ\. 47\.52' \
	"a gain whose intervals part is coloured"
like "$(cat page)" '<td>57\.00 <small>±2\.50†</small><span class="gain">\+6\.00</span></td>' "one whose intervals meet is not"
like "$(cat page)" '<td>40\.00 <small>±0\.00</small><span class="pub recalled">\(publ\. 48\.20\)</span></td>' \
	"what is recalled is set apart"
like "$(cat page)" '<span class="pub">indep\. 74\.69</span>' "what others measured, too"
like "$(cat page)" 'means over 2 to 3 seeds.*† One seed: ± is the 95&nbsp;% interval of the score itself' \
	"the page says which intervals they are"
like "$(cat page)" 'stops its L-BFGS short of it, by up to 2\.5 points' "and that the linear protocols differ"
is "$(grep -c '<li id="note-0-[12]">' page) $(grep -c 'href="#note-0-2"' page)" "2 1" "empty cells have footnotes"
like "$(cat page)" '<p class="scale"><strong>Scale small\.</strong> half a network' "the scale is said"
is "$(grep -c '<nav' page)" 0 "one section needs no list of contents"
ok "without published figures" report
is "$(grep -c 'publ\.\|L-BFGS' page) $(cut -f 8-9 table | tail -n +2 | tr -d '\t\n')" "0 " "nothing of them is said"

# The other way round: less is better, or one interval is not known.
scored bare 10.00
plan "${cells[@]/cars|linear/cars|linear|less}" "score|t|both|cars|0|one|linear:top1" "score|t|none|cars|0|low|linear:top1" \
	"score|t|both|pets|0|one|linear:top1" "score|t|none|pets|0|bare|linear:top1"
ok "a column where less is better" report
like "$(cat page)" '<td>50\.00 <small>±2\.50</small><span class="gain">\+10\.00</span>' "one seed alone colours nothing"
like "$(cat page)" '<td>50\.00 <small>±2\.50</small><span class="gain">\+40\.00</span>' "without an interval nobody knows"
is "$(cell none pets 5)/$(cell both sun 10)" "/the plan has no score" "it stays empty, and an empty cell always has a reason"
like "$(cat page)" 'One seed: ± is' "one seed is said"
is "$(grep -c '†' page)" 0 "without a mark, where all are so"
plan "${cells[@]/cars|linear/cars|linear|less}" "score|t|both|cars|0|one|linear:top1" "score|t|both|cars|1|one|linear:top1" \
	"score|t|none|cars|0|low|linear:top1" "score|t|none|cars|1|low|linear:top1"
ok "... of several seeds" report
like "$(cat page)" '<td class="worse">50\.00 <small>±0\.00</small><span class="gain">▼ \+10\.00</span>' "more is worse"

# A column of means: per seed over the others, then over the seeds; own intervals add as squares.
means=("table|m|Means" "row|m|a|A" "row|m|b|B" "row|m|c|C" "column|m|x|x" "mean|m|all|mean" "column|m|y|y" "score|m|a|x|0|odd|linear:top1"
	"score|m|a|y|0|low|linear:top1" "score|m|b|x|0|one|linear:top1" "score|m|b|x|1|two|linear:top1" "score|m|b|y|1|three|linear:top1"
	"score|m|b|y|0|low|linear:top1" "score|m|c|x|0|one|linear:top1")
scored odd 50.125 2.5
plan "${means[@]}"
ok "a column of means" report
is "$(cell a all 4-7)" "$(printf '45.0625\t1.34629\t1000\t1')" "one seed: sqrt(2.5^2 + 1^2) / 2"
is "$(cell b all 4) $(cell b all 5) $(cell b all 7)" "49.75 60.3545 2" "two seeds: 45 and 54.5, paired by name"
is "$(cell c all 4)/$(cell c all 10)" "/a mean only where every column has a score of every seed" "no mean where a score is missing"
plan "${means[@]}" "score|m|c|y|1|low|linear:top1"
ok "scores of different seeds" report
is "$(cell c all 4)/$(cell c all 7)" "/0" "have none either"
plan "${means[@]}" "score|m|c|y|0|low|linear:top1" "score|m|c|y|1|low|linear:top1"
ok "a seed that one column has alone" report
is "$(cell c all 4)/$(cell c all 7)" "/0" "neither"

# A stream of scores says what the table says.
make_features() { "$BUILD/tests/unit/features.t" "$@"; }
if [ -x "$BUILD/tests/unit/features.t" ]; then
	make_features 60 8 3 0.3 1 >train.feat
	make_features 60 8 3 0.3 2 >test.feat
	knnprobe -q --train train.feat --test test.feat --scores knn.score >knn.tsv
	plan "${cells[@]}" "score|t|none|cars|0|knn.tsv|knn:top1" "score|t|both|cars|0|knn.score|knn:top1"
	ok "a stream of scores" report
	is "$(printf %.2f "$(cell both cars 4)")" "$(awk -F'\t' '$1 == "top1" { print $2 }' knn.tsv)" "has the figure of the table"
	like "$(cell both cars 6)/$(cell none cars 6)" '^60/60$' "and the same number of rows"
	head -c 200 knn.score >cut.score
	plan "${cells[@]}" "score|t|both|cars|0|cut.score|knn:top1"
	must_fail 1 "a stream that is cut" report
else
	skip "a stream of scores" "features.t writes the streams"
fi

# ---- charts, sheets, where it comes from ----

printf '# seed = 0\nstep\tepoch\tloss\tsimsiam\tlr\tspread\trank\n' >log1
for i in $(seq 400); do printf '%d\t0\t-%d.5\t-.5\t.1\t.9\t%s\n' "$i" "$((i / 100))" "$([ $((i % 100)) != 0 ] || echo "$i")"; done >>log1
printf 'step\tepoch\tloss\tsimsiam\tcrop\tlr\tspread\n1\t0\t-.1\t-.2\t.1\t.1\t.5\n2\t0\t-.2\t-.3\t.1\t.1\t.6\n' >log2
printf 'step\tseconds\timages/s\n10\t3600.00\t9\n20\t7200.00\t9\n30\t1800.00\t9\n' >log1.time.tsv
img-synth -q --count 8 >images
rec-view -q --sheet sheet.png images
plan "scale|smoke|A few images." "${cells[@]}" "score|t|both|cars|0|one|linear:top1" "bars|t" "curve|Training|SimSiam|log1" \
	"curve|Training|SimSiam + AugSelf|log2" "scatter|s|Trade-off|x values|y values" "point|s|A|one|linear:top1|low|linear:top1" \
	"point|s|A|two|linear:top1|low|linear:top1" "point|s|B|three|linear:top1|one|linear:top1" "sheet|Some images|sheet.png" \
	"command|make -f x.mk" "seal|images|images" "seal|a text|log2" "time|training|log1.time.tsv"
ok "charts and sheets" report
valid "the page is valid"
like "$(cat page)" '<strong>Scale smoke proves nothing\.</strong> A few images\.' "smoke proves nothing"
for i in loss simsiam spread rank crop; do
	is "$(grep -c "<figcaption>$i</figcaption>" page)/$(sed -n "/<title>Training: $i</,/<.svg>/p" page | grep -c 'class="line c')" \
		"1/$(case $i in rank | crop) echo 1 ;; *) echo 2 ;; esac)" "curves of $i, of the logs that have it"
done
is "$(grep -c '<title>Training: lr\|<title>Training: epoch' page)" 0 "and none of what is no curve"
like "$(grep -A 1 '<title>Training: loss' page)" 'SimSiam ends at -4\.' "a chart is told in words"
is "$(grep -c '<figure class="full only-wide">' page)$(grep -c '<figure class="only-narrow">' page)" 11 "points for wide and narrow screens"
like "$(cat page)" 'A: 51, 40\. B: 57, 50\.' "seeds of a point are averaged"
is "$(grep -c '<title>A table: ' page)" 3 "bars for each column"
like "$(cat page)" "<td><code>$(rec-view -q images | sed -n 's/.*"xxh64":"\([^"]*\)".*/\1/p')</code></td><td>images" "the seal of a stream"
like "$(cat page)" '<td class="figure">2\.500</td>' "hours, of a run that was resumed: 2 + 0.5"
like "$(cat page)" \
	"score-report $(score-report --version | sed -n '1s/^score-report \([^ ]*\).*/\1/p') with libaugself [0-9.]+; scale: smoke" \
	"which program made it"
is "$(sed -n 's/.*base64,\([^"]*\)".*/\1/p' page | base64 -d | cksum)" "$(cksum <sheet.png)" "the sheet is in the page"
is "$(grep -cE '<script|https?:|src="[^d]|url\(|@import|<link[^>]*href="[^d]' page)" 0 "nothing is fetched"
like "$(cat page)" "default-src 'none'" "and nothing may be"
is "$(grep -c time table)$(grep -c hour table)" 00 "times are not in the table"
cp page page.1 && cp table table.1
ok "once more, from elsewhere" report
cmp -s page page.1 && cmp -s table table.1; result $? "the same bytes"
is "$(grep -c '<a href="#section-' page)" "$(grep -c '<h2 id="section-' page)" "contents and sections"

printf 'step\tloss\n1\t0.5\n' >log3
plan "curve|Training|A|log3"
ok "a log of one step" report
is "$(grep -c '<circle class="dot c0"' page) $(grep -oE '>[0-9.]+</text>' page | head -n 7 | tail -n 2 | tr -d '\n')" \
	"1 >0</text>>1</text>" "has a dot, at a whole step"

# ---- hostile texts ----

evil='<script>alert(1)</script>&amp;"'"'"'</title>]]><!--'
plan "title|$evil" "scale|paper|$evil" "text|$evil" "table|$evil|$evil" "row|$evil|r|$evil" "row|$evil|q|q" "base|$evil|q|r" \
	"column|$evil|c|$evil" "missing|$evil|c|$evil" "bars|$evil" "scatter|s|$evil|$evil|$evil" \
	"point|s|$evil|one|linear:top1|two|linear:top1" \
	"curve|$evil|$evil|log2" "sheet|$evil|sheet.png" "command|$evil" "seal|$evil|log2" "time|$evil|log1.time.tsv"
printf 'text\ta \001 b \302\205 c \377 d\r\n' >>plan
ok "texts with marks of HTML in them" report
valid "the page is valid all the same"
is "$(grep -c '<script\|<!--\|alert(1)</title>' page)" 0 "and has no mark of theirs"
shown='&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&quot;&#39;&lt;/title&gt;]]&gt;&lt;!--'
is "$(grep -oF "$shown" page | wc -l)" "$(($(grep -o 'alert(1)' page | wc -l) - 2))" \
	"but shows them as they are, but for the names of a point in two charts, which are cut short"
is \
	"$(grep -cF "<p>$shown</p>" page)/$(grep -cF "<pre><span>$shown</span></pre>" page)/$(grep -cF ">$shown</caption>" page)" 1/1/1 \
	"where they belong"
like "$(cat page)" '^<p>a \? b \? c � d</p>$' "what is no character is none of the page"
is "$(awk -F'\t' 'NF != 10' table)" "" "nor does it break the table"

# Every kind of line has its entry in the manual page, and the other way round.
plan "no-such-kind|x"
must_fail 1 "an unknown kind" report
is "$(sed 's/.* is none of //' "$err" | tr -d ' \n' | tr ',' '\n' | sort)" \
	"$(sed -n '/^\.Ss The plan/,/^\.Sh/s/^\.It Cm \([a-z]*\) .*/\1/p' "$top/man/score-report.1" | sort)" "the page knows all kinds"

# ---- plans that are wrong: one line, nothing is written ----

wrong() # REGEX NAME LINE...
{
	plan "${cells[@]}" "${@:3}"
	must_fail 1 "$2" report
	like "$(cat "$err")" "$1" "... says where and what"
	is "$(wc -l <"$err")/$(ls page table 2>/dev/null)" "1/" "... in one line, and nothing is written"
}
wrong "^score-report: plan: line 8: kind: 'rows' is none of title, scale" "an unknown kind" "rows|t|x|y"
wrong "line 8: 2 fields after 'row'; the form, with tabs between: row ID KEY HEADING" "fields that are missing" "row|t|x"
wrong "line 8: 3 fields after 'base', one of them empty" "an empty field" "base|t||none"
wrong "line 8: 3 fields after 'seal'" "fields too many" "seal|a|b|c"
wrong "line 9: no table 'u': add its line" "a table that is not there" "# a comment" "row|u|x|X"
wrong "line 8: no row 'x'" "a row that is not there" "score|t|x|cars|0|one|linear:top1"
wrong "line 8: no column 'x'" "a column that is not there" "missing|t|x|why"
wrong "line 8: no scatter 's'" "a chart that is not there" "point|s|A|one|linear:top1|one|linear:top1"
wrong "line 8: row 'both' is there twice" "a row twice" "row|t|both|Again"
wrong "line 8: column 'cars' is there twice" "a column twice" "column|t|cars|Again"
wrong "line 8: table 't' is there twice" "a table twice" "table|t|Again"
wrong "line 9: seed '0' of this cell is there twice" "a seed twice" "score|t|both|cars|0|one|linear:top1" \
	"score|t|both|cars|0|two|linear:top1"
wrong "line 8: row 'both' has no gain over itself" "a base of itself" "base|t|both|both"
wrong "line 9: column .m. is a mean, and has no score of its own" "a score of a mean" "mean|t|m|M" "score|t|both|m|0|one|linear:top1"
wrong "line 8: scale 'huge' is none of smoke, small, paper" "an unknown scale" "scale|huge|text"
wrong "line 8: 'more' is not 'less'" "a column that is neither" "column|t|x|X|||more"
wrong "line 8: nowhere: .*No such file" "a file that is not there" "score|t|both|cars|0|nowhere|linear:top1"
wrong "line 8: one: knn:top1: no such figure; there are: linear:top1:label:w=1:2, linear:per-class" "a figure that is not there" \
	"score|t|both|cars|0|one|knn:top1"
wrong "line 8: none: linear:top1: no such figure; there are: none" "a table of none" "score|t|both|cars|0|none|linear:top1"
wrong "line 8: linear: not of the form PROBE:METRIC" "a figure without a metric" "score|t|both|cars|0|one|linear"
wrong "line 8: published: not a table of scores: it needs the columns" "a table of something else" \
	"score|t|both|cars|0|published|linear:top1"
cat one >both && tail -n +2 one >>both
wrong "line 8: both: linear:top1: 2 figures are of this name" "two figures of the name" "score|t|both|cars|0|both|linear:top1"
scored parts 0.5 .1 9 ""
wrong "line 9: parts: linear:top1: one seed in percent, another not" "seeds of two units" "score|t|both|cars|0|one|linear:top1" \
	"score|t|both|cars|1|parts|linear:top1"
scored junk 1O
wrong "line 8: junk: figure 1: '1O' is not a number" "a figure that is none" "score|t|both|cars|0|junk|linear:top1"
printf '%s\n' "$heading" 'top1|1' | tabs >short
wrong "line 8: short: line 2: 2 fields, the heading has 13" "a line that is cut" "score|t|both|cars|0|short|linear:top1"
: >empty
wrong "line 8: empty: empty, neither a table nor a stream of scores" "an empty file" "score|t|both|cars|0|empty|linear:top1"
wrong "line 8: images: .*a stream of kind" "a stream of images" "score|t|both|cars|0|images|linear:top1"
wrong "line 8: one: no log of ssl-train: there is no column 'step'" "a log that is none" "curve|T|A|one"
wrong "line 8: one: " "a sheet that is none" "sheet|S|one"
wrong "line 8: one: no column 'seconds'" "times that are none" "time|T|one"
printf 'P6\n1 1\n255\nabc' >dot.ppm
wrong "line 8: dot.ppm: is pnm, a sheet is a PNG" "a sheet that is no PNG" "sheet|S|dot.ppm"
head -c 1000 sheet.png >half.png
wrong "line 8: half.png: " "a sheet that is cut" "sheet|S|half.png"
plan "# nothing"
must_fail 1 "a plan of nothing" report
plan "table|t|T" "row|t|a|A"
must_fail 1 "a table without columns" report
like "$(cat "$err")" "table 't' has no column" "... says so"
plan "${cells[@]}"
must_fail 1 "published figures that are none" report --published one
like "$(cat "$err")" "^score-report: one: no table of published figures: there is no column 'table'" "... says so"
must_fail 2 "no output" score-report plan
must_fail 2 "no plan" score-report -o page
must_fail 2 "a plan that would be written" score-report -o plan plan
# ---- an experiment under way ----

live=("title|Live" "table|t|A table" "row|t|none|SimSiam" "row|t|both|AugSelf" "base|t|both|none" "column|t|cars|cars" "mean|t|all|mean"
	"column|t|pets|pets" "score|t|none|cars|0|one|linear:top1" "score|t|none|pets|0|late|linear:top1"
	"score|t|both|cars|0|late2|linear:top1" "score|t|both|pets|0|one|linear:top1" "bars|t" "curve|Training|run|grows"
	"scatter|s|Points|x|y" "point|s|run|one|linear:top1|late|linear:top1"
	"sheet|a sheet|late.png" "seal|a file|late" "time|run|grows.time.tsv")
plan "${live[@]}"
rm -f page table late* grows*
must_fail 1 "what is not there is an error" score-report -o page plan
must_fail 2 "without a page" score-report --live 1 --tsv table plan
score-report --live 1 -o page --tsv table plan 2>"$scratch/live.err" &
writer=$!
wait_for() { for _ in $(seq 200); do grep -qF -- "$1" "$2" 2>/dev/null && return; sleep 0.05; done; return 1; }
wait_for "Under way" page; result $? "--live: a page of what is there" || diag "$(cat "$scratch/live.err")"
is "$(grep -c '<meta http-equiv="refresh" content="1">' page)" 1 "... that a browser loads again"
like "$(cat page)" 'Under way\.</strong> 3 of the 10 files that the plan names are there\. ' "... says how far it is"
like "$(cat page)" 'written at 20[0-9-]+ [0-9:]+ UTC, the newest of its files [0-9]+:[0-9]+ before' "... and when it was written"
is "$(grep -o 'not there yet' page | wc -l) $(grep -c '<figcaption>loss' page) $(grep -o '<td>50\.00' page | wc -l)" "1 0 2" \
	"... what is missing, and what is there"
valid "... and is valid"
like "$(cat "$scratch/live.err")" "^score-report: 3 of 10 files are there; page is written every 1 seconds until all are" \
	"it says what it does"
printf '# epochs = 2\n' >grows
: >grows.time.tsv
wait_for "5 of the 10 files" page; result $? "a log that has only begun" || diag "$(cat "$scratch/live.err")"
printf 'step\tepoch\tloss\n1\t0\t5\n2\t0\t' >grows
printf 'step\tseconds\timages/s\tof\n1\t36.00\t9\t2\n2\t4' >grows.time.tsv
wait_for "<figcaption>loss" page; result $? "one whose last line is not whole" || diag "$(cat "$scratch/live.err")"
like "$(cat page)" '<td class="figure">0\.010</td>' "... nor that of its times"
scored late 57.00 2.50
echo broken >late2
wait_for "late2" "$scratch/live.err"; result $? "a file that is broken is told"
sleep 1.2
is "$(grep -c late2 "$scratch/live.err")" 1 "... once"
scored late2 52.00 2.50
wait_for "<td>50.00 <small>±2.50</small><span class" page
printf '4\n3\t1\t3\n' >>grows
printf '0.00\t9\t2\n' >>grows.time.tsv
img-synth -q -n 2 --size 8 | rec-view -q --sheet sheet.tmp.png -
mv sheet.tmp.png late.png
wait $writer
is "$?" 0 "when nothing is missing it ends"
cp page live.page
cp table live.table
ok "the report" report
cmp -s page live.page && cmp -s table live.table; result $? "... is the same, byte by byte"
is "$(grep -c 'Under way\|refresh' page)" 0 "... and has no time in it"

done_testing
