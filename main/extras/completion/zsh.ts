/** Completion in zsh, with what each command and flag does. */
import { type Completed, firstWords, groups, type Value } from './words.ts';

export function zshScript(commands: readonly Completed[]): string {
  const top = firstWords(commands);
  return `#compdef fettle
# zsh completion for fettle: source <(fettle completion zsh)
_fettle_value() {
  case "$1" in
${commands.flatMap(valueCases).join('\n')}
    *) return 1 ;;
  esac
}

_fettle() {
  local -a found
  local command="\${words[2]}"
  if (( CURRENT == 2 )); then
    found=(${top.map(described).join(' ')})
    _describe command found
    return
  fi
  case "$command" in
${groups(commands)
  .map(
    ({ name, words }) =>
      `    ${name}) if (( CURRENT == 3 )); then found=(${words.map(described).join(' ')}); _describe command found; fi; command="$command \${words[3]}" ;;`,
  )
  .join('\n')}
  esac
  case "$command" in
${commands
  .filter(({ name }) => !name.includes(' ') && groups(commands).some((group) => group.name === name))
  .map(({ name }) => `    '${name} '*) [[ "\${words[3]}" == -* ]] && command=${name} ;;`)
  .join('\n')}
  esac
  _fettle_value "$command \${words[CURRENT-1]}" && return
  if [[ "\${words[CURRENT]}" != -* ]]; then
    case "$command" in
${commands
  .filter(({ words }) => words !== 'free')
  .map(({ name, words }) => `      '${name}') ${offered(words)}; return ;;`)
  .join('\n')}
    esac
  fi
  case "$command" in
${commands
  .map(
    ({ name, flags }) =>
      `    '${name}') found=(${flags.map((flag) => described([flag.name, flag.about])).join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  _describe -o flag found
}
if [[ "$funcstack[1]" == _fettle ]]; then _fettle "$@"; else compdef _fettle fettle; fi
`;
}

function valueCases({ name, flags }: Completed): string[] {
  return flags.flatMap(({ name: flag, value }) =>
    value === null ? [] : [`    '${name} ${flag}') ${offered(value)} ;;`],
  );
}

const offered = (value: Value) =>
  value === 'file' ? '_files' : value === 'free' ? '_message value' : `compadd -- ${value.join(' ')}`;

const described = ([name, about]: readonly [string, string]) =>
  `'${name}:${about.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
