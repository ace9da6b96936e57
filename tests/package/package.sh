#!/bin/sh
# package.sh install|deb BUILD-FOLDER PROGRAM: installs into an empty root, or packs a .deb, and looks for every file.
set -eu
what=$1 build=$2 program=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "not ok: $*"; exit 1; }
skip() { echo "skipped: $*"; exit 77; }
[ "${program#*NOTFOUND}" = "$program" ] || skip "there is no such program here"

# Every file, relative to the prefix.
wanted() {
	for p in pilothouse pilothouse-wall pilothouse-engine pilothouse-drill; do
		echo "bin/$p"
		echo "share/man/man1/$p.1"
	done
	echo share/man/man5/pilothouse-profile.5
	echo lib/systemd/user/pilothouse-engine.service
	echo share/bash-completion/completions/pilothouse
	echo share/doc/pilothouse/README.md
	echo share/doc/pilothouse/copyright
}

check_tree() { # ROOT PREFIX
	wanted | while read -r f; do
		[ -s "$1$2/$f" ] || fail "$2/$f is not there, or empty"
	done
	for p in pilothouse pilothouse-wall pilothouse-engine pilothouse-drill; do
		[ -x "$1$2/bin/$p" ] || fail "$p cannot be executed"
		"$1$2/bin/$p" --version | grep -q "^$p [0-9]" || fail "the installed $p does not tell its version"
	done
	check_unit "$1$2/lib/systemd/user/pilothouse-engine.service" "$2/bin/pilothouse-engine" "$1"
}

check_unit() { # FILE PROGRAM ROOT
	grep -q "^ExecStart=$2 " "$1" || fail "the unit does not start $2: $(grep ^ExecStart= "$1")"
	if grep -q '@[A-Z_]*@' "$1"; then fail "the unit has an unfilled place"; fi
	if command -v systemd-analyze >/dev/null 2>&1; then
		# the program is under the temporary root: verify a copy that says so
		mkdir -p "$dir/unit"
		sed "s|^ExecStart=|ExecStart=$3|; /^Documentation=/d" "$1" >"$dir/unit/pilothouse-engine.service"
		said=$(systemd-analyze verify --user "$dir/unit/pilothouse-engine.service" 2>&1 || true)
		# other units of this machine are not our business, nor is a machine without a user manager
		if printf '%s\n' "$said" | grep 'pilothouse-engine.service:'; then fail "systemd-analyze verify"; fi
	else
		for key in Restart=on-failure NoNewPrivileges=yes WantedBy=default.target; do
			grep -qx "$key" "$1" || fail "the unit has no $key"
		done
	fi
}

case $what in
install)
	DESTDIR=$dir/root "$program" --install "$build" --prefix /opt/pilothouse >"$dir/log" 2>&1 || {
		cat "$dir/log"
		fail "cmake --install"
	}
	# DOCDIR and MANDIR were fixed at configure time relative to the prefix; nothing may lie beside it
	check_tree "$dir/root" /opt/pilothouse
	[ "$(ls "$dir/root")" = opt ] || fail "files outside the prefix: $(ls "$dir/root")"
	;;
deb)
	for c in dpkg-deb dpkg-shlibdeps; do
		command -v $c >/dev/null 2>&1 || skip "$c is not here"
	done
	(cd "$dir" && "$program" -G DEB --config "$build/CPackConfig.cmake" -B "$dir/pack") >"$dir/log" 2>&1 || {
		cat "$dir/log"
		fail "cpack -G DEB"
	}
	deb=$(ls "$dir"/pack/*.deb)
	dpkg-deb -c "$deb" | awk '{ print $6 }' >"$dir/list"
	wanted | while read -r f; do
		grep -qx "./usr/$f" "$dir/list" || fail "the package has no /usr/$f"
	done
	[ "$(dpkg-deb -f "$deb" Package)" = pilothouse ] || fail "name of the package"
	[ "$(dpkg-deb -f "$deb" Section)" = admin ] || fail "section of the package"
	dpkg-deb -f "$deb" Maintainer | grep -q '<maintainers@example.org>' || fail "maintainer of the package"
	for lib in libtinfo6 libsqlite3-0 libjansson4 libcurl4 libgit2-1 libmicrohttpd12 zlib1g libssl3 libsnappy1v5; do
		dpkg-deb -f "$deb" Depends | grep -q "$lib" || fail "the package does not depend on $lib"
	done
	dpkg-deb -x "$deb" "$dir/root"
	check_tree "$dir/root" /usr
	;;
*)
	echo "usage: package.sh install|deb BUILD-FOLDER PROGRAM" >&2
	exit 2
	;;
esac
echo "ok: $what"
