#!/usr/bin/env bash
# aug-sample and aug-apply: same bytes for any -j, parameters that depend on the
# image alone, policies that read back, bad records counted.
. "${0%/*}/../lib.sh"
# shellcheck source=../programs.sh
. "$top/tests/programs.sh"

views() { img-synth -q --count "$1" --size 40 | aug-sample -q "${@:2}" | aug-apply -q; }
apply() { aug-apply -q "$@" <samples; }

img-synth -q --count 150 --size 40 >images
ok "samples of two views" aug-sample -q --preset stl10:strong+rotation+solarize --size 64 --seed 5 <images
mv "$out" samples
for j in 1 2 3 7; do
	ok "views with -j $j" apply -j $j
	cksum <"$out" >>sums
	ok "float views with -j $j" apply -j $j --dtype f4
	cksum <"$out" >>sums4
done
for isa in generic avx2 avx512 neon; do
	on_isa() { AUGSELF_ISA=$isa aug-apply -q "$@" <samples; }
	if ! AUGSELF_ISA=$isa aug-apply --version >version 2>/dev/null || ! grep -q "instruction set $isa" version; then
		skip "views with $isa" "this CPU has none"
		continue
	fi
	ok "views with $isa" on_isa
	cksum <"$out" >>sums
	ok "float views with $isa" on_isa --dtype f4
	cksum <"$out" >>sums4
done
is "$(sort -u sums | wc -l)" 1 "the same bytes for -j 1 2 3 7 and every instruction set"
is "$(sort -u sums4 | wc -l)" 1 "the same floats, too"

ok "another seed" aug-sample -q --preset stl10:strong+rotation+solarize --size 64 --seed 6 <images
mv "$out" other
! cmp -s samples other; result $? "draws something else"

# A policy that is printed and read back is the same policy.
for p in cifar stl10:weak imagenet:strong+rotation+solarize; do
	ok "$p is printed" aug-sample --preset $p --dump-policy
	mv "$out" policy
	ok "$p is read back" aug-sample --policy policy --dump-policy
	cmp -s "$out" policy; result $? "$p prints the same again"
done
# What --list says of settings is what an op without any has; presets are those that there are.
ok "--list" aug-sample --list
cp "$out" list
augs=$(sed -n '/^aug/,/^pre/s/^  \([^ :]*\):.*/\1/p' list)
like " ${augs//$'\n'/ } " " crop eval flip .* rotation " "... names the augmentations"
for a in $augs; do
	cut="op = crop"
	grep -q "^  $a: .*(a cut)" list && cut=
	said=$(awk -v a="  $a:" '/^  [^ ]/ { on = index($0, a) == 1 } on && $1 == "set" { printf " %s", $2 }' list)
	printf '%s\n' "size = 20" "$cut" "op = $a" >bare
	printf '%s\n' "size = 20" "$cut" "op = $a$said" >full
	is "$(aug-sample --policy full --dump-policy)" "$(aug-sample --policy bare --dump-policy)" "$a has the settings listed"
	is "$(aug-sample --policy bare --dump-policy | sed -n '$p' | wc -w)" $((3 + $(wc -w <<<"$said"))) "... and no others"
done
presets=$(sed -n '/^presets/,$s/^  \([^ :]*\):.*/\1/p' list)
for p in $presets; do
	is "$(aug-sample --preset "$p" --dump-policy | sed -n 's/^op = \([a-z]*\).*/ \1/p' | tr -d '\n')" \
		"$(sed -n "s/^  $p: .*;//p" list)" "preset $p has the augmentations listed"
done

aug-sample --preset cifar --dump-policy >policy
ok "samples by a preset" aug-sample --preset cifar --seed 3 -q <images
mv "$out" a
ok "samples by its text" aug-sample --policy policy --seed 3 -q <images
cmp -s a "$out"; result $? "a policy file draws what its preset draws"

# The first images of a longer set are drawn as they are alone, and the first of
# three views as the first of one.
if [ -x "$BUILD/bin/rec-view" ]; then
	img-synth -q --count 3 | aug-sample -q --views 1 | rec-view | grep '"param"' >three
	img-synth -q --count 9 | aug-sample -q --views 1 | rec-view | grep '"param"' | head -n 3 >nine
	[ -s three ] && cmp -s three nine; result $? "adding images redraws nothing"
else
	skip "adding images redraws nothing" "no rec-view"
fi

for n in 1 3; do
	ok "$n views" views 10 --views $n
	is "$(wc -c <"$out" | awk -v n=$n '{ print int($1 / (10 * n * 3072)) }')" 1 "$n views are that many"
done

ok "evaluation" views 10 --eval --size 24
mv "$out" one
ok "evaluation with another seed" views 10 --eval --size 24 --seed 9
# All but the header, which names the seed, and the trailer, which has the hash.
middle() { tail -c 16000 "$1" | head -c 15000 | cksum; }
is "$(middle one)" "$(middle "$out")" "evaluation draws nothing"

