# What has to be installed on Debian 12, and the function that sees to it.
# Sourced by contrib/try and contrib/check.

build_packages="gcc libc6-dev make autoconf automake pkg-config libfuse3-dev
	fuse3 libcurl4-openssl-dev libyajl-dev libinih-dev libsqlite3-dev
	libyaml-dev libssl-dev ca-certificates"
check_packages="clang libclang-rt-14-dev clang-format mandoc libcmocka-dev
	python3-pytest python3-h2 python3-yaml openssl valgrind libc6-dbg attr
	curl tmux ripgrep git vim rsync sqlite3 universal-ctags xz-utils
	procps util-linux ed patch perl zsh fish libglib2.0-bin"
# Editors whose saves are tried.
editor_packages="neovim nano emacs-nox micro kakoune mg joe ne mc"

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# install_packages NAME...: those that are missing.
install_packages()
{
	local name missing=()

	if ! command -v dpkg-query >/dev/null; then
		echo "Not a Debian: this needs what Debian calls" "$@" >&2
		return
	fi
	for name; do
		dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null |
			grep -qx installed || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		echo "Run this as root first:" >&2
		echo "  apt-get install ${missing[*]}" >&2
		return 1
	fi
	echo "Installing ${missing[*]}"
	as_root apt-get -qq update </dev/null
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install \
		--no-install-recommends "${missing[@]}" </dev/null >/dev/null
}
