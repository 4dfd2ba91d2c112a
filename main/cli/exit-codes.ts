/** With what number the process ends, so that scripts can tell a typing error from bad data or missing memory. */
import { described } from '../runs/problems.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  data: 3,
  model: 4,
  resources: 5,
  interrupted: 130,
} as const;

/** The table in `--help`. */
export const EXIT_CODES: readonly { readonly code: number; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done' },
  { code: EXIT.failed, meaning: 'failed for another reason' },
  { code: EXIT.usage, meaning: 'wrong command, flag, setting or path' },
  { code: EXIT.data, meaning: 'the rows cannot be used' },
  { code: EXIT.model, meaning: 'the model, its tokenizer or its adapter cannot be read or is not supported' },
  { code: EXIT.resources, meaning: 'not enough memory or disk space, or no such device' },
  {
    code: EXIT.interrupted,
    meaning: 'stopped by Ctrl-C or by a signal (a training run has saved and can resume)',
  },
];

/** An error's code belongs to the first row that has one of its words: `bad-row` to data, `gguf-invalid` to model. */
const WORDS: readonly (readonly [number, readonly string[]])[] = [
  [EXIT.interrupted, ['stopped']],
  // before the settings: a model has a configuration too
  [EXIT.model, ['model']],
  [
    EXIT.usage,
    [
      'usage',
      'config',
      'run',
      'split',
      'found',
      'forbidden',
      'read',
      'write',
      'exists',
      'path',
      'resume',
      'prompt',
      'context',
    ],
  ],
  [EXIT.resources, ['memory', 'disk', 'device', 'pack', 'limit']],
  [EXIT.data, ['row', 'rows', 'data', 'jsonl']],
  [
    EXIT.model,
    ['weights', 'tensor', 'safetensors', 'gguf', 'tokenizer', 'template', 'adapter', 'file', 'unsupported'],
  ],
];

/** The exit code for something that was thrown. */
export function exitCodeOf(error: unknown): number {
  const words = described(error).code.split(/[-.]/);
  return WORDS.find(([, known]) => words.some((word) => known.includes(word)))?.[0] ?? EXIT.failed;
}
