/**
 * What every call of the API has in common: how failures leave the program. What a person can act on becomes a PROBLEM with its
 * words; anything else becomes a reference number, and stands in full in the log, because a stack is of no use on a page.
 */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../common/api/contract.ts';
import { AppError, systemError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { type Log, withoutSecrets } from '../log.ts';
import type { Turns } from './turns.ts';

/** The contract, ready to be implemented; failures are told to `log`. */
export function implementer(log: Log) {
  return implement(contract)
    .$context<{ readonly turns?: Turns }>()
    .use(async ({ next, path, signal, context: { turns } }) => {
      const failed = (error: unknown) => outward(error, path.join('.'), log, signal);
      let end = () => {};
      try {
        if (turns) end = await turns.take(signal);
        // what goes on and on has its turn only until it has begun
        const result = await next();
        return isStream(result.output) ? { ...result, output: guarded(result.output, failed) } : result;
      } catch (error) {
        throw failed(error);
      } finally {
        end();
      }
    });
}

/** What the files of the sections implement their calls with. */
export type Implementer = ReturnType<typeof implementer>;

/** A stream whose failures go through `failed`, wherever in it they happen. */
async function* guarded<T>(stream: AsyncIterable<T>, failed: (error: unknown) => unknown): AsyncGenerator<T> {
  try {
    yield* stream;
  } catch (error) {
    throw failed(error);
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The error as a page may see it. */
function outward(thrown: unknown, call: string, log: Log, signal: AbortSignal | undefined): unknown {
  const error = systemError(thrown);
  if (error instanceof AppError) {
    const { code, message, hint, details } = error;
    const seen = details === undefined ? {} : { details: withoutSecrets(details) };
    log.problem(call, { message, ...seen });
    const data = { code, hint, ...seen };
    return new ORPCError('PROBLEM', { status: 422, message: error.message, data, defined: true });
  }
  if (error instanceof ORPCError && error.code !== 'INTERNAL_SERVER_ERROR') return error;
  // the page has given the call up: nobody waits for what is thrown, and it is no fault
  if (signal?.aborted) return error;
  const reference = log.failure(call, error);
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: say`Something in Fettle went wrong (reference ${reference}).`,
    data: {
      code: 'internal',
      hint: say`This is a bug in Fettle, not your mistake. Details are in ${log.file} under that reference.`,
    },
  });
}
