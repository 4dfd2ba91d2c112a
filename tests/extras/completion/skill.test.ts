/** The commands that the skill shows are ones that there are, with flags that they have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readArguments } from '../../../main/cli/arguments.ts';
import { COMMANDS } from '../../../main/cli/commands.ts';

const text = readFileSync(
  path.join(import.meta.dirname, '..', '..', '..', 'skills', 'fettle', 'SKILL.md'),
  'utf8',
);
const lines = [...text.matchAll(/^ *(fettle .*)$|`(fettle [^`]+)`/gm)].map((found) => found[1] ?? found[2]!);

it('says in its head what it is and when to use it', () => {
  const head = /^---\nname: fettle\ndescription: (.+)\n---\n/.exec(text);
  expect(head![1]!.length).toBeLessThan(1024);
});

it('shows the whole way', () => {
  const shown = lines.join('\n');
  for (const name of ['data show', 'data check', 'sorter', 'plan', 'train', 'assess', 'export'])
    expect(shown).toContain(`fettle ${name}`);
});

/** A command that another extra brings, whose tests look at it. */
const ELSEWHERE = /^fettle mcp /;

it.each(lines.filter((line) => !ELSEWHERE.test(line)))('%s', async (line) => {
  const words = line
    .match(/"[^"]*"|\S+/g)!
    .slice(1)
    .map((word) => word.replaceAll('"', ''));
  const entry = COMMANDS.find(({ name }) => name === words[0] || name === `${words[0]} ${words[1]}`);
  expect(entry, line).toBeDefined();
  const { command } = await entry!.load();
  const args = readArguments(entry!.name, command.flags, words.slice(entry!.name.split(' ').length));
  const isNamedAlone = args.values.size === 0 && args.positionals.length === 0;
  if (!isNamedAlone) expect(args.positionals.length).toBe(command.positionals?.length ?? 0);
});
