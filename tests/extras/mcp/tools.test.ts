import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../main/cli/commands.ts';
import { argvOf, flagNamed } from '../../../main/extras/mcp/schema.ts';
import { toolSchema } from '../../../main/extras/mcp/server.ts';
import { entryOf, TOOLS } from '../../../main/extras/mcp/tools.ts';

describe('the tools of an assistant', () => {
  it.each(TOOLS)('$name has only flags that its command has', async (tool) => {
    const { flags, positionals } = (await entryOf(tool, COMMANDS).load()).command;
    expect(() => toolSchema(tool, flags)).not.toThrow();
    expect(Boolean(positionals)).toBe(Boolean(tool.positional));
    for (const flag of tool.always ?? []) expect(flagNamed(flags, flag.replace('--', ''))).toBeDefined();
  });

  it.each(TOOLS)('$name names one type at a time, which every client can read', async (tool) => {
    const { flags } = (await entryOf(tool, COMMANDS).load()).command;
    expect(JSON.stringify(toolSchema(tool, flags))).not.toContain('"type":[');
  });

  it('let nobody overwrite, read settings from a file or reach another computer', () => {
    const flags = TOOLS.flatMap((tool) => tool.flags);
    for (const never of ['overwrite', 'config', 'device', 'target']) expect(flags).not.toContain(never);
  });

  it('say before a training what needs none', () => {
    for (const name of ['plan', 'train'])
      expect(TOOLS.find((tool) => tool.name === name)!.about).toContain('sort_in_seconds');
  });

  it('write a value into the word of its flag, so that it is no flag itself', async () => {
    const { flags } = (await entryOf(TOOLS.find(({ name }) => name === 'train')!, COMMANDS).load()).command;
    expect(argvOf(flags, { data: ['--resume', 'b'], resume: true, epochs: 2 })).toEqual([
      '--data=--resume',
      '--data=b',
      '--resume',
      '--epochs=2',
    ]);
  });
});
