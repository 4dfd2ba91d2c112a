/** Completion in fish, with what each command and flag does. */
import { type Completed, firstWords, groups, type Value } from './words.ts';

export function fishScript(commands: readonly Completed[]): string {
  return `# fish completion for fettle: fettle completion fish | source
function __fettle_at
  set -l words (commandline -opc)
  set -l wanted fettle $argv
  test (count $words) -ge (count $wanted); or return 1
  set -l begins $words[1..(count $wanted)]
  test "$begins" = "$wanted"
end
function __fettle_only
  set -l words (commandline -opc)
  test (count $words) -eq (math (count $argv) + 1); and __fettle_at $argv
end
complete -c fettle -f
${firstWords(commands)
  .map(([name, about]) => `complete -c fettle -n __fettle_only -a ${name} -d ${quoted(about)}`)
  .join('\n')}
${groups(commands)
  .flatMap(({ name, words }) =>
    words.map(
      ([word, about]) => `complete -c fettle -n '__fettle_only ${name}' -a ${word} -d ${quoted(about)}`,
    ),
  )
  .join('\n')}
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, flags, words }: Completed): string[] {
  const at = `complete -c fettle -n '__fettle_at ${name}'`;
  return [
    ...(words === 'file' ? [`${at} -F`] : words === 'free' ? [] : [`${at} -a ${quoted(words.join(' '))}`]),
    ...flags.map((flag) => `${at} -l ${flag.name.slice(2)}${taken(flag.value)} -d ${quoted(flag.about)}`),
  ];
}

function taken(value: Value | null): string {
  if (value === null) return '';
  if (value === 'file') return ' -rF';
  return value === 'free' ? ' -x' : ` -xa ${quoted(value.join(' '))}`;
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
