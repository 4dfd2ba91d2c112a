/** Chat with a run's models: the untouched one and the trained one, each with its own conversation. */
import type { ChatPiece, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { ChatTurn } from '../../common/protocol/protocol.ts';
import { channel } from './channel.ts';
import type { Parts } from './parts.ts';

type Which = ChatPiece['from'];

export interface Question {
  readonly runId: string;
  readonly which: readonly Which[];
  readonly messages: Readonly<Record<Which, readonly ChatTurn[]>>;
  readonly maxNewTokens: number;
  readonly temperature: number;
}

/** The answers piece by piece, one model after the other: two at once would each get half of the cores. */
export function answers(
  { store, engine }: Parts,
  { runId, which, messages, maxNewTokens, temperature }: Question,
  signal: AbortSignal | undefined,
): AsyncGenerator<ChatPiece> {
  const run = store.runs.get(runId);
  const models = which.map((from) => ({ from, model: modelFor(store, run, from) }));
  return channel<ChatPiece>(async (send) => {
    for (const { from, model } of models) {
      const config = { ...model, maxNewTokens, temperature, messages: messages[from] };
      const onText = (text: string) => send({ from, text, done: null });
      const { newTokens, tokensPerSecond, stopReason } = await engine.generate(config, onText, signal);
      send({ from, text: '', done: { newTokens, tokensPerSecond, stopReason } });
    }
  });
}

/** The files of one of the two models. Throws an AppError where there is no trained one yet. */
function modelFor(store: Parts['store'], run: RunDetails, from: Which): { model: string; adapter?: string } {
  const known = run.modelId === null ? null : store.models.find(run.modelId);
  const base = known?.available ? known.path : String(run.config.model);
  if (from === 'before') return { model: base };
  if (run.done === null)
    throw new AppError(
      'no-result',
      `“${run.name}” has no result yet.`,
      'Let it train to its end, or end it now and keep the best: then you can talk to it.',
    );
  const { result } = run.done;
  return run.method === 'full' ? { model: result } : { model: base, adapter: result };
}
