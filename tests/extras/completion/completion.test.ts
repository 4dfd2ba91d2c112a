/** Completion by the shells themselves, each as far as it is here: what they offer for words that a person has begun. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../main/cli/cli.ts';
import { COMMANDS } from '../../../main/cli/commands.ts';
import { SHELLS } from '../../../main/extras/completion/command.ts';

const has = (shell: string) => {
  try {
    execFileSync(shell, ['-c', 'exit'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Words as they are typed, the last one begun, and what is offered. */
const OFFERED: readonly (readonly [string[], string[]])[] = [
  [['tr'], ['train']],
  [['train', '--meth'], ['--method']],
  [
    ['train', '--method', ''],
    ['full', 'lora', 'qlora'],
  ],
  [
    ['data', ''],
    ['check', 'more', 'show', 'undo'],
  ],
  [['data', 'check', '--fi'], ['--fix']],
  [['devices', '--js'], ['--json']],
  [
    ['completion', ''],
    ['bash', 'fish', 'powershell', 'zsh'],
  ],
  [['train', '--data', 'rows'], ['rows.csv']],
];

let folder: string;
const script = (shell: string) => path.join(folder, `fettle.${shell}`);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-completion-'));
  writeFileSync(path.join(folder, 'rows.csv'), '');
  for (const shell of Object.keys(SHELLS)) {
    let written = '';
    const out = { write: (text: string) => (written += text) };
    expect(await runCommand(['completion', shell], { out, err: out })).toBe(0);
    writeFileSync(script(shell), written);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, TERM: 'dumb' } });

describe.skipIf(!has('bash'))('bash', () => {
  it.each(OFFERED)('completes %j', (typed, wanted) => {
    const ask = `source "$0"; COMP_WORDS=(fettle "$@"); COMP_CWORD=$#; _fettle; printf "%s\\n" "\${COMPREPLY[@]}"`;
    const offered = run('bash', ['-c', ask, script('bash'), ...typed]);
    expect(offered.trim().split('\n').sort()).toEqual(wanted);
  });

  it('completes a value behind a sign', () => {
    const ask = `source "$0"; COMP_WORDS=(fettle train --method = q); COMP_CWORD=4; _fettle; echo "\${COMPREPLY[@]}"`;
    expect(run('bash', ['-c', ask, script('bash')])).toBe('qlora\n');
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  it.each(OFFERED)('completes %j', (typed, wanted) => {
    const offered = run('fish', [
      '-N',
      '-c',
      `source ${script('fish')}; complete -C "fettle ${typed.join(' ')}"`,
    ]);
    const words = offered
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]!);
    expect(words).toEqual(expect.arrayContaining(wanted));
  });
});

