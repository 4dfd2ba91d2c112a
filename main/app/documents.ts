/** Rows from documents: the model as a GGUF file, made where there is none, and the engine's call that lets it write. */
import type { DocumentProgress } from '../../common/api/contract.ts';
import type { CallEvent, RowsResult } from '../../common/protocol/protocol.ts';
import { ENDPOINT } from '../../common/settings/computing.ts';
import { filesOf, type Question } from './chat.ts';
import { prepareEndpoint } from './endpoint.ts';
import type { Parts } from './parts.ts';
import type { WorkIo } from './work-here.ts';

interface Asked {
  readonly paths: readonly string[];
  readonly of: Question['of'];
  readonly perPassage: number;
}

/** Rows go to `send` as they are written; nothing is kept. */
export async function rowsFromDocuments(
  { allowed, engine, store }: Pick<Parts, 'allowed' | 'engine' | 'store'>,
  { paths, of, perPassage }: Asked,
  send: (news: DocumentProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await allowed.read(paths);
  const { model, adapter } = filesOf(store, of, 'runId' in of ? 'after' : 'before');
  const hear = (event: CallEvent) => {
    if ('proposed' in event || 'passages' in event) send(event);
    else if ('event' in event && event.event === 'phase' && event.detail) send({ doing: event.detail });
  };
  const work = <Result>(name: 'export' | 'endpoint' | 'documents', input: unknown, { emit = hear }: WorkIo) =>
    engine.read<Result>(name, input, { signal, onEvent: emit });
  const { file } = await prepareEndpoint({ model, run: adapter, type: ENDPOINT.type }, work, { emit: hear });
  const asked = { from: paths, file, perPassage };
  send({ done: await work<RowsResult>('documents', asked, {}) });
}
