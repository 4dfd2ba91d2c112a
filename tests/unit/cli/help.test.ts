import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../main/cli/command.ts';
import { COMMANDS } from '../../../main/cli/commands.ts';
import { commandHelp, overview, wrap } from '../../../main/cli/help.ts';

describe('overview', () => {
  it('lists every command and every exit code', () => {
    const text = overview(COMMANDS, 100);
    const lines = text.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
    for (const { name, summary } of COMMANDS) expect(lines).toContain(`${name} ${summary}`);
    for (const { code } of EXIT_CODES) expect(text).toMatch(new RegExp(`^  ${code} +\\w`, 'm'));
  });
});

it('a plan needs a model and rows, and no folder, because it writes nothing', async () => {
  const { command } = await COMMANDS.find(({ name }) => name === 'plan')!.load();
  expect(command.flags.filter(({ required }) => required).map(({ name }) => name)).toEqual(['model', 'data']);
});

describe.each(COMMANDS.map((entry) => [entry.name, entry] as const))('help of %s', (name, entry) => {
  it('lists each flag with its words, and fits the width', async () => {
    const { command } = await entry.load();
    const text = commandHelp(entry, command, 80);
    const flat = text.replace(/\s+/g, ' ');
    expect(text.startsWith(`fettle ${name}: ${entry.summary}\n`)).toBe(true);
    for (const flag of command.flags) {
      expect(text).toMatch(new RegExp(`^  --(\\[no-\\])?${flag.name}( |$)`, 'm'));
      expect(flat).toContain(flag.about);
      if (flag.fallback) expect(flat).toContain(`default: ${flag.fallback}`);
    }
    const wide = text.split('\n').filter((line) => line.length > 80 && !line.startsWith('  fettle '));
    expect(wide).toEqual([]);
  });

  it('has examples that its own flags allow', async () => {
    const { command } = await entry.load();
    for (const example of command.examples) {
      expect(example.startsWith(`fettle ${name}`)).toBe(true);
      for (const [, flag] of example.matchAll(/--([a-z-]+)/g)) {
        expect(command.flags.map((one) => one.name)).toContain(flag);
      }
    }
  });
});

describe('wrap', () => {
  it('breaks at spaces and indents what follows', () => {
    expect(wrap('one two three four five six seven', 20, 2)).toEqual([
      'one two three four',
      '  five six seven',
    ]);
    expect(wrap('averyveryverylongwordwithoutspaces x', 20)).toEqual([
      'averyveryverylongwordwithoutspaces',
      'x',
    ]);
  });

  it('breaks no command, which is to be copied', () => {
    expect(wrap('No card can be used. Write fettle devices get nvidia --force now.', 40)).toEqual([
      'No card can be used. Write',
      'fettle devices get nvidia --force now.',
    ]);
  });
});
