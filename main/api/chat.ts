/** Chat with a run's models: the untouched one and the trained one, each with its own conversation. */
import type { ChatPiece, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { ChatTurn } from '../../common/protocol/protocol.ts';
import { channel } from './channel.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

type Which = ChatPiece['from'];

export function chatCalls(os: Implementer, parts: Parts) {
  const { store, engine } = parts;
  return {
    // one answer after the other: two at once would each get half of the cores
    ask: os.chat.ask.handler(({ input, signal }) => {
      const { which, messages, maxNewTokens, temperature } = input;
      const run = store.runs.get(input.runId);
      const models = which.map((from) => ({ from, model: modelFor(parts, run, from) }));
      return channel<ChatPiece>(async (send) => {
        for (const { from, model } of models) {
          const turns: readonly ChatTurn[] = messages[from];
          const config = { ...model, maxNewTokens, temperature, messages: turns };
          const onText = (text: string) => send({ from, text, done: null });
          const { newTokens, tokensPerSecond, stopReason } = await engine.generate(config, onText, signal);
          send({ from, text: '', done: { newTokens, tokensPerSecond, stopReason } });
        }
      });
    }),
    close: os.chat.close.handler(() => engine.closeModels()),
  };
}

/** The files of one of the two models. Throws an AppError where there is no trained one yet. */
function modelFor({ store }: Parts, run: RunDetails, from: Which): { model: string; adapter?: string } {
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
