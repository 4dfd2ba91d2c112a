/** What every call of the API has in common: how it fails, and how plain types stand for outputs. */
import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';

/**
 * A call that fails for a reason that a person can act on: the message says what was expected and what came, `hint` what to
 * do. Anything else that is thrown is a bug.
 */
export const api = oc.errors({
  PROBLEM: {
    status: 422,
    data: z.object({ code: z.string(), hint: z.string(), details: z.string().optional() }),
  },
});

/** What comes out is made by our own code: its type is declared, and not checked again at run time. */
export const gives = type;

/** A stream of `T`. */
export const streams = <T>() => eventIterator(z.custom<T>());

/** A stream that goes on after the event whose number is `after`, so that a reloaded page misses nothing. */
export const after = z.int().min(0).optional();

export const id = z.string().min(1).max(64);
/** A model that answers: the trained one of a run beside its base model, or one that is here. */
export const subject = z.union([z.object({ runId: id }), z.object({ modelId: id })]);
export type Subject = z.output<typeof subject>;
export const filePath = z.string().min(1).max(4096);
export const filePaths = z.array(filePath).min(1).max(1000);

/** A failure as a person is shown it: what happened, and what to do. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Where in the program it happened; there only where that is a fault of the program. */
  readonly details?: string;
}
