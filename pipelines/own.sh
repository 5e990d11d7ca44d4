#!/bin/bash
# own.sh COUNT SIDE MINUTES: a training that fits COUNT images and this machine, as settings for make on standard
# output, and what they are on standard error.
#
# The batch leaves at least eight steps an epoch, and is at most 128; the network is narrow where there are few
# cores. How fast that trains is measured on a few steps with images that img-synth draws; the epochs are what fits into
# MINUTES, 20 to 400: with fewer a network learns little, with more it learns few photographs by heart.
set -eu -o pipefail
count=$1 side=$2 minutes=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
batch=128
while [ $((batch * 8)) -gt "$count" ] && [ $batch -gt 8 ]; do batch=$((batch / 2)); done
width=.25
[ "$(sh "${0%/*}/cpus.sh")" -lt 8 ] || width=.5
img-synth -q -n $((batch * 4)) --size "$side" | aug-sample -q --preset stl10 --size "$side" | aug-apply -q |
	ssl-train -q --recipe stl10 --augself crop=1,color=1 --width $width --size "$side" --epochs 1 --batch $batch \
		--log-every 1 --log "$work/log" -o "$work/model"
awk -v count="$count" -v minutes="$minutes" -v batch=$batch -v width=$width -v side="$side" \
	-v rate="$(awk -v batch=$batch -f "${0%/*}/rate.awk" "$work/log.time.tsv")" 'BEGIN {
		epochs = int(minutes * 60 * rate / count)
		epochs = (epochs < 20) ? 20 : (epochs > 400) ? 400 : epochs
		printf "WIDTH := %s\nBATCH := %d\nEPOCHS := %d\nBASE_LR := .12\n", width, batch, epochs
		printf "%d images: a ResNet-18 of width %s on views of %d px, batches of %d, %d epochs: about %.0f minutes a network\n",
			count, width, side, batch, epochs, epochs * count / rate / 60 + .5 > "/dev/stderr"
	}'
