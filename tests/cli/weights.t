#!/usr/bin/env bash
# Weights between augself and PyTorch: schemas/augself_torch.py in both directions, the command that the message about a
# PyTorch file prints, and the examples of augself-python(7). Needs python3 with torch, numpy and msgpack.
. "${0%/*}/../lib.sh"
page=$top/man/augself-python.7
export PYTHONPATH=$top/schemas PYTHONDONTWRITEBYTECODE=1
python=$(python_with "torch, numpy, msgpack")
[ -n "$python" ] || skip_all "python3 with torch, numpy and msgpack is not there"

for size in 32 64; do
	img-synth -q --count 8 --size $size | aug-sample -q --size $size --preset cifar | aug-apply -q >views.$size
done
ok "both directions, both stems, several widths" "$python" "$top/tests/python/weights.py" views.32 views.64
sed 's/^/# /' "$out"

ssl-train -q --width 0.0625 -b 8 -o model.safetensors <views.32
img-synth -q --count 3 >images
for e in ours theirs torchvision; do
	block "$page" "weights-$e.py" >"example-$e.py"
	[ -s "example-$e.py" ] || result 1 "no weights-$e.py in the page"
done
ok "the example that loads ours" "$python" example-ours.py
is "$(cat "$out")" "torch.Size([1, 32])" "... has features"
ok "the example that saves one" "$python" example-theirs.py
features() { feat-extract --model "$1" <images; }
ok "... is read" features narrow.safetensors
like "$(cat "$err")" "^feat-extract: resnet18 cifar x0.25, 32 px$" "... with its stem, width and size"
if "$python" -c 'import torchvision' 2>"$scratch/log"; then
	ssl-train -q --stem imagenet -b 8 -o wide.safetensors <views.64
	ok "the example with torchvision" "$python" example-torchvision.py
	ok "... is read" features resnet50.safetensors
	like "$(cat "$err")" "^feat-extract: resnet50 imagenet x1, 224 px$" "... as what it is"
else
	skip "the example with torchvision" "torchvision is not there"
fi

# ---- the command of the message ----
if ! "$python" -c 'import safetensors' 2>"$scratch/log"; then
	skip "the command of the message" "safetensors is not there"
	done_testing
	exit
fi
"$python" - <<-'END'
	import torch, safetensors.torch, augself_torch
	t = augself_torch.load("model.safetensors").state_dict()
	torch.save({"epoch": 3, "state_dict": {f"module.encoder_q.{k}": v for k, v in t.items()}}, "my model.ckpt")
	safetensors.torch.save_file(t, "plain.safetensors")
	torch.save(t, "old.pth", _use_new_zipfile_serialization=False)
END
printf '#!/bin/sh\nexec %s "$@"\n' "$python" >python3 && chmod +x python3
for file in "my model.ckpt" old.pth; do
	must_fail 1 "$file" features "$file"
	sed -n 's/^  \(python3 .*\)/\1/p' "$err" >convert.sh
	is "$(wc -l <convert.sh)" 1 "... is told with one line"
	ok "... which runs as it is" env PATH="$PWD:$PATH" bash convert.sh
	values() { feat-extract -q --stem cifar --size 32 --model "$1" <images | rec-view --full - | grep -o '"data":.*'; }
	is "$(values "${file%.*}.safetensors")" "$(values plain.safetensors)" "... to the same network"
done
done_testing
