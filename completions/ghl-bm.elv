
use builtin;
use str;

set edit:completion:arg-completer[ghl-bm] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'ghl-bm'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'ghl-bm'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand auth 'Store, show and forget the credentials of both services'
            cand map 'Make, list, show and check mapping profiles'
            cand pull 'Export contacts as CSV, JSON or NDJSON'
            cand sync 'Bring BigMailer in step with HighLevel'
            cand test 'Check connection, permissions, mapping and data flow, without writing anything'
            cand api 'Call a path of HighLevel or BigMailer yourself'
            cand runs 'Show what earlier syncs did'
            cand sandbox 'Serve the two fake services on loopback until Ctrl-C'
            cand completions 'Print the completion script of a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;auth'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand login 'Store a token or key, from standard input or a hidden prompt'
            cand status 'Show where the credentials come from and whether the services accept them'
            cand logout 'Forget a stored credential'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;auth;login'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --with-token 'Read the token or key from standard input, or ask for it on a terminal'
            cand --no-check 'Store it without asking the service first'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;auth;status'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;auth;logout'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;auth;help'= {
            cand login 'Store a token or key, from standard input or a hidden prompt'
            cand status 'Show where the credentials come from and whether the services accept them'
            cand logout 'Forget a stored credential'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;auth;help;login'= {
        }
        &'ghl-bm;auth;help;status'= {
        }
        &'ghl-bm;auth;help;logout'= {
        }
        &'ghl-bm;auth;help;help'= {
        }
        &'ghl-bm;map'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make a profile from flags'
            cand list 'List the profiles there are'
            cand show 'Print a profile'
            cand check 'Compare a profile with both services'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;map;init'= {
            cand --location 'HighLevel location (sub-account) id'
            cand --brand 'BigMailer brand id'
            cand --direction 'Which way contacts travel'
            cand --field 'A field rule; repeat for more. Without any: the usual name and address fields'
            cand --list 'Contacts with this tag join this list; repeat for more'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --force 'Replace an existing profile'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;map;list'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;map;show'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;map;check'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --create 'Make the fields and lists that BigMailer lacks'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;map;help'= {
            cand init 'Make a profile from flags'
            cand list 'List the profiles there are'
            cand show 'Print a profile'
            cand check 'Compare a profile with both services'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;map;help;init'= {
        }
        &'ghl-bm;map;help;list'= {
        }
        &'ghl-bm;map;help;show'= {
        }
        &'ghl-bm;map;help;check'= {
        }
        &'ghl-bm;map;help;help'= {
        }
        &'ghl-bm;pull'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand contacts 'Export HighLevel contacts, oldest first'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;pull;contacts'= {
            cand --from 'Which service to read'
            cand --format 'Shape of the output'
            cand -o 'Write to this file instead of standard output'
            cand --output 'Write to this file instead of standard output'
            cand --fields 'Columns, separated by commas; without a value: list them'
            cand --since 'Only contacts updated since: an ISO time or an age such as 7d'
            cand --tag 'Only contacts with this tag; repeat for contacts that have all of them'
            cand --query 'Only contacts that HighLevel finds for this text (at most 75 characters)'
            cand --limit 'At most this many'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --excel 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;pull;help'= {
            cand contacts 'Export HighLevel contacts, oldest first'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;pull;help;contacts'= {
        }
        &'ghl-bm;pull;help;help'= {
        }
        &'ghl-bm;sync'= {
            cand --only 'Only these people, by e-mail address or HighLevel contact id'
            cand --max-duration 'Stop in good order after this long (such as 10m); the next run goes on'
            cand --every 'every'
            cand --plan-out 'plan-out'
            cand --apply 'apply'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --dry-run 'Print what would be done and write nothing, neither to a service nor to the state'
            cand --exit-code 'With --dry-run: exit 20 when there is something to do'
            cand --full 'Read and compare all contacts, not only those that changed'
            cand --wait 'Wait for another run of this profile to end, instead of exit code 9'
            cand --rebuild-state 'Put a damaged state file aside and build a new one from both services'
            cand --show-pii 'Name e-mail addresses in problems and examples'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;test'= {
            cand --contact 'Use this HighLevel contact for the data flow check instead of the first one'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --show-pii 'Show the mapped values, not only their kinds'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;api'= {
            cand -F 'A field; true, false, null and integers are taken as such, @FILE is the text of a file'
            cand --field 'A field; true, false, null and integers are taken as such, @FILE is the text of a file'
            cand -f 'A field whose value is a text, whatever it looks like'
            cand --raw-field 'A field whose value is a text, whatever it looks like'
            cand --input 'Send this file as the body; `-` is standard input'
            cand -H 'A header, in place of the usual one; not for those that say who asks'
            cand --header 'A header, in place of the usual one; not for those that say who asks'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --write 'Send a call that may change something'
            cand --paginate 'Follow the listing to its end and print its pages one after the other'
            cand --slurp 'Print the pages as one array'
            cand -i 'Print status and headers of the answer before its body'
            cand --include 'Print status and headers of the answer before its body'
            cand --silent 'Print no body'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;runs'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List runs, newest first'
            cand show 'Show one run with its problems; the last one when none is named'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;runs;list'= {
            cand --limit 'How many'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;runs;show'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;runs;help'= {
            cand list 'List runs, newest first'
            cand show 'Show one run with its problems; the last one when none is named'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;runs;help;list'= {
        }
        &'ghl-bm;runs;help;show'= {
        }
        &'ghl-bm;runs;help;help'= {
        }
        &'ghl-bm;sandbox'= {
            cand --ghl-port 'Port of the HighLevel service'
            cand --bigmailer-port 'Port of the BigMailer service'
            cand --admin-port 'Port of the admin address'
            cand --contacts 'Contacts in the HighLevel location'
            cand --seed 'The same seed makes the same world'
            cand --latency 'Milliseconds that every request takes'
            cand --batch-time 'Milliseconds that a BigMailer batch takes'
            cand --search-lag 'Seconds by which HighLevel''s search index is behind'
            cand --fault 'Make the Nth matching request go wrong; repeat for more'
            cand --quirk 'Choose between behaviours that the vendors leave open, such as page-cap=100; repeat for more'
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --no-limits 'Switch the rate limits off'
            cand --empty-brand 'Start with a BigMailer brand without contacts'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;completions'= {
            cand -p 'Mapping profile to use'
            cand --profile 'Mapping profile to use'
            cand --config-dir 'Where profiles and settings live'
            cand --state-dir 'Where state and run history live'
            cand --sandbox-dir 'Keep the sandbox''s world, profile and state in this directory'
            cand --jq 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are'
            cand --log-format 'Shape of what is said on stderr'
            cand --color 'Colour'
            cand --sandbox 'Talk to built-in fake services on loopback; nothing leaves the machine'
            cand --json 'Print one JSON document on stdout, errors as JSON on stderr'
            cand -q 'Say less'
            cand --quiet 'Say less'
            cand -v 'Say more; twice: log each request, without secrets or contact values'
            cand --verbose 'Say more; twice: log each request, without secrets or contact values'
            cand --no-input 'Never ask anything'
            cand -y 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand --yes 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'ghl-bm;help'= {
            cand auth 'Store, show and forget the credentials of both services'
            cand map 'Make, list, show and check mapping profiles'
            cand pull 'Export contacts as CSV, JSON or NDJSON'
            cand sync 'Bring BigMailer in step with HighLevel'
            cand test 'Check connection, permissions, mapping and data flow, without writing anything'
            cand api 'Call a path of HighLevel or BigMailer yourself'
            cand runs 'Show what earlier syncs did'
            cand sandbox 'Serve the two fake services on loopback until Ctrl-C'
            cand completions 'Print the completion script of a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'ghl-bm;help;auth'= {
            cand login 'Store a token or key, from standard input or a hidden prompt'
            cand status 'Show where the credentials come from and whether the services accept them'
            cand logout 'Forget a stored credential'
        }
        &'ghl-bm;help;auth;login'= {
        }
        &'ghl-bm;help;auth;status'= {
        }
        &'ghl-bm;help;auth;logout'= {
        }
        &'ghl-bm;help;map'= {
            cand init 'Make a profile from flags'
            cand list 'List the profiles there are'
            cand show 'Print a profile'
            cand check 'Compare a profile with both services'
        }
        &'ghl-bm;help;map;init'= {
        }
        &'ghl-bm;help;map;list'= {
        }
        &'ghl-bm;help;map;show'= {
        }
        &'ghl-bm;help;map;check'= {
        }
        &'ghl-bm;help;pull'= {
            cand contacts 'Export HighLevel contacts, oldest first'
        }
        &'ghl-bm;help;pull;contacts'= {
        }
        &'ghl-bm;help;sync'= {
        }
        &'ghl-bm;help;test'= {
        }
        &'ghl-bm;help;api'= {
        }
        &'ghl-bm;help;runs'= {
            cand list 'List runs, newest first'
            cand show 'Show one run with its problems; the last one when none is named'
        }
        &'ghl-bm;help;runs;list'= {
        }
        &'ghl-bm;help;runs;show'= {
        }
        &'ghl-bm;help;sandbox'= {
        }
        &'ghl-bm;help;completions'= {
        }
        &'ghl-bm;help;help'= {
        }
    ]
    $completions[$command]
}
