# bash completion for trellofs                             -*- shell-script -*-

# The profiles of the configuration file.
_trellofs_profiles()
{
	sed -n 's/^[[:blank:]]*\[\([^]]*\)\].*/\1/p' \
		"${XDG_CONFIG_HOME:-$HOME/.config}/trellofs/config" 2>/dev/null
}

# Where something is mounted; the table writes a blank as \040.
_trellofs_mounts()
{
	local device folder type rest

	while read -r device folder type rest; do
		[ "$type" != fuse.trellofs ] || printf '%b\n' "${folder//\\/\\0}"
	done </proc/self/mounts
}

# _trellofs_lines: those of standard input that begin as the word.
_trellofs_lines()
{
	local line

	while IFS= read -r line; do
		[[ $line != "$cur"* ]] || COMPREPLY+=("$(printf %q "$line")")
	done
}

_trellofs_folders()
{
	compopt -o filenames 2>/dev/null
	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$cur")
}

# The last of the words between commas.
_trellofs_options()
{
	local names="profile= refresh= settle= comment_settle= ro rw sync
		allow_delete numbered cache_size= umask= api_url= allow_other allow_root
		auto_unmount fsname= subtype= max_read="
	local done='' last=$cur

	if [[ $cur == *,* ]]; then
		done=${cur%,*},
		last=${cur##*,}
	fi
	compopt -o nospace 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -P "$done" -W "$names" -- "$last")
}

_trellofs()
{
	local cur=${COMP_WORDS[COMP_CWORD]} command='' flags
	local prev=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# "=" stands by itself among the words.
	if [ "$cur" = = ]; then
		cur=
	elif [ "$prev" = = ]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	--profile)
		_trellofs_lines < <(_trellofs_profiles)
		return
		;;
	--expires)
		mapfile -t COMPREPLY < <(compgen \
			-W 'never 30days 1day 1hour' -- "$cur")
		return
		;;
	--export)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -X '!*.json' -- "$cur"
			compgen -d -- "$cur")
		return
		;;
	-o)
		_trellofs_options
		return
		;;
	esac
	[ "$COMP_CWORD" -lt 2 ] || command=${COMP_WORDS[1]}
	case $command in
	login) flags='--profile --read-only --expires --oauth1 --callback
		--revoke-old --help' ;;
	logout) flags='--profile --keep-token --force --help' ;;
	status | sync | refresh) flags='--profile --help' ;;
	*) flags='--demo --export -o -f -d --help --version' command='' ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
		return
	fi
	case $command in
	login | logout) ;;
	status | sync | refresh)
		_trellofs_lines < <(_trellofs_mounts)
		;;
	*)
		if [ "$COMP_CWORD" = 1 ]; then
			mapfile -t COMPREPLY < <(compgen \
				-W 'login logout status sync refresh' -- "$cur")
			_trellofs_lines < <(_trellofs_profiles)
		fi
		_trellofs_folders
		;;
	esac
}

complete -F _trellofs trellofs
