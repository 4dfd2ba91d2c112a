/** The practice model, or one made of it, as an endpoint for other programs. */
import path from 'node:path';
import type { EndpointNews } from '../../common/protocol/protocol.ts';
import { serveModel } from '../../main/engine/chat/endpoint.ts';
import { parseExportConfig } from '../../main/engine/config/config.ts';
import { exportRun } from '../../main/engine/session/export.ts';

export const PRACTICE = path.resolve(import.meta.dirname, '../../resources/practice-model');

export interface Served {
  /** With the version of OpenAI's API. */
  readonly address: string;
  readonly ended: Promise<void>;
}

interface ServeOptions {
  readonly folder: string;
  readonly stop: AbortSignal;
  readonly from?: string;
  readonly contextSize?: number;
  onNews?(news: EndpointNews): void;
}

/** Serves a GGUF of the model in `from` under `name`; the key is "a key". */
export async function servePractice(
  name: string,
  { folder, stop, from = PRACTICE, contextSize = 200, onNews }: ServeOptions,
): Promise<Served> {
  const file = path.join(folder, `${name}.gguf`);
  const config = parseExportConfig({ model: from, as: 'gguf', out: file, threads: 1 });
  await exportRun(config, { emit: () => {}, stop });
  const heard = Promise.withResolvers<string>();
  const emit = (said: EndpointNews) => {
    onNews?.(said);
    if ('listening' in said) heard.resolve(said.listening.address);
  };
  const options = {
    file,
    name,
    key: 'a key',
    port: 0,
    origins: ['http://localhost:3000', 'vscode-webview://*'],
    threads: 1,
    contextSize,
  };
  const ended = serveModel(options, { emit, stop });
  await Promise.race([heard.promise, ended]);
  return { address: await heard.promise, ended };
}
