/** Completion in bash, also without the bash-completion package. */
import { type Completed, firstWords, groups, type Value } from './words.ts';

const FILES = ':files';

export function bashScript(commands: readonly Completed[]): string {
  return `# bash completion for fettle: source <(fettle completion bash)
_fettle_values() {
  case "$1" in
${commands.flatMap(valueCases).join('\n')}
    *) echo : ;;
  esac
}

_fettle_flags() {
  case "$1" in
${commands.map(({ name, flags }) => arm(name, flags.map((flag) => flag.name).join(' '))).join('\n')}
  esac
}

_fettle_words() {
  case "$1" in
${groups(commands)
  .map(({ name, words }) => arm(name, words.map(([word]) => word).join(' ')))
  .join('\n')}
${commands
  .filter(({ words }) => words !== 'free')
  .map(({ name, words }) => arm(name, listed(words)))
  .join('\n')}
  esac
}

_fettle() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} found
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    found='${[...firstWords(commands).map(([name]) => name), 'help', '--help', '--version'].join(' ')}'
  else
    # bash takes the sign between a flag and its value for a word
    [[ $current == = ]] && current=
    [[ $before == = ]] && before=\${COMP_WORDS[COMP_CWORD-2]}
    if (( COMP_CWORD > 2 )) && [[ -n $(_fettle_flags "$command \${COMP_WORDS[2]}") ]]; then
      command="$command \${COMP_WORDS[2]}"
    fi
    found=$(_fettle_values "$command $before")
    if [[ $found == : ]]; then
      if [[ $current == -* ]]; then found=$(_fettle_flags "$command"); else found=$(_fettle_words "$command"); fi
    fi
  fi
  case $found in
    ${FILES}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$found" -- "$current") ;;
  esac
}
complete -F _fettle fettle
`;
}

function valueCases({ name, flags }: Completed): string[] {
  return flags.flatMap((flag) =>
    flag.value === null ? [] : [arm(`${name} ${flag.name}`, listed(flag.value))],
  );
}

const listed = (value: Value) => (value === 'file' ? FILES : value === 'free' ? '' : value.join(' '));
const arm = (word: string, words: string) => `    '${word}') echo '${words}' ;;`;
