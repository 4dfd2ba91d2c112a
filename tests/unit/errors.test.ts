import { describe, expect, it } from 'vitest';
import { AppError, reasonOf } from '../../main/errors.ts';

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
