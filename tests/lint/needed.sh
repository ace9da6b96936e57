#!/bin/sh
# needed.sh PROGRAM: the screen programs must not need libcurl, libgit2, OpenSSL, libsnappy or libmicrohttpd, directly or through
# another library.
set -eu
direct=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }')
all=$(ldd "$1" | awk '{ print $1 }')
echo "$direct"
[ -n "$direct" ] || { echo "no needed libraries were read: the check itself is broken"; exit 1; }
if printf '%s\n%s\n' "$direct" "$all" | grep -E 'libcurl|libgit2|libssl|libcrypto|libmicrohttpd|libyajl|libsnappy'; then
	echo "$1 needs a library that is the engine's"
	exit 1
fi
