# shellcheck shell=bash
# For tests of published sets: layouts of images that nobody has to decode, and what img-read makes of them.
# shellcheck disable=SC2034,SC2154 # for those who read this, after lib.sh
data=${AUGSELF_DATA:-$top/../shared/data}

# A JPEG that is only a header, HEIGHT x WIDTH.
header_of()
{
	local size
	size=$(printf '\\%03o' $(($1 / 256)) $(($1 % 256)) $(($2 / 256)) $(($2 % 256)))
	printf %b "\377\330\377\333\000\103\000$(printf '\\001%.0s' {1..64})" "\377\300\000\013\010$size\001\001\021\000" \
		'\377\332\000\010\001\001\000\000\077\000\050\240\377\331'
}

# jpegs HEIGHT WIDTH FOLDER: such an image for each name on standard input, which may hold folders.
jpegs()
{
	header_of "$1" "$2" >"$scratch/header.jpg"
	sed "s|^|$3/|" >"$scratch/files"
	sed 's|/[^/]*$||' "$scratch/files" | sort -u | tr '\n' '\0' | xargs -0 mkdir -p
	# shellcheck disable=SC2016 # sh's
	tr '\n' '\0' <"$scratch/files" | xargs -0 -n 500 sh -c 'exec tee "$@" <"$0" >/dev/null' "$scratch/header.jpg"
}

# told SET DIR [OPTIONS]: the name and the label of each image, a line each; boxed: its name and its boxes, as JSON.
told() { img-read --names "$@" 2>"$scratch/words"; }
boxed()
{
	img-read -q "$@" 2>"$scratch/words" | rec-view --full - | sed -nE 's/^\{"seq":.*"name":"([^"]*)".*"boxes":(\{[^}]*\}).*$/\1 \2/p'
}
# What it says besides, without the path.
words() { img-read "$@" 2>&1 >/dev/null | grep -v sealed | cut -d: -f3-; }
classes() { img-read -q "$@" 2>/dev/null | rec-view - | sed -nE '1s/^.*"classes":\[([^]]*)\].*$/\1/p' | tr -d '"'; }
