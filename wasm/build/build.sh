#!/usr/bin/env bash
# Compiles the core to WebAssembly, with a toolchain that it builds once and caches.
#
#   wasm/build/build.sh OUT [PACKAGE]
#   wasm/build/build.sh --toolchain
#
# OUT is the file to write. PACKAGE is the guest to compile, by default ./wasm/guest, as
# the go command names it from the root of the repository. The second form only installs
# the toolchain if it is absent.
#
# The same source gives the same bytes on every machine: go.mod beside this file pins
# TinyGo and, by its toolchain line, Go; this script pins LLVM by its major version. It
# compiles TinyGo from the module proxy, and links it with Debian's LLVM. If LLVM is
# absent, apt-get installs it (as root, or through sudo without a password).
#
# SORTITION_CORE_NAMES, if set, keeps the names of functions in the module, for profiles.
#
# SORTITION_CACHE is the folder of the toolchain. The default is sortition under
# XDG_CACHE_HOME, or under ~/.cache if that is not set.
#
# Exit status: 0 success, 1 the guest does not compile, 2 wrong usage, 3 the toolchain
# cannot be installed on this machine.
set -euo pipefail

readonly status_usage=2 status_no_toolchain=3
readonly llvm=19
readonly recipe=2 # of build_tinygo; raise it with each change, so that no cache has an older toolchain
readonly packages=(g++ "llvm-$llvm-dev" "libclang-$llvm-dev" "lld-$llvm")

if (($# < 1 || $# > 2)) || [[ $1 == --toolchain && $# -ne 1 || $1 == -* && $1 != --toolchain ]]; then
	echo "usage: wasm/build/build.sh OUT [PACKAGE] | --toolchain" >&2
	exit "$status_usage"
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)

say() { echo "core: $*" >&2; }

no_toolchain() {
	say "$1"
	say "wasm/core.wasm is unchanged. Only rebuilding it needs this toolchain."
	exit "$status_no_toolchain"
}

llvm_present() {
	type -P g++ "llvm-config-$llvm" "wasm-ld-$llvm" >/dev/null &&
		[[ -e "$(llvm-config-"$llvm" --includedir)/clang-c/Index.h" ]]
}

install_llvm() {
	local as_root=()
	command -v apt-get >/dev/null ||
		no_toolchain "LLVM $llvm is missing and there is no apt-get. Install by hand: ${packages[*]}."
	if ((EUID != 0)); then
		sudo -n true 2>/dev/null ||
			no_toolchain "LLVM $llvm is missing. Run as root: apt-get install ${packages[*]}."
		as_root=(sudo -n)
	fi
	say "installing ${packages[*]}"
	{
		"${as_root[@]}" apt-get update -qq &&
			"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends "${packages[@]}"
	} >&2 || no_toolchain "apt-get could not install ${packages[*]}."
	llvm_present || no_toolchain "LLVM $llvm is incomplete although apt-get installed ${packages[*]}."
}

# build_tinygo compiles TinyGo and makes its root folder, $1.
build_tinygo() {
	local root=$1 source
	say "building TinyGo $tinygo with $GOTOOLCHAIN and LLVM $llvm (a minute or two, once)"
	rm -rf "$root" "$root.new"
	mkdir -p "$root.new/bin"
	(
		cd "$here"
		go build -tags="llvm$llvm" -trimpath -o "$root.new/bin/tinygo" github.com/tinygo-org/tinygo
	) || no_toolchain "TinyGo $tinygo does not build here."
	source=$(cd "$here" && go list -m -f '{{.Dir}}' github.com/tinygo-org/tinygo)

	# TinyGo needs real folders; the files in them may be links. src/net is a submodule,
	# which the module proxy does not have. A guest without a network does not need it.
	cp -rs "$source" "$root.new/root"
	chmod -R u+w "$root.new/root"
	mkdir -p "$root.new/root/src/net"

	# TinyGo exports functions that stand in for those of a C library. The core calls none of
	# them, and it must export its ABI only.
	rm "$root.new/root/src/runtime/float.go"
	sed '/^\/\/export f/d' "$source/src/runtime/float.go" >"$root.new/root/src/runtime/float.go"

	# TinyGo requires wasm-opt, which would save a tenth of the size and no time. This
	# stand-in prints a version, and copies its input to its output.
	cat >"$root.new/bin/wasm-opt" <<-'STAND_IN'
		#!/bin/sh
		[ "$1" = --version ] && { echo "wasm-opt version 132 (none)"; exit; }
		in=
		while [ $# -gt 0 ]; do
			case $1 in
			--output | -o) shift; out=$1 ;;
			-*) ;;
			*) in=$1 ;;
			esac
			shift
		done
		[ "$in" = "$out" ] || cp "$in" "$out"
	STAND_IN
	chmod +x "$root.new/bin/wasm-opt"
	mv "$root.new" "$root"
}

command -v go >/dev/null || no_toolchain "There is no go command."
GOTOOLCHAIN=$(sed -n 's/^toolchain //p' "$here/go.mod")
export GOTOOLCHAIN GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=1
tinygo=$(cd "$here" && go list -m -f '{{.Version}}' github.com/tinygo-org/tinygo) ||
	no_toolchain "$GOTOOLCHAIN, which wasm/build/go.mod requires, cannot be installed."

llvm_present || install_llvm

cache=${SORTITION_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sortition}
toolchain=$cache/tinygo-$tinygo-$GOTOOLCHAIN-llvm$llvm-$recipe
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9 # concurrent builds would write the same toolchain
[[ -e "$toolchain/root/go.mod" ]] || build_tinygo "$toolchain"

if [[ $1 == --toolchain ]]; then
	say "the toolchain is ready in $toolchain"
	exit
fi
out=$(realpath -m -- "$1")
package=${2:-./wasm/guest}
target=$here/freestanding.json
if [[ -n ${SORTITION_CORE_NAMES-} ]]; then
	named=$(mktemp --suffix=.json)
	trap 'rm -f "$named"' EXIT
	sed 's/, "--strip-all"//' "$target" >"$named"
	target=$named
fi
cd "$repository"
TINYGOROOT=$toolchain/root WASMOPT=$toolchain/bin/wasm-opt \
	"$toolchain/bin/tinygo" build -target="$target" \
	-opt=s -panic=trap -no-debug -o "$out" "$package"
chmod 644 "$out" # data, not a program
say "$(wc -c <"$out") bytes in $1"
