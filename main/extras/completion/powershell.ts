/** Completion in PowerShell, with what each command and flag does. */
import { type Completed, firstWords, groups, type Value } from './words.ts';

export function powershellScript(commands: readonly Completed[]): string {
  return `# PowerShell completion for fettle: fettle completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName fettle -ScriptBlock {
  param($current, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { $_.ToString() })
  $next = @{
    '' = @(${firstWords(commands).map(pair).join(', ')})
${[...groups(commands), ...listed(commands)]
  .map(({ name, words }) => `    '${name}' = @(${words.map(pair).join(', ')})`)
  .join('\n')}
  }
  $flags = @{
${commands
  .map(
    ({ name, flags }) => `    '${name}' = @(${flags.map((one) => pair([one.name, one.about])).join(', ')})`,
  )
  .join('\n')}
  }
  $values = @{
${commands.flatMap(valueLines).join('\n')}
  }
  $two = "$($words[0]) $($words[1])"
  $command = if ($flags.ContainsKey($two)) { $two } else { "$($words[0])" }
  $key = "$command $(if ($words.Count) { $words[-1] })"
  $found = if ($values.ContainsKey($key)) { $values[$key] | ForEach-Object { @{ word = $_; about = $_ } } }
    elseif ($current -like '-*') { $flags[$command] }
    elseif ($words.Count -lt 2) { $next[$command] }
  $found | Where-Object { $_ -and $_.word -like "$current*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_.word, $_.word, 'ParameterValue', $_.about)
  }
}
`;
}

/** Commands that take one of a few words. */
function listed(commands: readonly Completed[]) {
  return commands.flatMap(({ name, words }) =>
    isList(words) ? [{ name, words: words.map((word) => [word, word] as const) }] : [],
  );
}

/** Of files PowerShell offers its own, where this offers nothing. */
function valueLines({ name, flags }: Completed): string[] {
  return flags.flatMap(({ name: flag, value }) =>
    isList(value) ? [`    '${name} ${flag}' = @(${value.map(quoted).join(', ')})`] : [],
  );
}

const isList = (value: Value | null): value is readonly string[] => Array.isArray(value);
/** No array: PowerShell takes a list of one array for that array. */
const pair = ([name, about]: readonly [string, string]) =>
  `@{ word = ${quoted(name)}; about = ${quoted(about)} }`;
/** Each of these signs ends such a text. */
const quoted = (text: string) => `'${text.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
