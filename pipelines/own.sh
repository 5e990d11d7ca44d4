#!/bin/bash
# own.sh IMAGES OUT SIDE MINUTES: looks at a folder of photographs and chooses a training that fits them and this machine: settings
# for make on standard output, what they are and how long it takes on standard error. OUT/images.txt keeps what was there, so that
# another run can say what has changed. READER=tree: folders are no classes; READER=folder: they are.
#
# Folders are classes if two of them or more hold four images or more, and none lies beside them. Of few images, a
# quarter of each class is asked about, and the probes choose by a part of the others; of many, an eighth each chooses and is
# asked about. The batch leaves at least eight steps an epoch, and is at most 128; the network is narrow where there are few
# cores. How fast that trains is measured on a few steps with these very images, for large photographs take longer to read than
# to learn; the epochs are what fits into MINUTES, 20 to 400: with fewer a network learns little, with more it learns few
# photographs by heart.
set -eu -o pipefail
images=$1 out=$2 side=$3 minutes=$4
least=16
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf '%s\n' "$*" >&2; }

mkdir -p "$out"
rm -f "$out/told"
once() { awk -v told="$out/told" -v every=1 -f "${0%/*}/once.awk" >&2; }
img-read -q tree "$images" --names 2> >(once) >"$work/tree" || {
	say "own.mk: $images: no images that can be read; a folder of a few hundred photographs is needed, IMAGES=dir"
	exit 1
}
count=$(wc -l <"$work/tree")
if [ "$count" -lt $least ]; then
	say "own.mk: $images: $count images; at least $least are needed, and a network that tells more than raw pixels" \
		"takes some hundreds"
	exit 1
fi
if [ -e "$out/images.txt" ]; then
	new=$(sort "$work/tree" | comm -13 <(sort "$out/images.txt") - | wc -l)
	gone=$(sort "$work/tree" | comm -23 <(sort "$out/images.txt") - | wc -l)
	what="settings have changed"
	[ "$new$gone" = 00 ] || what="$new images are new since the last run, $gone are gone"
	say "$what: all begins anew"
fi

# The label is the last word of a line.
reader=${READER:-}
beside=$(grep -cv / "$work/tree" || true)
large=0
if [ "$reader" != tree ] && img-read -q folder "$images" --names >"$work/names" 2>"$work/said"; then
	large=$(awk '{ n[$NF]++ } END { for (c in n) large += n[c] >= 4; print large + 0 }' "$work/names")
fi
if [ "$reader" = folder ] && [ "$large" = 0 ]; then
	cat "$work/said" >&2
	exit 1
fi
if [ -z "$reader" ]; then
	reader=tree
	[ "$large" -lt 2 ] || [ "$beside" -gt 0 ] || reader=folder
fi
classes=0
if [ "$reader" = folder ]; then
	classes=$(awk '{ seen[$NF] = 1 } END { for (c in seen) n++; print n }' "$work/names")
	say "$classes folders are taken as classes; if they are none: READER=tree"
	[ "$(wc -l <"$work/names")" = "$count" ] ||
		say "$(wc -l <"$work/names") of the $count images are in these"
	count=$(wc -l <"$work/names")
elif [ "$beside" -gt 0 ] && [ "$large" -gt 0 ]; then
	say "images lie beside folders, so that the folders are no classes; if they are: READER=folder"
else
	say "no classes are asked about: there are not two folders of four images and more, or READER=tree says so"
fi
[ "$reader" = folder ] || cp "$work/tree" "$work/names"

ratio=$(awk '{ n[$NF]++ } END { for (c in n) n[c] >= 7 ? many++ : few++; print (many > few) ? "6:1:1" : "3:0:1" }' "$work/names")
train=$(img-read -q "$reader" "$images" --names --part train --ratio "$ratio" 2>/dev/null | wc -l)
bad=$((count / 2))
batch=128
while [ $((batch * 8)) -gt "$train" ] && [ $batch -gt 8 ]; do batch=$((batch / 2)); done
width=.25
[ "$(sh "${0%/*}/cpus.sh")" -lt 8 ] || width=.5
batch=${BATCH:-$batch} width=${WIDTH:-$width}

say "how fast it trains is measured ..."
img-read -q "$reader" "$images" --part train --ratio "$ratio" --shuffle --epochs 0 --max-bad $bad 2>/dev/null |
	aug-sample -q --preset stl10 --size "$side" | aug-apply -q --max-bad $bad 2>/dev/null |
	ssl-train -q --recipe stl10 --augself crop=1,color=1 --width "$width" --size "$side" --epochs 1 --batch "$batch" --base-lr .12 \
		--steps 12 --log-every 1 --log "$work/log" -o "$work/model"
# Photographs as cameras make them: the mean of the shorter sides of some of them.
short=$(img-read -q "$reader" "$images" --part train --ratio "$ratio" --shuffle --max-bad $bad 2>/dev/null | rec-view -q -n 16 - |
	sed -n 's/.*"height":\([0-9]*\),"width":\([0-9]*\).*/\1 \2/p' |
	awk '{ sum += ($1 < $2) ? $1 : $2 } END { printf "%d", sum / (NR + !NR) }')
if [ "$short" -ge 1000 ]; then
	say "the photographs are large, so that reading them takes most of the time; with smaller copies it sees them more often:"
	say "  cp -r $images small && find small -type f -exec mogrify -auto-orient -resize '400x400^>' {} + (package imagemagick)"
fi
cp "$work/tree" "$out/images.txt.part"
mv "$out/images.txt.part" "$out/images.txt"
awk -v count="$count" -v train="$train" -v minutes="$minutes" -v batch="$batch" -v width="$width" -v side="$side" \
	-v reader="$reader" -v ratio="$ratio" -v bad=$bad -v given="${EPOCHS:-}" -v classes="$classes" \
	-v rate="$(awk -v batch="$batch" -f "${0%/*}/rate.awk" "$work/log.time.tsv")" 'BEGIN {
		epochs = int(minutes * 60 * rate / train)
		epochs = (given != "") ? given : (epochs < 20) ? 20 : (epochs > 400) ? 400 : epochs
		printf "READER := %s\nRATIO := %s\nWIDTH := %s\nBATCH := %d\nEPOCHS := %d\nBASE_LR := .12\nMAX_BAD := %d\nTRAIN := %d\n",
			reader, ratio, width, batch, epochs, bad, train
		took = epochs * train / rate / 60
		# Each network is asked about all images, and about two views of each: about three epochs of training.
		asked = 4 * count / rate / 60
		printf "%d images, %d of them to train on: a ResNet-18 of width %s, views of %d px, batches of %d, %d epochs\n",
			count, train, width, side, batch, epochs > "/dev/stderr"
		printf "about %s to train (%.0f images a second), then about %s to ask what it knows\n",
			span(took), rate, span(asked + (classes ? 1 : .3)) > "/dev/stderr"
		if (took > minutes * 1.2 && given == "")
			printf "fewer than 20 epochs teach it nothing, so that MINUTES=%s is not enough\n", minutes > "/dev/stderr"
	}
	function span(m) { return (m < 1.5) ? "a minute" : (m < 90) ? sprintf("%.0f minutes", m) : sprintf("%.1f hours", m / 60) }'
