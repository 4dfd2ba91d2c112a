/** What the system refuses reaches a person in words, by whatever way it leaves the program. */
import { openSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError, describeError, nullIfMissing, reasonOf, systemError } from '../../common/errors.ts';
import { exitCodeOf } from '../../main/cli/command.ts';
import { failureOf } from '../../main/engine/session/calls.ts';
import { deathOf, described } from '../../main/runs/problems.ts';

function refused(code: string, path?: string): NodeJS.ErrnoException {
  const about = { code, errno: -1, syscall: 'open', ...(path !== undefined && { path }) };
  return Object.assign(new Error(`${code}: what libuv says, open '${path}'`), about);
}

describe('systemError', () => {
  it.each([
    ['EACCES', 'file-forbidden', /permission/, 2],
    ['EPERM', 'file-forbidden', /permission/, 2],
    ['EROFS', 'file-forbidden', /read-only/, 2],
    ['EBUSY', 'file-forbidden', /Another program/, 2],
    ['ENOENT', 'file-not-found', /no such file or folder/, 2],
    ['ENOTDIR', 'path-unusable', /not a folder/, 2],
    ['EISDIR', 'path-unusable', /a folder, not a file/, 2],
    ['ELOOP', 'path-unusable', /leads back to itself/, 2],
    ['ENAMETOOLONG', 'path-unusable', /too long/, 2],
    ['ENOSPC', 'disk-full', /disk is full/, 5],
    ['EDQUOT', 'disk-full', /disk is full/, 5],
    ['EIO', 'disk-fault', /disk failed/, 5],
    ['EMFILE', 'system-limit', /no more files/, 5],
    ['ENFILE', 'system-limit', /no more files/, 5],
  ])('has a sentence for %s', (code, ours, words, exit) => {
    const error = systemError(refused(code, '/home/other/rows.jsonl')) as AppError;
    expect(error).toMatchObject({ code: ours, message: expect.stringMatching(words) });
    expect(error.message).toContain('/home/other/rows.jsonl');
    expect(error.message).not.toContain(code);
    expect(error.hint).not.toBe('');
    expect(exitCodeOf(refused(code))).toBe(exit);
  });

  it('goes through the command line, the engine, and where only a text is shown', () => {
    const error = refused('EACCES', '/home/other');
    expect(described(error)).toMatchObject({ code: 'file-forbidden' });
    expect(failureOf(error)).toMatchObject({
      code: 'file-forbidden',
      hint: expect.stringContaining('place'),
    });
    expect(describeError(error)).toMatch(/permission.*\n/);
    expect(
      deathOf(
        { code: null, signal: null, stderr: '', refusal: systemError(refused('EMFILE')) },
        { resumable: false },
      ),
    ).toMatchObject({ code: 'system-limit' });
  });

  it('leaves a bug a bug, and our own words as they are', () => {
    const own = new AppError('a', 'b', 'c');
    expect(systemError(own)).toBe(own);
    for (const error of [new Error('x'), Object.assign(new Error('x'), { code: 'ENOENT' }), null, 'EACCES'])
      expect(systemError(error)).toBe(error);
    expect(described(new TypeError('x is undefined')).hint).toContain('bug');
  });

  it('does not repeat a name of any length', () => {
    const error = systemError(refused('ENAMETOOLONG', `/${'x'.repeat(5000)}`)) as AppError;
    expect(error.message.length).toBeLessThan(300);
  });

  it('knows what Node throws', () => {
    const thrown = (() => {
      try {
        return openSync(import.meta.dirname, 'w');
      } catch (error) {
        return error;
      }
    })();
    expect(describeError(thrown)).toContain('This is a folder, not a file');
  });
});

describe('AppError', () => {
  it('echoes no value at any length: the start and the end stay', () => {
    const { message, hint } = new AppError(
      'x',
      `Got ${'a'.repeat(100_000)}; expected b.`,
      'c'.repeat(100_000),
    );
    expect(message).toMatch(/^Got a+ … a+; expected b\.$/);
    expect([message.length, hint.length]).toEqual([2003, 2003]);
    expect(new AppError('x', 'short', 'hint').message).toBe('short');
  });
});

describe('reasonOf', () => {
  it('takes what a library says of the file, not of its own code', () => {
    expect(reasonOf(new Error('incorrect header check.'))).toBe(' (incorrect header check)');
    expect(reasonOf(new TypeError('rows.then is not a function'))).toBe('');
    expect(reasonOf(new Error('unhandled type: undefined'))).toBe('');
    expect(reasonOf('text')).toBe('');
  });
});

it('tells what is missing from what is refused', async () => {
  expect(nullIfMissing('x')(refused('ENOENT'))).toBeNull();
  expect(nullIfMissing('x')(refused('ENOTDIR'))).toBeNull();
  expect(() => nullIfMissing('x')(refused('EACCES'))).toThrow('permission');
  expect(() => readFileSync('/nowhere')).toThrow();
});
