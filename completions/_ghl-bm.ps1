
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'ghl-bm' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'ghl-bm'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'ghl-bm' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('auth', 'auth', [CompletionResultType]::ParameterValue, 'Store, show, renew and forget the credentials of both services')
            [CompletionResult]::new('map', 'map', [CompletionResultType]::ParameterValue, 'Make, list, show and check mapping profiles')
            [CompletionResult]::new('pull', 'pull', [CompletionResultType]::ParameterValue, 'Export contacts and what belongs to them as CSV, JSON or NDJSON')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Write contacts, tags, notes or tasks from a file or standard input into a service')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Bring HighLevel and BigMailer in step, as the profile says')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check connection, permissions, mapping and data flow, without writing anything')
            [CompletionResult]::new('api', 'api', [CompletionResultType]::ParameterValue, 'Call a path of HighLevel or BigMailer yourself')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'Show what earlier syncs did')
            [CompletionResult]::new('conflicts', 'conflicts', [CompletionResultType]::ParameterValue, 'Show what waits for a person, and settle it')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Serve the two fake services on loopback until Ctrl-C')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;auth' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Store a token or key, or log in to HighLevel with a browser')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show where the credentials come from, whether the services accept them and what they can do')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new HighLevel access token now, where the login is one that ends')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print the token or key, for other programs')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget a stored credential')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Move what is stored to another store, and use that from now on')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;auth;login' {
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'Client id of your HighLevel app')
            [CompletionResult]::new('--redirect-uri', '--redirect-uri', [CompletionResultType]::ParameterName, 'The redirect URL that is registered for the app [default: http://localhost:8799/callback]')
            [CompletionResult]::new('--install-link', '--install-link', [CompletionResultType]::ParameterName, 'The install link that the developer portal shows, for apps that are not public')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'A scope to ask for beside those that the profile needs; repeat for more')
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'The location, where an agency''s login reaches several [default: the profile''s]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long to wait for the browser')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--with-token', '--with-token', [CompletionResultType]::ParameterName, 'Read the token or key from standard input, or ask for it on a terminal')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Store it without asking the service first')
            [CompletionResult]::new('--client-secret-stdin', '--client-secret-stdin', [CompletionResultType]::ParameterName, 'Read the client secret from the first line of standard input')
            [CompletionResult]::new('--pkce', '--pkce', [CompletionResultType]::ParameterName, 'Prove with PKCE that code and login belong together; HighLevel documents nothing of it')
            [CompletionResult]::new('--no-browser', '--no-browser', [CompletionResultType]::ParameterName, 'Only print the link')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;status' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Look at what is stored only; whether it is accepted is not known then')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;refresh' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also while the present token is good for more than a minute')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;token' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;logout' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Everything that is stored, of every profile')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;migrate' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'The store to move to: keyring or file')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;auth;help' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Store a token or key, or log in to HighLevel with a browser')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show where the credentials come from, whether the services accept them and what they can do')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new HighLevel access token now, where the login is one that ends')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print the token or key, for other programs')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget a stored credential')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Move what is stored to another store, and use that from now on')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;auth;help;login' {
            break
        }
        'ghl-bm;auth;help;status' {
            break
        }
        'ghl-bm;auth;help;refresh' {
            break
        }
        'ghl-bm;auth;help;token' {
            break
        }
        'ghl-bm;auth;help;logout' {
            break
        }
        'ghl-bm;auth;help;migrate' {
            break
        }
        'ghl-bm;auth;help;help' {
            break
        }
        'ghl-bm;map' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a profile from flags')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles there are')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a profile')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compare a profile with both services')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;map;init' {
            [CompletionResult]::new('--location', '--location', [CompletionResultType]::ParameterName, 'HighLevel location (sub-account) id')
            [CompletionResult]::new('--brand', '--brand', [CompletionResultType]::ParameterName, 'BigMailer brand id')
            [CompletionResult]::new('--direction', '--direction', [CompletionResultType]::ParameterName, 'Which way contacts travel')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'A field rule; repeat for more. Without any: the usual name and address fields')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Contacts with this tag join this list; repeat for more')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing profile')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;map;list' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;map;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;map;check' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--create', '--create', [CompletionResultType]::ParameterName, 'Make the fields and lists that BigMailer lacks')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;map;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a profile from flags')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles there are')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a profile')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compare a profile with both services')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;map;help;init' {
            break
        }
        'ghl-bm;map;help;list' {
            break
        }
        'ghl-bm;map;help;show' {
            break
        }
        'ghl-bm;map;help;check' {
            break
        }
        'ghl-bm;map;help;help' {
            break
        }
        'ghl-bm;pull' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Export the contacts of either service, oldest first')
            [CompletionResult]::new('contact', 'contact', [CompletionResultType]::ParameterValue, 'Show one contact with its tasks, notes, appointments and opportunities')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Export tasks of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Export notes of HighLevel contacts')
            [CompletionResult]::new('appointments', 'appointments', [CompletionResultType]::ParameterValue, 'Export appointments of HighLevel contacts')
            [CompletionResult]::new('opportunities', 'opportunities', [CompletionResultType]::ParameterValue, 'Export opportunities of HighLevel contacts')
            [CompletionResult]::new('businesses', 'businesses', [CompletionResultType]::ParameterValue, 'Export the businesses of the HighLevel location')
            [CompletionResult]::new('fields', 'fields', [CompletionResultType]::ParameterValue, 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'List the tags of the HighLevel location')
            [CompletionResult]::new('lists', 'lists', [CompletionResultType]::ParameterValue, 'List the lists of the BigMailer brand')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;pull;contacts' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only contacts updated since: an ISO time or an age such as 7d (HighLevel)')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Only contacts with this tag; repeat for contacts that have all of them (HighLevel)')
            [CompletionResult]::new('--query', '--query', [CompletionResultType]::ParameterName, 'Only contacts that HighLevel finds for this text, at most 75 characters')
            [CompletionResult]::new('--business', '--business', [CompletionResultType]::ParameterName, 'Only contacts of this business (HighLevel); takes a call for each')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Only members of this list, by name or id (BigMailer)')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Also what hangs on each contact, in columns of their own (HighLevel)')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How to list HighLevel contacts: by search, by the older list, or by whichever works')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;contact' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'What to show beside the contact itself [default: everything as JSON, nothing as CSV]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;tasks' {
            [CompletionResult]::new('--contact', '--contact', [CompletionResultType]::ParameterName, 'Of these contacts, by id or e-mail address, in this order')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has these')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the task with this id, of the one contact that --contact names')
            [CompletionResult]::new('--completed', '--completed', [CompletionResultType]::ParameterName, 'Only tasks that are done, or only those that are not')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Of all contacts')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;notes' {
            [CompletionResult]::new('--contact', '--contact', [CompletionResultType]::ParameterName, 'Of these contacts, by id or e-mail address, in this order')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has these')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the note with this id, of the one contact that --contact names')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Of all contacts')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;appointments' {
            [CompletionResult]::new('--contact', '--contact', [CompletionResultType]::ParameterName, 'Of these contacts, by id or e-mail address, in this order')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has these')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Of all contacts')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;opportunities' {
            [CompletionResult]::new('--contact', '--contact', [CompletionResultType]::ParameterName, 'Of these contacts, by id or e-mail address, in this order')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has these')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the opportunity with this id, whosever it is')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only those with this status')
            [CompletionResult]::new('--pipeline', '--pipeline', [CompletionResultType]::ParameterName, 'Only those of this pipeline, by name or id')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Of all contacts')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;businesses' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Only the business with this id')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has businesses')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most this many')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with the file of -o where an earlier command was interrupted')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;fields' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;tags' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only HighLevel has tags')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;lists' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Which service to read; only BigMailer has lists')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the output [default: csv; json for one contact and with --json]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which appears when it is complete; - is standard output')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Columns, separated by commas; without a value: list them')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--excel', '--excel', [CompletionResultType]::ParameterName, 'CSV for spreadsheets: a byte order mark, and no cell that starts a formula')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;pull;help' {
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Export the contacts of either service, oldest first')
            [CompletionResult]::new('contact', 'contact', [CompletionResultType]::ParameterValue, 'Show one contact with its tasks, notes, appointments and opportunities')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Export tasks of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Export notes of HighLevel contacts')
            [CompletionResult]::new('appointments', 'appointments', [CompletionResultType]::ParameterValue, 'Export appointments of HighLevel contacts')
            [CompletionResult]::new('opportunities', 'opportunities', [CompletionResultType]::ParameterValue, 'Export opportunities of HighLevel contacts')
            [CompletionResult]::new('businesses', 'businesses', [CompletionResultType]::ParameterValue, 'Export the businesses of the HighLevel location')
            [CompletionResult]::new('fields', 'fields', [CompletionResultType]::ParameterValue, 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'List the tags of the HighLevel location')
            [CompletionResult]::new('lists', 'lists', [CompletionResultType]::ParameterValue, 'List the lists of the BigMailer brand')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;pull;help;contacts' {
            break
        }
        'ghl-bm;pull;help;contact' {
            break
        }
        'ghl-bm;pull;help;tasks' {
            break
        }
        'ghl-bm;pull;help;notes' {
            break
        }
        'ghl-bm;pull;help;appointments' {
            break
        }
        'ghl-bm;pull;help;opportunities' {
            break
        }
        'ghl-bm;pull;help;businesses' {
            break
        }
        'ghl-bm;pull;help;fields' {
            break
        }
        'ghl-bm;pull;help;tags' {
            break
        }
        'ghl-bm;pull;help;lists' {
            break
        }
        'ghl-bm;pull;help;help' {
            break
        }
        'ghl-bm;push' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Create and update contacts from rows')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'Add, remove or set tags of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Add, update or delete notes on HighLevel contacts')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Add, update, complete, reopen or delete tasks of HighLevel contacts')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;push;contacts' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write what became of each row to this CSV file')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows that could not be pushed to this file, to be mended and pushed again')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the file, where its beginning does not tell')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'What stands between the cells of CSV, where the header does not tell: one character, or tab')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where the rows go')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the file, ask the service, print what would be done, and write nothing')
            [CompletionResult]::new('--no-create', '--no-create', [CompletionResultType]::ParameterName, 'Change only contacts that are there already')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run of the profile to end, instead of ending with code 9')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;push;tags' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write what became of each row to this CSV file')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows that could not be pushed to this file, to be mended and pushed again')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the file, where its beginning does not tell')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'What stands between the cells of CSV, where the header does not tell: one character, or tab')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where the rows go; only HighLevel has tags')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the file, ask the service, print what would be done, and write nothing')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;push;notes' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write what became of each row to this CSV file')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows that could not be pushed to this file, to be mended and pushed again')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the file, where its beginning does not tell')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'What stands between the cells of CSV, where the header does not tell: one character, or tab')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where the rows go; only HighLevel has notes')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the file, ask the service, print what would be done, and write nothing')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;push;tasks' {
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write what became of each row to this CSV file')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Write the rows that could not be pushed to this file, to be mended and pushed again')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Shape of the file, where its beginning does not tell')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'What stands between the cells of CSV, where the header does not tell: one character, or tab')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Where the rows go; only HighLevel has tasks')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the file, ask the service, print what would be done, and write nothing')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;push;help' {
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Create and update contacts from rows')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'Add, remove or set tags of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Add, update or delete notes on HighLevel contacts')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Add, update, complete, reopen or delete tasks of HighLevel contacts')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;push;help;contacts' {
            break
        }
        'ghl-bm;push;help;tags' {
            break
        }
        'ghl-bm;push;help;notes' {
            break
        }
        'ghl-bm;push;help;tasks' {
            break
        }
        'ghl-bm;push;help;help' {
            break
        }
        'ghl-bm;sync' {
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Only these people, by e-mail address or HighLevel contact id')
            [CompletionResult]::new('--max-duration', '--max-duration', [CompletionResultType]::ParameterName, 'Stop in good order after this long (such as 10m); the next run goes on')
            [CompletionResult]::new('--every', '--every', [CompletionResultType]::ParameterName, 'every')
            [CompletionResult]::new('--plan-out', '--plan-out', [CompletionResultType]::ParameterName, 'plan-out')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'apply')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print what would be done and write nothing, neither to a service nor to the state')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'With --dry-run: exit 20 when there is something to do')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'Read and compare all contacts, not only those that changed')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for another run of this profile to end, instead of exit code 9')
            [CompletionResult]::new('--rebuild-state', '--rebuild-state', [CompletionResultType]::ParameterName, 'Put a damaged state file aside and build a new one from both services')
            [CompletionResult]::new('--show-pii', '--show-pii', [CompletionResultType]::ParameterName, 'Name e-mail addresses in problems and examples')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;test' {
            [CompletionResult]::new('--contact', '--contact', [CompletionResultType]::ParameterName, 'Use this HighLevel contact for the data flow check instead of the first one')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--show-pii', '--show-pii', [CompletionResultType]::ParameterName, 'Show the mapped values, not only their kinds')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;api' {
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'A field; true, false, null and integers are taken as such, @FILE is the text of a file')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'A field; true, false, null and integers are taken as such, @FILE is the text of a file')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'A field whose value is a text, whatever it looks like')
            [CompletionResult]::new('--raw-field', '--raw-field', [CompletionResultType]::ParameterName, 'A field whose value is a text, whatever it looks like')
            [CompletionResult]::new('--input', '--input', [CompletionResultType]::ParameterName, 'Send this file as the body; `-` is standard input')
            [CompletionResult]::new('-H', '-H ', [CompletionResultType]::ParameterName, 'A header, in place of the usual one; not for those that say who asks')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'A header, in place of the usual one; not for those that say who asks')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--write', '--write', [CompletionResultType]::ParameterName, 'Send a call that may change something')
            [CompletionResult]::new('--paginate', '--paginate', [CompletionResultType]::ParameterName, 'Follow the listing to its end and print its pages one after the other')
            [CompletionResult]::new('--slurp', '--slurp', [CompletionResultType]::ParameterName, 'Print the pages as one array')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Print status and headers of the answer before its body')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Print status and headers of the answer before its body')
            [CompletionResult]::new('--silent', '--silent', [CompletionResultType]::ParameterName, 'Print no body')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;runs' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List runs, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run with its problems; the last one when none is named')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;runs;list' {
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How many')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;runs;show' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;runs;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List runs, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run with its problems; the last one when none is named')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;runs;help;list' {
            break
        }
        'ghl-bm;runs;help;show' {
            break
        }
        'ghl-bm;runs;help;help' {
            break
        }
        'ghl-bm;conflicts' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the values that wait, with what each side has')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Say what is to be on both sides; the next sync carries it out')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;conflicts;list' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;conflicts;resolve' {
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Merge tag of the field, or `email`; all that wait when none is named')
            [CompletionResult]::new('--take', '--take', [CompletionResultType]::ParameterName, 'The side whose value is to be on both, or the value itself')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;conflicts;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the values that wait, with what each side has')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Say what is to be on both sides; the next sync carries it out')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;conflicts;help;list' {
            break
        }
        'ghl-bm;conflicts;help;resolve' {
            break
        }
        'ghl-bm;conflicts;help;help' {
            break
        }
        'ghl-bm;sandbox' {
            [CompletionResult]::new('--ghl-port', '--ghl-port', [CompletionResultType]::ParameterName, 'Port of the HighLevel service')
            [CompletionResult]::new('--bigmailer-port', '--bigmailer-port', [CompletionResultType]::ParameterName, 'Port of the BigMailer service')
            [CompletionResult]::new('--admin-port', '--admin-port', [CompletionResultType]::ParameterName, 'Port of the admin address')
            [CompletionResult]::new('--contacts', '--contacts', [CompletionResultType]::ParameterName, 'Contacts in the HighLevel location')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'The same seed makes the same world')
            [CompletionResult]::new('--latency', '--latency', [CompletionResultType]::ParameterName, 'Milliseconds that every request takes')
            [CompletionResult]::new('--batch-time', '--batch-time', [CompletionResultType]::ParameterName, 'Milliseconds that a BigMailer batch takes')
            [CompletionResult]::new('--search-lag', '--search-lag', [CompletionResultType]::ParameterName, 'Seconds by which HighLevel''s search index is behind')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the Nth matching request go wrong; repeat for more')
            [CompletionResult]::new('--quirk', '--quirk', [CompletionResultType]::ParameterName, 'Choose between behaviours that the vendors leave open, such as page-cap=100; repeat for more')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--no-limits', '--no-limits', [CompletionResultType]::ParameterName, 'Switch the rate limits off')
            [CompletionResult]::new('--empty-brand', '--empty-brand', [CompletionResultType]::ParameterName, 'Start with a BigMailer brand without contacts')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;completions' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Mapping profile to use')
            [CompletionResult]::new('--config-dir', '--config-dir', [CompletionResultType]::ParameterName, 'Where profiles and settings live')
            [CompletionResult]::new('--state-dir', '--state-dir', [CompletionResultType]::ParameterName, 'Where state and run history live')
            [CompletionResult]::new('--sandbox-dir', '--sandbox-dir', [CompletionResultType]::ParameterName, 'Keep the sandbox''s world, profile and state in this directory')
            [CompletionResult]::new('--jq', '--jq', [CompletionResultType]::ParameterName, 'Filter the JSON document with a jq expression; implies --json. One result a line, strings as they are')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Shape of what is said on stderr')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to built-in fake services on loopback; nothing leaves the machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document on stdout, errors as JSON on stderr')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say less')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice: log each request, without secrets or contact values')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to the confirmation this command would ask; lets a run pass the safety brakes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'ghl-bm;help' {
            [CompletionResult]::new('auth', 'auth', [CompletionResultType]::ParameterValue, 'Store, show, renew and forget the credentials of both services')
            [CompletionResult]::new('map', 'map', [CompletionResultType]::ParameterValue, 'Make, list, show and check mapping profiles')
            [CompletionResult]::new('pull', 'pull', [CompletionResultType]::ParameterValue, 'Export contacts and what belongs to them as CSV, JSON or NDJSON')
            [CompletionResult]::new('push', 'push', [CompletionResultType]::ParameterValue, 'Write contacts, tags, notes or tasks from a file or standard input into a service')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Bring HighLevel and BigMailer in step, as the profile says')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Check connection, permissions, mapping and data flow, without writing anything')
            [CompletionResult]::new('api', 'api', [CompletionResultType]::ParameterValue, 'Call a path of HighLevel or BigMailer yourself')
            [CompletionResult]::new('runs', 'runs', [CompletionResultType]::ParameterValue, 'Show what earlier syncs did')
            [CompletionResult]::new('conflicts', 'conflicts', [CompletionResultType]::ParameterValue, 'Show what waits for a person, and settle it')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Serve the two fake services on loopback until Ctrl-C')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'ghl-bm;help;auth' {
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Store a token or key, or log in to HighLevel with a browser')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show where the credentials come from, whether the services accept them and what they can do')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new HighLevel access token now, where the login is one that ends')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print the token or key, for other programs')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Forget a stored credential')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Move what is stored to another store, and use that from now on')
            break
        }
        'ghl-bm;help;auth;login' {
            break
        }
        'ghl-bm;help;auth;status' {
            break
        }
        'ghl-bm;help;auth;refresh' {
            break
        }
        'ghl-bm;help;auth;token' {
            break
        }
        'ghl-bm;help;auth;logout' {
            break
        }
        'ghl-bm;help;auth;migrate' {
            break
        }
        'ghl-bm;help;map' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a profile from flags')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the profiles there are')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a profile')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Compare a profile with both services')
            break
        }
        'ghl-bm;help;map;init' {
            break
        }
        'ghl-bm;help;map;list' {
            break
        }
        'ghl-bm;help;map;show' {
            break
        }
        'ghl-bm;help;map;check' {
            break
        }
        'ghl-bm;help;pull' {
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Export the contacts of either service, oldest first')
            [CompletionResult]::new('contact', 'contact', [CompletionResultType]::ParameterValue, 'Show one contact with its tasks, notes, appointments and opportunities')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Export tasks of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Export notes of HighLevel contacts')
            [CompletionResult]::new('appointments', 'appointments', [CompletionResultType]::ParameterValue, 'Export appointments of HighLevel contacts')
            [CompletionResult]::new('opportunities', 'opportunities', [CompletionResultType]::ParameterValue, 'Export opportunities of HighLevel contacts')
            [CompletionResult]::new('businesses', 'businesses', [CompletionResultType]::ParameterValue, 'Export the businesses of the HighLevel location')
            [CompletionResult]::new('fields', 'fields', [CompletionResultType]::ParameterValue, 'List the custom fields of HighLevel contacts, or the fields of the BigMailer brand')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'List the tags of the HighLevel location')
            [CompletionResult]::new('lists', 'lists', [CompletionResultType]::ParameterValue, 'List the lists of the BigMailer brand')
            break
        }
        'ghl-bm;help;pull;contacts' {
            break
        }
        'ghl-bm;help;pull;contact' {
            break
        }
        'ghl-bm;help;pull;tasks' {
            break
        }
        'ghl-bm;help;pull;notes' {
            break
        }
        'ghl-bm;help;pull;appointments' {
            break
        }
        'ghl-bm;help;pull;opportunities' {
            break
        }
        'ghl-bm;help;pull;businesses' {
            break
        }
        'ghl-bm;help;pull;fields' {
            break
        }
        'ghl-bm;help;pull;tags' {
            break
        }
        'ghl-bm;help;pull;lists' {
            break
        }
        'ghl-bm;help;push' {
            [CompletionResult]::new('contacts', 'contacts', [CompletionResultType]::ParameterValue, 'Create and update contacts from rows')
            [CompletionResult]::new('tags', 'tags', [CompletionResultType]::ParameterValue, 'Add, remove or set tags of HighLevel contacts')
            [CompletionResult]::new('notes', 'notes', [CompletionResultType]::ParameterValue, 'Add, update or delete notes on HighLevel contacts')
            [CompletionResult]::new('tasks', 'tasks', [CompletionResultType]::ParameterValue, 'Add, update, complete, reopen or delete tasks of HighLevel contacts')
            break
        }
        'ghl-bm;help;push;contacts' {
            break
        }
        'ghl-bm;help;push;tags' {
            break
        }
        'ghl-bm;help;push;notes' {
            break
        }
        'ghl-bm;help;push;tasks' {
            break
        }
        'ghl-bm;help;sync' {
            break
        }
        'ghl-bm;help;test' {
            break
        }
        'ghl-bm;help;api' {
            break
        }
        'ghl-bm;help;runs' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List runs, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one run with its problems; the last one when none is named')
            break
        }
        'ghl-bm;help;runs;list' {
            break
        }
        'ghl-bm;help;runs;show' {
            break
        }
        'ghl-bm;help;conflicts' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the values that wait, with what each side has')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Say what is to be on both sides; the next sync carries it out')
            break
        }
        'ghl-bm;help;conflicts;list' {
            break
        }
        'ghl-bm;help;conflicts;resolve' {
            break
        }
        'ghl-bm;help;sandbox' {
            break
        }
        'ghl-bm;help;completions' {
            break
        }
        'ghl-bm;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
