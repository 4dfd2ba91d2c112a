/** The protocol's own client, connected to `fettle mcp` as a program of its own, over stdin and stdout or over HTTP. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { BIN, startFettle } from '../../helpers/fettle.ts';
import { shareComputed } from '../../helpers/shared-cache.ts';

export interface Said {
  readonly text: string;
  readonly isError: boolean;
  /** Messages of progress notifications. */
  readonly progress: readonly string[];
}

export interface Connected {
  readonly client: Client;
  /** What the assistant may use, and a folder beside it that it may not. */
  readonly granted: string;
  readonly other: string;
  /** The data folder of Fettle. */
  readonly data: string;
  /** How many tools were called. */
  calls(): number;
  call(name: string, given: Record<string, unknown>): Promise<Said>;
  close(): Promise<void>;
}

interface Options {
  /** Whether the folder is granted by flag. */
  readonly byFlag?: boolean;
  readonly overHttp?: boolean;
  /** Over HTTP: the newest that both know, or that of 2025, in which no server can ask. */
  readonly protocol?: 'auto' | 'legacy';
  readonly capabilities?: NonNullable<ClientOptions['capabilities']>;
  prepare?(client: Client, folders: { readonly granted: string; readonly other: string }): void;
}

export async function connected({
  byFlag = true,
  overHttp = false,
  protocol = 'auto',
  capabilities,
  prepare,
}: Options = {}): Promise<Connected> {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'fettle-mcp-')));
  const [granted, other, data] = ['granted', 'other', 'data'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [granted, other, data]) mkdirSync(one);
  await shareComputed(data);
  const client = new Client(
    { name: 'test', version: '1' },
    { ...(capabilities && { capabilities }), ...(overHttp && { versionNegotiation: { mode: protocol } }) },
  );
  prepare?.(client, { granted, other });
  const args = ['mcp', ...(byFlag ? ['--folder', granted] : [])];
  const env = { FETTLE_HOME: data };
  const started = overHttp ? await startedHttp(args, env) : null;
  const transport = started
    ? new StreamableHTTPClientTransport(new URL(started.address), {
        requestInit: { headers: { authorization: `Bearer ${started.key}` } },
      })
    : new StdioClientTransport({
        command: process.execPath,
        args: [BIN, ...args],
        env: { ...(process.env as Record<string, string>), ...env },
        stderr: 'ignore',
      });
  await client.connect(transport);
  let count = 0;
  return {
    ...{ client, granted, other, data: path.join(data, 'data') },
    calls: () => count,
    async call(name, given) {
      count++;
      const progress: string[] = [];
      const result = await client.callTool(
        { name, arguments: given },
        { onprogress: ({ message }) => progress.push(message ?? ''), resetTimeoutOnProgress: true },
      );
      const content = result.content as readonly { readonly text?: string }[];
      const text = content.map((one) => one.text ?? '').join('\n');
      return { text, isError: result.isError === true, progress };
    },
    async close() {
      await client.close();
      await started?.end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}

/** `fettle mcp` at a free port. */
export async function startedHttp(args: readonly string[], env: Readonly<Record<string, string>>) {
  const started = startFettle([...args, '--port', '0', '--json'], { env });
  const heard = await started.event((event) => (event as { event: string }).event === 'listening');
  return {
    ...(heard as unknown as { readonly address: string; readonly key: string }),
    async end() {
      started.signalAll('SIGTERM');
      return await started.ended;
    },
  };
}