/** A terminal with zsh in it, of which the list of choices is asked for. */
const ZSH = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; autoload -U compinit; compinit -u -D; source $1; bindkey '^D' list-choices; LISTMAX=0; stty cols 300 rows 90; echo REA''DY"
out=; repeat 200; do while zpty -r -t z line; do out+=$line; done; [[ $out == *READY* ]] && break; sleep 0.05; done
zpty -w -n z "$2"$'\\C-d'
out=; repeat 30; do while zpty -r -t z line; do out+=$line; done; sleep 0.05; done
print -r -- "$out"
zpty -d z`;

describe.skipIf(!has('zsh'))('zsh', () => {
  it.each(OFFERED)('completes %j', (typed, wanted) => {
    const shown = run('zsh', ['-f', '-c', ZSH, 'zsh', script('zsh'), `fettle ${typed.join(' ')}`]);
    for (const word of wanted) expect(shown).toContain(word);
  });
});

/** The one of today, and that of Windows. */
const POWERSHELLS = ['pwsh', 'powershell'];
const ASK_POWERSHELL = (file: string, line: string) =>
  `Get-Content -Raw -Encoding UTF8 '${file}' | Invoke-Expression; ` +
  `(TabExpansion2 -inputScript '${line}' -cursorColumn ${line.length}).CompletionMatches.CompletionText`;

describe.each(POWERSHELLS.filter(has))('%s', (shell) => {
  it.each(OFFERED)('completes %j', (typed, wanted) => {
    const ask = ASK_POWERSHELL(script('powershell'), `fettle ${typed.join(' ')}`);
    const offered = run(shell, ['-NoProfile', '-NonInteractive', '-Command', ask]);
    const words = offered
      .trim()
      .split(/\s*\n/)
      .map((word) => word.replace(/^\.[\\/]/, ''));
    expect(words.sort()).toEqual(wanted);
  });
});

it.runIf(process.env.GITHUB_ACTIONS)('machines of GitHub have PowerShell', () => {
  expect(has('pwsh')).toBe(true);
});

/** A quoted text, in which a quotation mark stands twice. */
const TEXT = /'((?:[^'‘’‚‛]|(['‘’‚‛])\2)*)'/gu;
const textsIn = (line: string) =>
  [...line.matchAll(TEXT)].map(([, text]) => text!.replaceAll(/(['‘’‚‛])\1/gu, '$1'));

/** The tables of the script for PowerShell: the words under each key. */
function tablesOf(text: string): Record<string, ReadonlyMap<string, readonly string[]>> {
  const tables = text.matchAll(/^ {2}\$(\w+) = @\{\n(.*?)\n {2}\}$/gms);
  return Object.fromEntries(
    [...tables].map(([, name, lines]) => [
      name,
      new Map(
        lines!.split('\n').map((line) => {
          const rest = line.replaceAll(TEXT, '').replaceAll(/@\{ word = ; about = {2}\},? ?/g, '');
          expect(rest).toMatch(/^ {4} = @\((, )*\)$/);
          const [key, ...texts] = textsIn(line);
          return [key!, texts.filter((_, i) => (line.includes('about = ') ? i % 2 === 0 : true))];
        }),
      ),
    ]),
  );
}

describe('what PowerShell would read', () => {
  const read = () => readFileSync(script('powershell'), 'utf8');

  it('has every word in its tables, and no text that ends early', () => {
    const { next, flags, values } = tablesOf(read());
    expect(next!.get('')).toContain('train');
    expect(next!.get('data')).toEqual(['show', 'check', 'more', 'undo']);
    expect(next!.get('completion')).toEqual(['bash', 'zsh', 'fish', 'powershell']);
    expect([...flags!.keys()]).toEqual(COMMANDS.map(({ name }) => name));
    expect(flags!.get('data check')).toContain('--fix');
    expect(values!.get('train --method')).toContain('qlora');
  });

  it('has no key twice, which it would refuse, whatever the case', () => {
    for (const [name, table] of Object.entries(tablesOf(read()))) {
      const lines = read().split(`$${name} = @{\n`)[1]!.split('\n  }')[0]!.split('\n');
      expect(lines).toHaveLength(table.size);
      expect(new Set([...table.keys()].map((key) => key.toLowerCase())).size).toBe(table.size);
    }
  });

  it('has a description for each word, without which it would refuse it', () => {
    expect(read()).not.toContain("about = ''");
  });
});

describe('every shell', () => {
  it.each(Object.keys(SHELLS))('%s knows every command and its flags', async (shell) => {
    const text = SHELLS[shell]!(
      await (await import('../../../main/extras/completion/words.ts')).completedCommands(COMMANDS),
    );
    for (const { name } of COMMANDS) for (const word of name.split(' ')) expect(text).toContain(word);
    expect(text).toContain(shell === 'fish' ? '-l learning-rate' : '--learning-rate');
    expect(text).not.toContain('undefined');
  });

  it('is one that is known', async () => {
    let said = '';
    const err = { write: (text: string) => (said += text) };
    expect(await runCommand(['completion', 'toString'], { out: err, err })).toBe(2);
    expect(said).toContain('There is no completion for "toString".');
  });
});
