/** Chat with models: the base model and the trained one of a run, each with its own conversation, or any model that is here. */
import type { ChatPiece, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { ChatTurn } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { channel } from '../changes.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';
import type { Store } from '../store/store.ts';

type Which = ChatPiece['from'];

export interface Question {
  readonly of: { readonly runId: string } | { readonly modelId: string };
  readonly which: readonly Which[];
  readonly messages: Readonly<Record<Which, readonly ChatTurn[]>>;
  readonly maxNewTokens: number;
  readonly temperature: number;
}

/** The answers piece by piece, one model after the other: two at once would each get half of the cores. */
export function answers(
  { store, engine }: { readonly store: Store; readonly engine: EngineCalls },
  { of, which, messages, maxNewTokens, temperature }: Question,
  signal: AbortSignal | undefined,
): AsyncGenerator<ChatPiece> {
  const models = which.map((from) => ({ from, model: filesOf(store, of, from) }));
  return channel<ChatPiece>(async (send) => {
    for (const { from, model } of models) {
      const config = { ...model, maxNewTokens, temperature, messages: messages[from] };
      const onText = (text: string) => send({ from, text, done: null });
      const { newTokens, tokensPerSecond, stopReason } = await engine.generate(config, onText, signal);
      send({ from, text: '', done: { newTokens, tokensPerSecond, stopReason } });
    }
  });
}

/** The files of a model. */
interface Files {
  readonly model: string;
  readonly adapter?: string;
}

export function filesOf(store: Store, of: Question['of'], from: Which): Files {
  if ('runId' in of) return filesOfRun(store, store.runs.get(of.runId), from);
  const model = store.models.find(of.modelId);
  if (model?.available && from === 'before') return { model: model.path };
  throw new AppError('no-model', say`This model is not here any more.`, say`Choose another one.`);
}

/** The files of one of the two models. Throws an AppError where there is no trained one yet. */
function filesOfRun(store: Store, run: RunDetails, from: Which): Files {
  const known = run.modelId === null ? null : store.models.find(run.modelId);
  const base = known?.available ? known.path : String(run.config.model);
  if (from === 'before') return { model: base };
  if (run.done === null)
    throw new AppError(
      'no-result',
      say`“${run.name}” has no result yet.`,
      say`Wait until it ends, or stop it and keep the best.`,
    );
  const { result } = run.done;
  return run.method === 'full' ? { model: result } : { model: base, adapter: result };
}
