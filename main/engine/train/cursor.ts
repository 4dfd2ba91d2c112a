/** Where a run stands, as its checkpoint tells it. */
import { z } from 'zod';
import { COUNTED_EPOCHS } from '../config/config.ts';
import { shorten } from '../io/json-scan.ts';
import type { RunIdentity } from './identity.ts';

/** What a checkpoint holds of the loss scale of gradients in float16. */
export interface SavedScale {
  readonly scale: number;
  /** Steps since it was changed. */
  readonly steadySteps: number;
}

/** Everything besides tensors that a run needs to go on. */
export interface Cursor {
  readonly step: number;
  readonly epoch: number;
  readonly epochStep: number;
  readonly trainedTokens: number;
  readonly trainSeconds: number;
  /** Training loss of the last step. */
  readonly lastLoss: number | null;
  /** The last step whose weights were measured; -1 before the first evaluation. */
  readonly evaluatedStep: number;
  readonly heldOutLoss: number | null;
  readonly heldOutLossBefore: number | null;
  readonly bestLoss: number | null;
  readonly bestStep: number;
  readonly evaluationsSinceBest: number;
  /** Loss of each held-out row, at the best evaluation and at the last; older checkpoints have none. */
  readonly rowLosses?: { readonly best: readonly number[]; readonly last: readonly number[] };
  /** Of gradients in float16; a run that was in float32 has none. */
  readonly lossScale?: SavedScale;
  /** Squared gradient norms of each layer in the last step, of a layerwise update only. */
  readonly squares?: readonly number[];
  /** What the run was started with: a resumed run must match it. */
  readonly identity: RunIdentity;
}

/** The cursor of a run that goes on. */
export type RunningCursor = { -readonly [K in keyof Cursor]: Cursor[K] };

/** Where a run stands before its first step. */
export function newCursor(identity: RunIdentity): Cursor {
  return {
    step: 0,
    epoch: 0,
    epochStep: 0,
    trainedTokens: 0,
    trainSeconds: 0,
    lastLoss: null,
    evaluatedStep: -1,
    heldOutLoss: null,
    heldOutLossBefore: null,
    bestLoss: null,
    bestStep: 0,
    evaluationsSinceBest: 0,
    identity,
  };
}

const count = z.int().min(0);
const loss = z.number().nullable();
const isJsonObject = (text: string) => {
  try {
    return /^\s*\{/.test(text) && JSON.parse(text) !== null;
  } catch {
    return false;
  }
};

/** What a cursor must be to be believed: a wrong one would go on with other rows and say nothing. */
const CURSOR = z.object({
  step: count,
  epoch: count,
  epochStep: count,
  trainedTokens: count,
  trainSeconds: z.number().min(0),
  lastLoss: loss,
  heldOutLoss: loss,
  heldOutLossBefore: loss,
  bestLoss: loss,
  evaluatedStep: z.int().min(-1),
  bestStep: count,
  evaluationsSinceBest: count,
  lossScale: z.object({ scale: z.number().positive(), steadySteps: count }).optional(),
  squares: z.array(z.number().min(0)).optional(),
  rowLosses: z.object({ best: z.array(z.number()), last: z.array(z.number()) }).optional(),
  identity: z.object({
    model: z.string(),
    data: z.string(),
    tokens: z.string(),
    bundled: z.string().optional(),
    settings: z.string().refine(isJsonObject),
  }),
} satisfies Record<keyof Cursor, z.ZodType>);

/** Reads a saved cursor; what is wrong with one is thrown as the error that `wrong` makes of it. */
export function parseCursor(text: string, wrong: (what: string) => Error): Cursor {
  let cursor: Cursor;
  try {
    cursor = JSON.parse(text) as Cursor;
  } catch {
    throw wrong('that part is not JSON');
  }
  const issue = CURSOR.safeParse(cursor).error?.issues[0];
  if (issue) throw wrong(valueAt(cursor, issue.path));
  return cursor;
}

/** `"step" is -1`. */
function valueAt(cursor: unknown, keys: readonly PropertyKey[]): string {
  const value = keys.reduce((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], cursor);
  const name = keys.length === 0 ? 'it' : `"${keys.join('.')}"`;
  return value === undefined ? `${name} is missing` : `${name} is ${shorten(JSON.stringify(value), 40)}`;
}

/** Throws what `wrong` makes of it where the epoch and the steps in it are not what so many steps come to. */
export function checkPlace(
  { step, epoch, epochStep }: Cursor,
  { stepsInEpoch }: { stepsInEpoch(epoch: number): number },
  wrong: (what: string) => Error,
): void {
  // counting the steps of an epoch packs its rows: in longer runs not all are counted
  if (epoch > COUNTED_EPOCHS) return;
  let before = 0;
  for (let done = 0; done < epoch && before <= step; done++) before += stepsInEpoch(done);
  if (before + epochStep === step && epochStep < stepsInEpoch(epoch)) return;
  throw wrong(`step ${step} is not step ${epochStep} of epoch ${epoch}`);
}
