/** Whatever is thrown becomes a code, what happened and what to do. */
import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { ConnectionLost, copyOf, isAborted, isRefusal, problemOf } from '../../../renderer/problem.ts';

const refused = new ORPCError('PROBLEM', {
  status: 422,
  message: 'There is no run 7.',
  data: { code: 'no-run', hint: 'It may have been deleted.' },
});

describe('what was thrown', () => {
  it('keeps code and hint of a refused call', () =>
    expect(problemOf(refused)).toEqual({
      code: 'no-run',
      message: 'There is no run 7.',
      hint: 'It may have been deleted.',
    }));

  it('names an error of the app by its code', () => {
    const bug = new ORPCError('INTERNAL_SERVER_ERROR', { message: 'Something went wrong (reference 12).' });
    expect(problemOf(bug)).toMatchObject({ code: 'internal_server_error', message: bug.message, hint: '' });
  });

  it('says what a lost connection means', () => {
    const lost = problemOf(new ConnectionLost());
    expect(lost.code).toBe('connection-lost');
    expect(lost.hint).toContain('reconnects');
  });

  it('passes a problem through, and wraps anything else', () => {
    const problem = { code: 'a', message: 'b', hint: 'c' };
    expect(problemOf(problem)).toEqual(problem);
    expect(problemOf('text')).toMatchObject({ code: 'unexpected', message: 'text' });
    expect(problemOf(new TypeError('x is undefined'))).toMatchObject({ message: 'x is undefined' });
  });

  it('keeps the details of a fault, and copies them with the rest', () => {
    const data = { code: 'engine-died', hint: 'Again.', details: 'first line\nlast line' };
    const died = problemOf(new ORPCError('PROBLEM', { status: 422, message: 'It died.', data }));
    expect(died).toEqual({ message: 'It died.', ...data });
    expect(copyOf(died)).toBe('engine-died\nIt died.\nAgain.\nfirst line\nlast line');
    expect(copyOf({ code: 'a', message: 'b', hint: '' })).toBe('a\nb');
  });

  it('knows what repeating cannot help', () => {
    expect(isRefusal(refused)).toBe(true);
    expect(isRefusal(new ORPCError('INTERNAL_SERVER_ERROR'))).toBe(false);
    expect(isRefusal(new Error('cut'))).toBe(false);
    expect(isAborted(new DOMException('given up', 'AbortError'))).toBe(true);
    expect(isAborted(refused)).toBe(false);
  });
});
