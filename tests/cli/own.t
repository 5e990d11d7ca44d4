#!/usr/bin/env bash
# own.mk, from a folder of photographs as people have them to a report: classes or none, few, odd and damaged files, a
# second run.
. "${0%/*}/../lib.sh"
for p in img-read img-synth aug-sample aug-apply ssl-train feat-extract linprobe knnprobe augprobe score-report; do
	[ -x "$BUILD/bin/$p" ] || skip_all "$p is not there"
done
unset DATA MODEL IMAGES READER

own() { # own IMAGES OUT [WORD...]
	make -f "$top/pipelines/own.mk" BIN="$BUILD/bin" IMAGES="$1" OUT="$2" SIZE=20 WIDTH=.0625 EPOCHS=2 PROBE_EPOCHS=2 "${@:3}"
}
tables() { cut -f 1 "$1/own.tsv" | sort | uniq -c | tr -s ' \n' ' '; }
says() { grep -qF -- "$1" "$err"; result $? "$2" || diag "$(cat "$err")"; }

img-synth -q --layout imagenet --out drawn >/dev/null
mv drawn/train photos

# Folders that are classes; two are too small to be asked about, and a photograph that is none, one cut short, a HEIC.
first=$(find photos -mindepth 1 -maxdepth 1 | sort | head -n 1)
mkdir photos/two photos/one
find "$first" -type f | sort | head -n 2 | while read -r f; do cp "$f" "photos/two/-${f##*/}"; done
cp "$(find "$first" -type f | sort | head -n 1)" "photos/one/a b é.jpg"
echo text >"$first/text.jpg"
head -c 900 "$(find "$first" -name '*.JPEG' | sort | tail -n 1)" >"$first/cut.jpg"
printf '\000\000\000\030ftypheic\000\000\000\000' >"$first/IMG_1.HEIC"
: >"$first/.DS_Store"
chmod -R a-w photos
ok "folders that are classes, in a folder that cannot be written" own photos/ mine
says '7 folders are taken as classes; if they are none: READER=tree' "they are said"
like "$(cat "$err")" '^[0-9]+ images, [0-9]+ of them to train on: a ResNet-18 of width .0625, .* 2 epochs$' \
	"... and the size, before it starts"
like "$(cat "$err")" '^about .* to train \([0-9]+ images a second\), then about .* to ask what it knows$' \
	"... and the time"
says "find photos/ -iname '*.HEIC' -exec convert" "what converts the HEIC"
is "$(grep -c 'IMG_1.HEIC\|text.jpg: not a JPEG' "$err")" 2 "a file that cannot be read is named once, not by every program"
is "$(tables mine)" " 4 aware 6 classes 1 table " "what the report tells"
is "$(grep -o 'data:image/png' mine/own.html | wc -l)" 4 "views and neighbours as pictures"
like "$(cat "$out")" 'a linear classifier told the class of' "the figures are printed"
like "$(cat "$out")" '[0-9] % by guessing$' "... beside guessing"
like "$(cat "$out")" '[0-9] % from raw pixels' "... beside raw pixels"
grep -q '^report: mine/own.html, figures: mine/own.tsv$' "$out"; result $? "... and where the report is"
ok "again" own photos/ mine
is "$(grep -c '^  ' "$out") $(cat "$err")" "4 " "nothing is made anew"
chmod -R u+w photos

# Photographs are added, another time is given: it says so.
cp "$(find "$first" -name '*.JPEG' | sort | head -n 1)" "$first/new.jpg"
rm photos/one/*
ok "a photograph more, one less" own photos mine
says '1 images are new since the last run, 1 are gone: all begins anew' "it says so"
grep -q 'own/seed0/simsiam-augself/model.safetensors$' "$out"; result $? "... and trains anew"
ok "other minutes" own photos mine MINUTES=.02
says 'settings have changed: all begins anew' "begin anew too"

# No classes.
mkdir -p home/nested/2023/June home/nested/2024
n=0
find photos -name '*.JPEG' | sort | while read -r f; do
	n=$((n + 1))
	[ $n -le 40 ] || break
	case $((n % 2)) in 0) cp "$f" "home/nested/2023/June/$n.jpg" ;; 1) cp "$f" home/nested/2024/$n.jpg ;; esac
done
cp photos/two/* home/nested
# shellcheck disable=SC2088 # make expands it
HOME=$PWD/home ok "photographs beside folders, by a name with ~" own '~/nested' nested
says 'READER=folder' "are no classes"
like "$(cat "$out")" 'No classes were asked about' "what was asked instead is printed"
like "$(cat "$out")" '^  crop +[0-9.]+ from the network untrained, [0-9.]+ from the network trained' "... with its figures"
grep -q "make -f own.mk SCALE=small IMAGES=[^<]*home/nested" nested/own.plan; result $? "the line that makes it all again has IMAGES"
is "$(tables nested)" " 4 aware 1 table " "and none are asked about"
is "$(wc -l <nested/images.txt)" 42 "all are read"
run own home/nested nested READER=folder -n
is "$status" 0 "-n"
rm home/nested/*.JPEG
ok "READER=tree" own home/nested nested READER=tree
is "$(tables nested)" " 4 aware 1 table " "says that folders are no classes"
mkdir small
find photos -name '*.JPEG' | sort | head -n 7 | while read -r f; do cp "$f" small/; done
run own small few
[ $status = 2 ]; result $? "seven photographs"
says 'own.mk: small: 7 images; at least 16 are needed' "are too few"
mkdir void
run own void few
says 'own.mk: void: no images that can be read' "or none"
mkdir large
for n in {1..16}; do { echo P5 1300 1000 255; head -c 1300000 <(yes "$n abcdef"); } >"large/$n.pgm"; done
ok "large photographs" own large big big/sizes.mk
says "cp -r large small && find small -type f -exec mogrify" "are told how to be made smaller"
for name in 'a b' 'a(1)' "$PWD/a b"; do
	mkdir -p "$name"
	run own "$name" few
	[ $status = 2 ]; result $? "a folder '$name'"
	says "IMAGES=$name: a name with" "is refused with a reason"
done
run own nowhere few
says 'IMAGES=nowhere: no such folder' "a folder that is not there"
run own '' few
says 'IMAGES=dir is missing' "no folder"
[ ! -e nowhere ] && [ ! -e few/sizes.mk ]; result $? "nothing is made"
done_testing
