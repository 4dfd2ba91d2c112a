import { describe, expect, it } from 'vitest';
import { AppError, internal } from '../../../common/errors.ts';
import { exitCodeOf } from '../../../main/cli/command.ts';
import { described } from '../../../main/runs/problems.ts';

describe('exitCodeOf', () => {
  it.each([
    ['bad-usage', 2],
    ['bad-config', 2],
    ['no-run', 2],
    ['file-not-found', 2],
    ['out-exists', 2],
    ['resume-mismatch', 2],
    ['cannot-write', 2],
    ['context-full', 2],
    ['bad-row', 3],
    ['tokenizer.mismatch', 4],
    ['no-rows', 3],
    ['not-jsonl', 3],
    ['gguf-unsupported', 4],
    ['bad-model-config', 4],
    ['unsupported-model', 4],
    ['tokenizer.invalid', 4],
    ['model-file.too-much', 4],
    ['weights-missing', 4],
    ['file-invalid', 4],
    ['disk-full', 5],
    ['out-of-memory', 5],
    ['something-else', 1],
  ])('ends with the code that fits %s', (code, exit) => {
    expect(exitCodeOf(new AppError(code, 'message', 'hint'))).toBe(exit);
  });

  it.each([
    [new RangeError('Array buffer allocation failed'), 5, 'out-of-memory'],
    [new Error('std::bad_alloc'), 5, 'out-of-memory'],
    [internal('op without a gradient'), 1, 'internal'],
    ['thrown text', 1, 'internal'],
  ])('knows what %s is', (error, exit, code) => {
    expect(exitCodeOf(error)).toBe(exit);
    expect(described(error).code).toBe(code);
    expect(described(error).hint).not.toBe('');
  });
});
