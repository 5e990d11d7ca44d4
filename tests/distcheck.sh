#!/bin/sh
# distcheck.sh TARBALL: what whoever gets it does: unpacks, builds, tests a part, installs, and removes again,
# without git and without us.
set -eu
tarball=$1
temp=$(mktemp -d "${TMPDIR:-/tmp}/augself-dist.XXXXXX")
trap 'rm -rf "$temp"' EXIT
mkdir "$temp/bin" "$temp/tree"
printf '#!/bin/sh\nexit 128\n' >"$temp/bin/git" && chmod +x "$temp/bin/git"
gzip -dc "$tarball" | (cd "$temp/tree" && tar x)
cd "$temp"/tree/*
PATH=$temp/bin:$PATH
unset DESTDIR prefix B CONFIG MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
make check TESTS="build/release/tests/unit/stream.t build/release/tests/golden/aug.t build/release/tests/grad/layers.t \
	tests/cli/aug.t tests/cli/build.t tests/cli/man.t tests/cli/symbols.t"
make install DESTDIR="$temp/root" prefix=/usr
find "$temp/root" ! -type d >"$temp/installed"
[ "$(wc -l <"$temp/installed")" -gt 100 ] || { echo "distcheck: only these were installed:"; cat "$temp/installed"; exit 1; }
make uninstall DESTDIR="$temp/root" prefix=/usr
find "$temp/root" ! -type d >"$temp/left"
[ ! -s "$temp/left" ] || { echo "distcheck: uninstalling left these:"; cat "$temp/left"; exit 1; }
echo "distcheck: $tarball builds, passes, installs and leaves nothing"
