import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { COMMANDS } from '../../../main/cli/commands.ts';
import { checkSize, commandLine, pathsIn, requireThere } from '../../../main/extras/mcp/calls.ts';
import { Grants, notGranted } from '../../../main/extras/mcp/grants.ts';
import type { Given } from '../../../main/extras/mcp/schema.ts';
import { toolSchema } from '../../../main/extras/mcp/server.ts';
import { entryOf, TOOLS } from '../../../main/extras/mcp/tools.ts';
import { type ExtraFuzz, type Reader, seedOf } from '../../campaign/fuzz/reader.ts';

/** Calls as assistants send them, to the command line that they would become: whatever is asked, no other folder is in it. */
const toolCalls: Reader = {
  name: 'tool calls',
  async open(folder) {
    const granted = path.join(folder, 'granted');
    mkdirSync(granted);
    writeFileSync(path.join(granted, 'rows.csv'), 'text,label\none,a\n');
    const grants = new Grants();
    grants.add(granted);
    const calls = [
      { tool: 'look_at_data', given: { data: ['rows.csv'], map: 'text=text' } },
      { tool: 'sort_in_seconds', given: { data: ['rows.csv'], out: 'sorter', by: 'words' } },
      { tool: 'train', given: { data: ['rows.csv'], model: 'rows.csv', out: 'run', epochs: 2 } },
      {
        tool: 'check_data',
        given: { data: ['rows.csv', 'rows.csv'], fix: 'all', out: 'better.csv', wait_seconds: 3 },
      },
    ];
    const tools = await Promise.all(
      TOOLS.map(async (tool) => {
        const { flags } = (await entryOf(tool, COMMANDS).load()).command;
        return { tool, flags, schema: fromJsonSchema<Given>(toolSchema(tool, flags) as never) };
      }),
    );
    return {
      seeds: calls.map((call, i) => seedOf(`${i}.json`, 'json', Buffer.from(JSON.stringify(call)))),
      async read(bytes) {
        const asked = callOf(bytes);
        const found = tools.find(({ tool }) => tool.name === asked.tool);
        if (!found) throw refusal('There is no such tool.');
        const { tool, flags, schema } = found;
        const checked = await schema['~standard'].validate(asked.given);
        if (checked.issues) throw refusal('These are other arguments.');
        const { wait_seconds: _, ...given } = checked.value;
        checkSize(given);
        const paths = await pathsIn(tool, flags, given, grants);
        const other = paths.find((one) => !grants.allows(one.given, one.use));
        if (other) throw notGranted(other.given, grants.folderFor(other.given));
        requireThere(paths, grants);
        const line = await commandLine(tool, flags, given, grants);
        // nothing of a call is a flag but its own, and every other word is the granted folder or lies in it
        const own = new Set([...tool.flags, ...(tool.always ?? []).map((flag) => flag.slice(2))]);
        for (const word of line.slice(tool.command.split(' ').length)) {
          const flag = /^--(?:no-)?([^=]+)/.exec(word)?.[1];
          const isFine =
            flag === undefined ? `${word}${path.sep}`.startsWith(granted + path.sep) : own.has(flag);
          if (!isFine) throw new Error(`internal: ${word} is in the command line`);
        }
      },
    };
  },
};

function callOf(bytes: Uint8Array): { readonly tool: unknown; readonly given: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (isRecord(value)) return { tool: value.tool, given: value.given };
  } catch {
    // no JSON is no call
  }
  throw refusal('That is no call.');
}

const refusal = (message: string) => new AppError('bad-call', message, 'Call a tool of the list.');

export const mcpFuzz: ExtraFuzz = { calls: {}, readers: [toolCalls] };
