#!/bin/sh
# notes.sh BINDIR LIBDIR PKGCONFIGDIR SONAME: after installing there, what else whoever installed has to do, so that his
# shell, pkg-config and the loader look there too; nothing where they do.
bindir=$1 libdir=$2 pkgconfigdir=$3 soname=$4
PC=${PKG_CONFIG:-pkg-config}
note() { printf '  NOTE   %s\n' "$*"; }

case ":$PATH:" in
*":$bindir:"*) ;;
*) note "your shell does not look in $bindir: put this into ~/.profile, and log in again:"
	note "    export PATH=$bindir:\$PATH" ;;
esac
if command -v "$PC" >/dev/null; then
	case ":${PKG_CONFIG_PATH-}:$("$PC" --variable pc_path pkg-config 2>/dev/null):" in
	*":$pkgconfigdir:"*) ;;
	*) note "pkg-config does not look in $pkgconfigdir: for programs of your own"
		note "    export PKG_CONFIG_PATH=$pkgconfigdir" ;;
	esac
fi
case "$(PATH=$PATH:/usr/sbin:/sbin; ldconfig -p 2>/dev/null)" in
*"> $libdir/$soname"*) ;;
*) note "the loader does not know $libdir/$soname, as programs of your own need (ours do not): run ldconfig as root;"
	note "    if that does not help, link them with LD_RUN_PATH=$libdir in the environment" ;;
esac
