# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_ghl_bm_global_optspecs
    string join \n p/profile= config-dir= state-dir= sandbox sandbox-dir= json jq= q/quiet v/verbose log-format= color= no-input y/yes h/help V/version
end

function __fish_ghl_bm_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_ghl_bm_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_ghl_bm_using_subcommand
    set -l cmd (__fish_ghl_bm_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "auth" -d 'Store, show, renew and forget the credentials of both services'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "map" -d 'Make, list, show and check mapping profiles'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "pull" -d 'Export contacts and what belongs to them as CSV, JSON or NDJSON'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "push" -d 'Write contacts, tags, notes or tasks from a file or standard input into a service'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "sync" -d 'Bring HighLevel and BigMailer in step, as the profile says'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "test" -d 'Check connection, permissions, mapping and data flow, without writing anything'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "api" -d 'Call a path of HighLevel or BigMailer yourself'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "runs" -d 'Show what earlier syncs did'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "conflicts" -d 'Show what waits for a person, and settle it'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "sandbox" -d 'Serve the two fake services on loopback until Ctrl-C'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c ghl-bm -n "__fish_ghl_bm_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "login" -d 'Store a token or key, or log in to HighLevel with a browser'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "status" -d 'Show where the credentials come from, whether the services accept them and what they can do'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "refresh" -d 'Get a new HighLevel access token now, where the login is one that ends'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "token" -d 'Print the token or key, for other programs'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "logout" -d 'Forget a stored credential'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "migrate" -d 'Move what is stored to another store, and use that from now on'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and not __fish_seen_subcommand_from login status refresh token logout migrate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l client-id -d 'Client id of your HighLevel app' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l redirect-uri -d 'The redirect URL that is registered for the app [default: http://localhost:8799/callback]' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l install-link -d 'The install link that the developer portal shows, for apps that are not public' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l scope -d 'A scope to ask for beside those that the profile needs; repeat for more' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l location -d 'The location, where an agency\'s login reaches several [default: the profile\'s]' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l timeout -d 'How long to wait for the browser' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l with-token -d 'Read the token or key from standard input, or ask for it on a terminal'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l no-check -d 'Store it without asking the service first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l client-secret-stdin -d 'Read the client secret from the first line of standard input'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l pkce -d 'Prove with PKCE that code and login belong together; HighLevel documents nothing of it'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l no-browser -d 'Only print the link'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from login" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l offline -d 'Look at what is stored only; whether it is accepted is not known then'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l force -d 'Also while the present token is good for more than a minute'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from refresh" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from token" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l all -d 'Everything that is stored, of every profile'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from logout" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l to -d 'The store to move to: keyring or file' -r -f -a "keyring\t''
file\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from migrate" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "login" -d 'Store a token or key, or log in to HighLevel with a browser'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show where the credentials come from, whether the services accept them and what they can do'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Get a new HighLevel access token now, where the login is one that ends'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "token" -d 'Print the token or key, for other programs'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "logout" -d 'Forget a stored credential'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "migrate" -d 'Move what is stored to another store, and use that from now on'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand auth; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -f -a "init" -d 'Make a profile from flags'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -f -a "list" -d 'List the profiles there are'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -f -a "show" -d 'Print a profile'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -f -a "check" -d 'Compare a profile with both services'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and not __fish_seen_subcommand_from init list show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l location -d 'HighLevel location (sub-account) id' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l brand -d 'BigMailer brand id' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l direction -d 'Which way contacts travel' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l field -d 'A field rule; repeat for more. Without any: the usual name and address fields' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l list -d 'Contacts with this tag join this list; repeat for more' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l force -d 'Replace an existing profile'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from init" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l create -d 'Make the fields and lists that BigMailer lacks'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "init" -d 'Make a profile from flags'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the profiles there are'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print a profile'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "check" -d 'Compare a profile with both services'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand map; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "contacts" -d 'Export the contacts of either service, oldest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "contact" -d 'Show one contact with its tasks, notes, appointments and opportunities'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "tasks" -d 'Export tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "notes" -d 'Export notes of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "appointments" -d 'Export appointments of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "opportunities" -d 'Export opportunities of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "businesses" -d 'Export the businesses of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "fields" -d 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "tags" -d 'List the tags of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "lists" -d 'List the lists of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and not __fish_seen_subcommand_from contacts contact tasks notes appointments opportunities businesses fields tags lists help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l from -d 'Which service to read' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l since -d 'Only contacts updated since: an ISO time or an age such as 7d (HighLevel)' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l tag -d 'Only contacts with this tag; repeat for contacts that have all of them (HighLevel)' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l query -d 'Only contacts that HighLevel finds for this text, at most 75 characters' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l business -d 'Only contacts of this business (HighLevel); takes a call for each' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l list -d 'Only members of this list, by name or id (BigMailer)' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l include -d 'Also what hangs on each contact, in columns of their own (HighLevel)' -r -f -a "tasks\t''
notes\t''
appointments\t''
opportunities\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l via -d 'How to list HighLevel contacts: by search, by the older list, or by whichever works' -r -f -a "auto\t''
search\t''
list\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contacts" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l from -d 'Which service to read' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l include -d 'What to show beside the contact itself [default: everything as JSON, nothing as CSV]' -r -f -a "tasks\t''
notes\t''
appointments\t''
opportunities\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from contact" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l contact -d 'Of these contacts, by id or e-mail address, in this order' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l from -d 'Which service to read; only HighLevel has these' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l id -d 'Only the task with this id, of the one contact that --contact names' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l completed -d 'Only tasks that are done, or only those that are not' -r -f -a "true\t''
false\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l all -d 'Of all contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tasks" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l contact -d 'Of these contacts, by id or e-mail address, in this order' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l from -d 'Which service to read; only HighLevel has these' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l id -d 'Only the note with this id, of the one contact that --contact names' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l all -d 'Of all contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from notes" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l contact -d 'Of these contacts, by id or e-mail address, in this order' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l from -d 'Which service to read; only HighLevel has these' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l all -d 'Of all contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from appointments" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l contact -d 'Of these contacts, by id or e-mail address, in this order' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l from -d 'Which service to read; only HighLevel has these' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l id -d 'Only the opportunity with this id, whosever it is' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l status -d 'Only those with this status' -r -f -a "open\t''
won\t''
lost\t''
abandoned\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l pipeline -d 'Only those of this pipeline, by name or id' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l all -d 'Of all contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from opportunities" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l id -d 'Only the business with this id' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l from -d 'Which service to read; only HighLevel has businesses' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l limit -d 'At most this many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l resume -d 'Go on with the file of -o where an earlier command was interrupted'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from businesses" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l from -d 'Which service to read' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from fields" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l from -d 'Which service to read; only HighLevel has tags' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from tags" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l from -d 'Which service to read; only BigMailer has lists' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l format -d 'Shape of the output [default: csv; json for one contact and with --json]' -r -f -a "csv\t''
json\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s o -l output -d 'Write to this file, which appears when it is complete; - is standard output' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l fields -d 'Columns, separated by commas; without a value: list them' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l excel -d 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from lists" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "contacts" -d 'Export the contacts of either service, oldest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "contact" -d 'Show one contact with its tasks, notes, appointments and opportunities'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "tasks" -d 'Export tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "notes" -d 'Export notes of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "appointments" -d 'Export appointments of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "opportunities" -d 'Export opportunities of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "businesses" -d 'Export the businesses of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "fields" -d 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "tags" -d 'List the tags of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "lists" -d 'List the lists of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand pull; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -f -a "contacts" -d 'Create and update contacts from rows'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -f -a "tags" -d 'Add, remove or set tags of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -f -a "notes" -d 'Add, update or delete notes on HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -f -a "tasks" -d 'Add, update, complete, reopen or delete tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and not __fish_seen_subcommand_from contacts tags notes tasks help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l report -d 'Write what became of each row to this CSV file' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l rejects -d 'Write the rows that could not be pushed to this file, to be mended and pushed again' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l format -d 'Shape of the file, where its beginning does not tell' -r -f -a "csv\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l delimiter -d 'What stands between the cells of CSV, where the header does not tell: one character, or tab' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l to -d 'Where the rows go' -r -f -a "ghl\t''
bigmailer\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l dry-run -d 'Check the file, ask the service, print what would be done, and write nothing'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l no-create -d 'Change only contacts that are there already'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l wait -d 'Wait for another run of the profile to end, instead of ending with code 9'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from contacts" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l report -d 'Write what became of each row to this CSV file' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l rejects -d 'Write the rows that could not be pushed to this file, to be mended and pushed again' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l format -d 'Shape of the file, where its beginning does not tell' -r -f -a "csv\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l delimiter -d 'What stands between the cells of CSV, where the header does not tell: one character, or tab' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l to -d 'Where the rows go; only HighLevel has tags' -r -f -a "ghl\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l dry-run -d 'Check the file, ask the service, print what would be done, and write nothing'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tags" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l report -d 'Write what became of each row to this CSV file' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l rejects -d 'Write the rows that could not be pushed to this file, to be mended and pushed again' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l format -d 'Shape of the file, where its beginning does not tell' -r -f -a "csv\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l delimiter -d 'What stands between the cells of CSV, where the header does not tell: one character, or tab' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l to -d 'Where the rows go; only HighLevel has notes' -r -f -a "ghl\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l dry-run -d 'Check the file, ask the service, print what would be done, and write nothing'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from notes" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l report -d 'Write what became of each row to this CSV file' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l rejects -d 'Write the rows that could not be pushed to this file, to be mended and pushed again' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l format -d 'Shape of the file, where its beginning does not tell' -r -f -a "csv\t''
ndjson\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l delimiter -d 'What stands between the cells of CSV, where the header does not tell: one character, or tab' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l to -d 'Where the rows go; only HighLevel has tasks' -r -f -a "ghl\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l dry-run -d 'Check the file, ask the service, print what would be done, and write nothing'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from tasks" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from help" -f -a "contacts" -d 'Create and update contacts from rows'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from help" -f -a "tags" -d 'Add, remove or set tags of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from help" -f -a "notes" -d 'Add, update or delete notes on HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from help" -f -a "tasks" -d 'Add, update, complete, reopen or delete tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand push; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l only -d 'Only these people, by e-mail address or HighLevel contact id' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l max-duration -d 'Stop in good order after this long (such as 10m); the next run goes on' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l every -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l plan-out -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l apply -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l dry-run -d 'Print what would be done and write nothing, neither to a service nor to the state'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l exit-code -d 'With --dry-run: exit 20 when there is something to do'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l full -d 'Read and compare all contacts, not only those that changed'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l wait -d 'Wait for another run of this profile to end, instead of exit code 9'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l rebuild-state -d 'Put a damaged state file aside and build a new one from both services'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l show-pii -d 'Name e-mail addresses in problems and examples'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sync" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l contact -d 'Use this HighLevel contact for the data flow check instead of the first one' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l show-pii -d 'Show the mapped values, not only their kinds'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand test" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s F -l field -d 'A field; true, false, null and integers are taken as such, @FILE is the text of a file' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s f -l raw-field -d 'A field whose value is a text, whatever it looks like' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l input -d 'Send this file as the body; `-` is standard input' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s H -l header -d 'A header, in place of the usual one; not for those that say who asks' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l write -d 'Send a call that may change something'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l paginate -d 'Follow the listing to its end and print its pages one after the other'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l slurp -d 'Print the pages as one array'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s i -l include -d 'Print status and headers of the answer before its body'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l silent -d 'Print no body'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand api" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -f -a "list" -d 'List runs, newest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -f -a "show" -d 'Show one run with its problems; the last one when none is named'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and not __fish_seen_subcommand_from list show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l limit -d 'How many' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "list" -d 'List runs, newest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one run with its problems; the last one when none is named'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -f -a "list" -d 'List the values that wait, with what each side has'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -f -a "resolve" -d 'Say what is to be on both sides; the next sync carries it out'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and not __fish_seen_subcommand_from list resolve help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l field -d 'Merge tag of the field, or `email`; all that wait when none is named' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l take -d 'The side whose value is to be on both, or the value itself' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from resolve" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the values that wait, with what each side has'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from help" -f -a "resolve" -d 'Say what is to be on both sides; the next sync carries it out'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand conflicts; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l ghl-port -d 'Port of the HighLevel service' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l bigmailer-port -d 'Port of the BigMailer service' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l admin-port -d 'Port of the admin address' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l contacts -d 'Contacts in the HighLevel location' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l seed -d 'The same seed makes the same world' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l latency -d 'Milliseconds that every request takes' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l batch-time -d 'Milliseconds that a BigMailer batch takes' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l search-lag -d 'Seconds by which HighLevel\'s search index is behind' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l fault -d 'Make the Nth matching request go wrong; repeat for more' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l quirk -d 'Choose between behaviours that the vendors leave open, such as page-cap=100; repeat for more' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l no-limits -d 'Switch the rate limits off'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l empty-brand -d 'Start with a BigMailer brand without contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand sandbox" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s p -l profile -d 'Mapping profile to use' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l config-dir -d 'Where profiles and settings live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l state-dir -d 'Where state and run history live' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l sandbox-dir -d 'Keep the sandbox\'s world, profile and state in this directory' -r -F
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l jq -d 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are' -r
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l log-format -d 'Shape of what is said on stderr' -r -f -a "text\t''
json\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l color -d 'Colour' -r -f -a "auto\t''
always\t''
never\t''"
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l sandbox -d 'Talk to built-in fake services on loopback; nothing leaves the machine'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l json -d 'Print one JSON document on stdout, errors as JSON on stderr'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s q -l quiet -d 'Say less'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s v -l verbose -d 'Say more; twice: log each request, without secrets or contact values'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -l no-input -d 'Never ask anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s y -l yes -d 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand completions" -s V -l version -d 'Print version'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "auth" -d 'Store, show, renew and forget the credentials of both services'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "map" -d 'Make, list, show and check mapping profiles'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "pull" -d 'Export contacts and what belongs to them as CSV, JSON or NDJSON'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "push" -d 'Write contacts, tags, notes or tasks from a file or standard input into a service'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "sync" -d 'Bring HighLevel and BigMailer in step, as the profile says'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "test" -d 'Check connection, permissions, mapping and data flow, without writing anything'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "api" -d 'Call a path of HighLevel or BigMailer yourself'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "runs" -d 'Show what earlier syncs did'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "conflicts" -d 'Show what waits for a person, and settle it'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "sandbox" -d 'Serve the two fake services on loopback until Ctrl-C'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and not __fish_seen_subcommand_from auth map pull push sync test api runs conflicts sandbox completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "login" -d 'Store a token or key, or log in to HighLevel with a browser'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "status" -d 'Show where the credentials come from, whether the services accept them and what they can do'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "refresh" -d 'Get a new HighLevel access token now, where the login is one that ends'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "token" -d 'Print the token or key, for other programs'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "logout" -d 'Forget a stored credential'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from auth" -f -a "migrate" -d 'Move what is stored to another store, and use that from now on'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "init" -d 'Make a profile from flags'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "list" -d 'List the profiles there are'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "show" -d 'Print a profile'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from map" -f -a "check" -d 'Compare a profile with both services'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "contacts" -d 'Export the contacts of either service, oldest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "contact" -d 'Show one contact with its tasks, notes, appointments and opportunities'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "tasks" -d 'Export tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "notes" -d 'Export notes of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "appointments" -d 'Export appointments of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "opportunities" -d 'Export opportunities of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "businesses" -d 'Export the businesses of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "fields" -d 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "tags" -d 'List the tags of the HighLevel location'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from pull" -f -a "lists" -d 'List the lists of the BigMailer brand'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from push" -f -a "contacts" -d 'Create and update contacts from rows'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from push" -f -a "tags" -d 'Add, remove or set tags of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from push" -f -a "notes" -d 'Add, update or delete notes on HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from push" -f -a "tasks" -d 'Add, update, complete, reopen or delete tasks of HighLevel contacts'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "list" -d 'List runs, newest first'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "show" -d 'Show one run with its problems; the last one when none is named'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from conflicts" -f -a "list" -d 'List the values that wait, with what each side has'
complete -c ghl-bm -n "__fish_ghl_bm_using_subcommand help; and __fish_seen_subcommand_from conflicts" -f -a "resolve" -d 'Say what is to be on both sides; the next sync carries it out'
