import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { generateCommand as generate } from '../../../main/cli/answer.ts';
import { asksForHelp, readArguments } from '../../../main/cli/arguments.ts';
import { command as train } from '../../../main/cli/train.ts';

const read = (...argv: string[]) => Object.fromEntries(readArguments('train', train.flags, argv).values);

function refusal(...argv: string[]): string {
  try {
    read(...argv);
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-usage') return `${error.message} ${error.hint}`;
    throw error;
  }
  throw new Error(`expected ${argv.join(' ')} to be refused`);
}

describe('readArguments', () => {
  it.each<[string[], Record<string, unknown>]>([
    [['--rank', '8'], { rank: 8 }],
    [['--rank=8', '--rank', '4'], { rank: 4 }],
    [['--learning-rate', '1e-4'], { 'learning-rate': 1e-4 }],
    [['--warmup-ratio', '.5'], { 'warmup-ratio': 0.5 }],
    [['--eval-every', 'auto'], { 'eval-every': 'auto' }],
    [['--eval-every', '20'], { 'eval-every': 20 }],
    [['--targets', 'all-linear'], { targets: 'all-linear' }],
    [['--targets', 'q_proj, v_proj'], { targets: ['q_proj', 'v_proj'] }],
    [['--no-packing', '--keep-best'], { packing: false, 'keep-best': true }],
    [['--packing=false', '--rs-lora=true'], { packing: false, 'rs-lora': true }],
    [['--model', '-odd-name'], { model: '-odd-name' }],
    [['--model=--odder'], { model: '--odder' }],
    [['--data', 'a=b.jsonl'], { data: 'a=b.jsonl' }],
    [['--data', 'a', '--data=b', '--data', 'c'], { data: ['a', 'b', 'c'] }],
    [['--json', '--resume'], { json: true, resume: true }],
  ])('reads %j', (argv, values) => {
    expect(read(...argv)).toEqual(values);
  });

  it('keeps what is no number for the schema to refuse', () => {
    expect(read('--rank', 'eight', '--alpha', '', '--seed', 'Infinity', '--eps', '1e999')).toEqual({
      rank: 'eight',
      alpha: '',
      seed: 'Infinity',
      eps: '1e999',
    });
  });

  it('keeps what stands without a flag, and everything after --', () => {
    expect(readArguments('train', train.flags, ['a', '--json', 'b', '--', '--rank']).positionals).toEqual([
      'a',
      'b',
      '--rank',
    ]);
  });

  it.each([
    [['--rnak', '8'], 'no flag --rnak. Did you mean --rank?'],
    [['--lr=1e-4'], 'no flag --lr. Did you mean --learning-rate?'],
    [['--max_steps', '3'], 'no flag --max_steps. Did you mean --max-steps?'],
    [['--no-packin'], 'no flag --no-packin. Did you mean --no-packing?'],
    [['--batch-size', '4'], 'Did you mean --tokens-per-micro-batch?'],
    [['--output_dir', 'x'], 'Did you mean --out?'],
    [['-model', 'x'], 'no flag -model. Did you mean --model? Flags begin with two dashes.'],
    [['-r', '8'], 'no flag -r. Did you mean --rank?'],
    [['--no-json'], 'no flag --no-json.'],
    [['--xyzzy'], '`fettle train --help` lists the flags.'],
    [['--rank'], '--rank needs a value. Write --rank N.'],
    [['--model', '--data', 'x'], '--model needs a value. Write --model PATH.'],
    [['--model', '--odd'], 'If "--odd" is the value, write --model=--odd.'],
    [['--resume=yes'], '--resume takes no value; got "yes".'],
  ])('refuses %j', (argv, words) => {
    expect(refusal(...argv)).toContain(words);
  });

  it('takes a prompt that begins with a dash', () => {
    const { values } = readArguments('generate', generate.flags, [
      '--prompt',
      '- item',
      '--temperature',
      '-1',
    ]);
    expect(Object.fromEntries(values)).toEqual({ prompt: '- item', temperature: -1 });
  });
});

describe('asksForHelp', () => {
  it('hears it among mistakes, and not inside a value', () => {
    expect(asksForHelp(train.flags, ['--rnak', '--help'])).toBe(true);
    expect(asksForHelp(train.flags, ['-h'])).toBe(true);
    expect(asksForHelp(train.flags, ['--model=--help'])).toBe(false);
    expect(asksForHelp(train.flags, ['--rank', '3'])).toBe(false);
  });
});
