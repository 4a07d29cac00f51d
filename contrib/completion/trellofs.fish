# fish completion for trellofs

function __trellofs_profiles
    set -l folder $XDG_CONFIG_HOME
    test -n "$folder"; or set folder ~/.config
    sed -n 's/^[[:blank:]]*\[\([^]]*\)\].*/\1/p' $folder/trellofs/config 2>/dev/null
end

# The table of mounts writes a blank as \040.
function __trellofs_mounts
    awk '$3 == "fuse.trellofs" { print $2 }' /proc/self/mounts 2>/dev/null |
        while read -l folder
            printf '%b\n' (string replace -a '\\' '\\0' -- $folder)
        end
end

# Whether the first word is one of these.
function __trellofs_is
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv
end

function __trellofs_first
    test (count (commandline -opc)) -eq 1
end

function __trellofs_mounting
    not __trellofs_is login logout status sync refresh
end

set -l about status sync refresh
complete -c trellofs -f
complete -c trellofs -n __trellofs_first -a login -d 'get a token and keep it'
complete -c trellofs -n __trellofs_first -a logout -d 'revoke the token'
complete -c trellofs -n __trellofs_first -a status -d 'how a mount is doing'
complete -c trellofs -n __trellofs_first -a sync -d 'wait until all changes are sent'
complete -c trellofs -n __trellofs_first -a refresh -d 'ask for news now'
complete -c trellofs -n __trellofs_first -a '(__trellofs_profiles)' -d profile
complete -c trellofs -n __trellofs_mounting -a '(__fish_complete_directories)'
complete -c trellofs -n "__trellofs_is $about" -a '(__trellofs_mounts)'

complete -c trellofs -n "__trellofs_is login logout $about" -l profile -x -a '(__trellofs_profiles)' -d 'the account'
complete -c trellofs -n '__trellofs_is login' -l read-only -d 'ask for no more than to read'
complete -c trellofs -n '__trellofs_is login' -l expires -x -a 'never 30days 1day 1hour' -d 'how long the token is good'
complete -c trellofs -n '__trellofs_is login' -l oauth1 -d 'by OAuth 1.0a'
complete -c trellofs -n '__trellofs_is login' -l callback -d 'the browser brings the code'
complete -c trellofs -n '__trellofs_is login' -l revoke-old -d 'revoke the token until now'
complete -c trellofs -n '__trellofs_is logout' -l keep-token -d 'do not revoke it'
complete -c trellofs -n '__trellofs_is logout' -l force -d 'also with changes that are not sent'

complete -c trellofs -n __trellofs_mounting -l demo -d 'a sample board'
complete -c trellofs -n __trellofs_mounting -l export -r -F -d 'a board that was exported'
complete -c trellofs -n __trellofs_mounting -s o -x -d 'mount options' -a 'ro sync allow_delete numbered allow_other auto_unmount refresh= settle= cache_size= umask= profile= api_url='
complete -c trellofs -n __trellofs_mounting -s f -d 'stay in the foreground'
complete -c trellofs -n __trellofs_mounting -s d -d 'log each request'
complete -c trellofs -n __trellofs_mounting -s V -l version -d 'the version'
complete -c trellofs -s h -l help -d help
