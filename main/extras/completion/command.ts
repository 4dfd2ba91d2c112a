/** `fettle completion`: a script for a shell, made from the tables of commands and settings. */
import { badUsage, HELP_FLAG } from '../../cli/arguments.ts';
import { type Command, EXIT } from '../../cli/command.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { type Completed, completedCommands } from './words.ts';
import { zshScript } from './zsh.ts';

/** How each shell is written. */
export const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

export const command: Command = {
  usage: `completion ${Object.keys(SHELLS).join('|')}`,
  about:
    'The script knows all commands, flags and values. In the start file of your shell, write `source <(fettle completion bash)`, the same with zsh, or the line for ' +
    'fish or PowerShell below.',
  examples: [
    'fettle completion bash',
    'fettle completion fish | source',
    'fettle completion powershell | Out-String | Invoke-Expression',
  ],
  flags: [HELP_FLAG],
  positionals: [Object.keys(SHELLS).join('|')],
  async run({ positionals: [shell = ''] }, { out }, commands = []) {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (!script)
      throw badUsage(
        `There is no completion for "${shell}".`,
        `Shells: ${Object.keys(SHELLS).join(', ')}. For example: source <(fettle completion bash)`,
      );
    out.write(script(await completedCommands(commands)));
    return EXIT.ok;
  },
};