# The evaluation's settings are in the policy, so a record says how it came about.
for options in "--compat crop-half-up:eval resize=0 half_up=1 whole=0" "--resize 40:eval resize=40 half_up=0 whole=0" \
	":eval resize=0 half_up=0 whole=0"; do
	read -ra option <<<"${options%%:*}"
	ok "aug-sample --eval ${options%%:*}" aug-sample -q --eval "${option[@]}" <images
	is "$(rec-view <"$out" | grep -cF "op = ${options#*:}\\n")" 1 "has ${options#*:}"
	ok "feat-extract ${options%%:*}" feat-extract -q --pixels "${option[@]}" <images
	is "$(rec-view <"$out" | grep -cF "op = ${options#*:}\\n")" 1 "has ${options#*:}"
done
# 33 x 32 pixels: the lower 32 rows by the old rule, the upper ones by today's.
{ printf 'P5 32 33 255\n'; for i in {10..42}; do printf "\\x$i%.0s" {1..32}; done; } >tall.pgm
first_pixel() { img-read -q files tall.pgm | feat-extract -q --pixels "$@" | rec-view --full - | grep -oE '"data":\[[0-9.]*'; }
is "$(first_pixel) $(first_pixel --compat crop-half-up)" "$(printf '"data":[%s "data":[%s' 0.0627451 0.06666667)" \
	"the middle of an odd rest is today's, or with --compat crop-half-up 0.8.2's"
must_fail 2 "--resize below the size" aug-sample --eval --size 33 --resize 32 --dump-policy
must_fail 2 "--resize without an evaluation" aug-sample --resize 64 --dump-policy
must_fail 2 "crop-half-up without an evaluation" aug-sample --compat crop-half-up --dump-policy
must_fail 2 "--batch that nothing shares" aug-sample --eval --compat crop-half-up --batch 8 --dump-policy
of_views() { img-synth -q --count 2 | aug-sample -q | aug-apply -q | feat-extract -q --pixels "$@"; }
must_fail 2 "--resize of views" of_views --resize 64
# 4 x 2 pixels, of which the middle lacks the first and the last row; --whole has them, each averaged with its neighbour.
printf 'P5 2 4 255\n\12\12\36\36\144\144\310\310' >rows.pgm
whole() { img-read -q files rows.pgm | feat-extract -q --pixels --size 2 --filter bilinear "$@" | rec-view --full -; }
first_and_last() { whole "$@" | sed -n 's/.*"data":\[\([^,]*\),.*,\([^,]*\)\].*/\1 \2/p'; }
is "$(first_and_last)" "0.11764707 0.3921569" "the middle of a tall image"
# The triangle of radius 2 around rows 1 and 3: (3*10 + 3*30 + 100) / 7 = 31.43 and (30 + 3*100 + 3*200) / 7 = 132.86, over 255.
is "$(first_and_last --whole)" "0.12324931 0.5210085" "--whole: all of it"
is "$(whole --whole | grep -cF 'op = eval resize=0 half_up=0 whole=1\n')" 1 "... and the header says so"
whole_image() { img-read -q files rows.pgm | feat-extract -q --pixels --whole "$@"; }
must_fail 2 "--whole beside --resize" whole_image --resize 64
must_fail 2 "--whole beside --compat" whole_image --compat crop-half-up
must_fail 2 "--whole of views" of_views --whole
printf 'size = 4\nop = eval whole=1 resize=8\n' >both
must_fail 1 "whole beside resize in a policy" aug-sample --policy both --dump-policy
like "$(cat "$err")" 'whole cuts off nothing' "... is told"

# What linear classifiers learn from.
is "$(aug-sample --preset linear --size 96 --dump-policy | grep -E '^(role|size|op)' | cut -d ' ' -f 1-5 | tr '\n' ';')" \
	"role = view count=1;size = 96;op = crop scale_min=0.08 scale_max=1;op = flip p=0.5;" "preset linear: one view of each image"

# Images that cannot be decoded, or only with a warning. A JPEG of 8 x 8 grey pixels:
# its header is whole; without its quantisation table nothing can be decoded.
jpeg_start='\377\330'
jpeg_table='\377\333\000\103\000'$(printf '\\001%.0s' {1..64})
jpeg_rest='\377\300\000\013\010\000\010\000\010\001\001\021\000\377\332\000\010\001\001\000\000\077\000'
jpeg_data='\050\240'
if [ -x "$BUILD/bin/img-read" ]; then
	printf %b "$jpeg_start$jpeg_rest$jpeg_data\377\331" >notable.jpg
	printf %b "$jpeg_start$jpeg_table$jpeg_rest$jpeg_data\377\331" >good.jpg
	printf %b "$jpeg_start$jpeg_table$jpeg_rest" >cut.jpg
	bad() { img-read -q files good.jpg notable.jpg good.jpg cut.jpg | aug-sample -q | aug-apply "$@"; }
	must_fail 1 "a bad image stops it" bad -q
	like "$(cat "$err")" "^aug-apply: \(stdin\):record 1: .*notable.jpg: .+" "its record, name and fault are said"
	for j in 1 3; do
		ok "--max-bad 1 leaves it out, -j $j" bad --max-bad 1 -j $j
		cksum <"$out" >>sums_bad
		like "$(cat "$err")" "^aug-apply: records left out: 1$" "and counts it"
		like "$(cat "$err")" "^aug-apply: images decoded with warnings: 1, the first .*cut.jpg: .+" \
			"images with warnings are counted, the first is named"
		like "$(cat "$err")" "3 records, 1 skipped$" "the trailer says so"
	done
	is "$(sort -u sums_bad | wc -l)" 1 "the same bytes"
	good() { img-read -q files good.jpg | aug-sample -q | aug-apply -q; }
	ok "a JPEG is decoded" good
else
	skip "bad images" "no img-read"
fi

# A record that is not the policy's: the first stream's header and two records, then another's.
printf 'size = 8\nop = crop\nop = flip\n' >five && printf 'size = 8\nop = crop\nop = solarize\n' >six
samples_of() { img-synth -q --count 5 --size 8 | aug-sample -q --policy "$1"; }
samples_of five >five.rec && samples_of six >six.rec
mapfile -t cut5 < <(boundaries five.rec)
mapfile -t cut6 < <(boundaries six.rec)
{ head -c "${cut5[3]}" five.rec; tail -c +"$((cut6[3] + 1))" six.rec; } >spliced
spliced() { aug-apply -q "$@" <spliced; }
must_fail 1 "a record with other columns" spliced
mv "$out" two
like "$(cat "$err")" "^aug-apply: \(stdin\):record 2: param: 2 views of 6 columns, not 2 of 5 as the policy says$" "is named"
is "$(rec-view two 2>/dev/null | grep -c '"seq"')" 2 "those before it are there"
must_fail 1 "with --max-bad all three are left out" spliced --max-bad 3
like "$(cat "$err")" "^aug-apply: \(stdin\):record 5: trailer: the hash differs" "and the end is reached"
# A record with more views than the header says.
views_of() { img-synth -q --count 2 --size 8 | aug-sample -q --policy five --views "$1"; }
views_of 1 >one.rec && views_of 3 >three.rec
mapfile -t cut1 < <(boundaries one.rec)
mapfile -t cut3 < <(boundaries three.rec)
{ head -c "${cut1[3]}" one.rec; tail -c +"$((cut3[2] + 1))" three.rec; } >growing
must_fail 1 "a sheet of records with ever more views" rec-view --sheet growing.png growing
like "$(cat "$err")" "^rec-view: growing:record 2: param: of 3 views, not 1$" "says so"
must_fail 1 "a stream of images has no parameters" aug-apply <images

# Misuse.
must_fail 2 "no such preset" aug-sample --preset cifar:huge --dump-policy
must_fail 2 "no such augmentation" aug-sample --preset cifar+melt --dump-policy
must_fail 2 "a preset and a policy" aug-sample --preset cifar --policy policy --dump-policy
must_fail 2 "an option too short" aug-sample --s 3 --dump-policy
like "$(cat "$err")" "^aug-sample: '--s' is short for more than one of --size, --share, --seed$" "says what it may be"
must_fail 2 "no such filter" aug-sample --filter sharp --dump-policy
must_fail 2 "no such dtype" apply --dtype f8
must_fail 2 "... which is said before a byte is read" aug-apply --dtype f8 </dev/zero
must_fail 1 "no such policy file" aug-sample --policy nowhere --dump-policy
while IFS='|' read -r text want; do
	printf '%b' "$text" >bad
	must_fail 1 "refused: $want" aug-sample --policy bad --dump-policy
	like "$(cat "$err")" "^aug-sample: bad: policy: $want" "the line and the fault are named"
done <<'END'
size = 32\nop = flip\n|line 2: op: the first op is a cut
size = 32\nop = crop\nop = crop\n|line 3: op: op crop stands twice
size = 32\nop = crop scale_min=2\n|line 2: op: op crop: scale_min: 2 is not within
size = 32\nop = crop scale_min=.5 scale_max=.4\n|line 2: op: op crop: scale_min is above
size = 32\nop = crop\nop = flip q=1\n|line 3: op: flip has no setting 'q', only p
size = 32x\nop = crop\n|line 1: size: '32x' is not a whole number
size = 32\nsize = 33\nop = crop\n|line 2: size stands twice
op = crop\n|it has no size
size = 32\n|it has no op
size = 32\nmean = 1 2\nop = crop\n|line 2: mean: 2 numbers
shape = 3\n|line 1: no key is called 'shape'; did you mean 'share'?
END
done_testing
