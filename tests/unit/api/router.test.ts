import { call, ORPCError } from '@orpc/server';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { apiRouter } from '../../../main/api/api.ts';
import { refused, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts | null = null;
afterEach(() => opened?.remove());

async function routerWith(replaced: Parameters<typeof testParts>[0]) {
  opened = await testParts(replaced);
  return apiRouter(opened.parts, opened.log);
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as ORPCError<string, { code: string; hint: string }>,
  );

describe('failures of calls', () => {
  it('arrive as PROBLEM with code, message and hint where a person can act', async () => {
    const router = await routerWith({ hub: { catalog: () => Promise.reject(refused()) } });
    const error = await failureOf(call(router.models.catalog, undefined));
    expect(error).toBeInstanceOf(ORPCError);
    expect(error).toMatchObject({
      code: 'PROBLEM',
      status: 422,
      defined: true,
      message: 'It is not there.',
      data: { code: 'no-such-thing', hint: 'Look elsewhere.' },
    });
    expect(opened?.logged).toEqual([]);
  });

  it('have the details that a fault came with, which are logged without secrets', async () => {
    const died = new AppError('engine-died', 'It died.', 'Again.', { details: 'key hf_abcdefghijklmnop' });
    const router = await routerWith({ hub: { catalog: () => Promise.reject(died) } });
    const error = await failureOf(call(router.models.catalog, undefined, { path: ['models', 'catalog'] }));
    expect(error.data).toEqual({ code: 'engine-died', hint: 'Again.', details: 'key hf_…' });
    expect(opened?.logged).toEqual(['models.catalog: key hf_…']);
  });

  it('become a reference where they are faults, and stand in full in the log', async () => {
    const router = await routerWith({
      hub: { catalog: () => Promise.reject(new TypeError('x.y is no function at /secret/path')) },
    });
    const error = await failureOf(call(router.models.catalog, undefined, { path: ['models', 'catalog'] }));
    expect(error.code).toBe('INTERNAL_SERVER_ERROR');
    expect(error.message).toContain('abc123');
    expect(JSON.stringify(error.toJSON())).not.toMatch(/secret|no function|\.ts:/);
    expect(opened?.logged.join()).toContain('models.catalog: TypeError: x.y is no function at /secret/path');
  });

  it('are told the same way when a stream fails on its way', async () => {
    const router = await routerWith({
      hub: {
        async *downloads() {
          yield [];
          throw refused();
        },
      },
    });
    const values: unknown[] = [];
    const error = await failureOf(
      (async () => {
        for await (const value of await call(router.models.downloads, undefined)) values.push(value);
      })(),
    );
    expect(values).toEqual([[]]);
    expect(error).toMatchObject({ code: 'PROBLEM', data: { code: 'no-such-thing' } });
  });

  it('of inputs that do not fit name the field and are no fault', async () => {
    const router = await routerWith({});
    const error = await failureOf(call(router.data.look, { data: { paths: [] }, count: -1 } as never));
    expect(error.code).toBe('BAD_REQUEST');
    expect(opened?.logged).toEqual([]);
  });

  it('of calls that the page gave up are no faults either', async () => {
    const given = new AbortController();
    const begun = Promise.withResolvers<void>();
    const router = await routerWith({
      engine: {
        look: (_, { signal } = {}) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason));
            begun.resolve();
          }),
      },
    });
    const promise = call(router.data.look, { paths: ['x.csv'] }, { signal: given.signal });
    await begun.promise;
    given.abort();
    await failureOf(promise);
    expect(opened?.logged).toEqual([]);
  });
});
