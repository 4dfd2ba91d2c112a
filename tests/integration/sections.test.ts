/** Files that are tokenised section by section while they are trained on: fields that nobody reads make them large, and tokens stay few. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, EvalResult } from '../../common/protocol/protocol.ts';
import { SECTION_LIMITS } from '../../main/engine/step/run-data.ts';
import { doneOf, fettle } from '../helpers/fettle.ts';
import { writeRows } from '../helpers/tiny-model.ts';
import {
  adapterOf,
  goingOn,
  numbersOf,
  openWorkspace,
  SMALL,
  trainArgs,
  type Workspace,
} from './workspace.ts';

const ROWS = 8400;
const BROKEN = 8390;
const NOTE = 'x'.repeat(4000);
const HARD = ['--tokens-per-micro-batch', '4096', '--save-every-steps', '1', '--dropout', '0.1'];

let workspace: Workspace;
/** Rows of one length, so that the tokens of all are known whichever are held out. */
const rowOf = (i: number) => ({
  prompt: `row ${String(i).padStart(5, '0')}`,
  completion: i % 2 ? 'odd' : 'two',
});

beforeAll(async () => {
  const opened = await openWorkspace();
  const rows = Array.from({ length: ROWS }, (_, i) => ({ ...rowOf(i), note: NOTE }));
  workspace = { ...opened, data: writeRows(opened.at('large.jsonl'), rows) };
  expect(readFileSync(workspace.data).length).toBeGreaterThan(SECTION_LIMITS.from);
});
afterAll(() => workspace.remove());

const startOf = (events: readonly EngineEvent[]) => events.find((event) => event.event === 'start')!;

describe('a training on a file that is tokenised while it trains', () => {
  it('reads each row once in a pass, ends at its last step, and goes on to the same numbers after a kill', async () => {
    const [out, left] = [workspace.at('whole'), workspace.at('left')];
    const ended = await goingOn(trainArgs(workspace, out, ...HARD, '--epochs', '1'), out, 30, left);
    const done = doneOf(ended);
    const start = startOf(ended.events);
    expect(start).toMatchObject({ rows: ROWS - 840, heldOutRows: 840, estimates: 'steps' });
    expect(done.trainedTokens % (ROWS - 840)).toBe(0);
    expect(Math.abs(start.tokens / done.trainedTokens - 1)).toBeLessThan(0.02);
    const steps = ended.events.filter((event) => event.event === 'step');
    expect(steps.at(-1)).toMatchObject({ step: done.steps, steps: done.steps, epoch: 1 });
    // sections after the first one are tokenised between steps
    const firstStep = ended.events.findIndex((event) => event.event === 'step');
    const later = ended.events
      .slice(firstStep)
      .filter((event) => event.event === 'phase' && event.phase === 'tokenize' && event.fraction === 0);
    expect(later.length).toBe(3);
    expect(ended.err).toBe('');

    // the same rows are held out where all are read at once
    const files = ['--model', workspace.model, '--data', workspace.data, '--adapter', out];
    const judged = await fettle(['eval', ...files, ...SMALL, '--split', 'held-out', '--json']);
    const { loss, rows } = JSON.parse(judged.out.trim().split('\n').at(-1)!) as EvalResult;
    expect(rows).toBe(840);
    expect(loss).toBeCloseTo(ended.events.filter((event) => event.event === 'eval').at(-1)!.loss!, 4);

    doneOf(await fettle(['train', '--out', left, '--resume', '--json']));
    expect(numbersOf(left)).toEqual(numbersOf(out));
    expect(adapterOf(left).equals(adapterOf(out))).toBe(true);
  });

  it('goes on as it began where an older version began it, and is judged on the rows that it held out', async () => {
    const [out, left, config] = [workspace.at('old'), workspace.at('old-left'), workspace.at('old.json')];
    // older versions read all rows first, and did not say so
    writeFileSync(config, JSON.stringify({ inSections: false }));
    const few = ['--config', config, '--max-steps', '4'];
    const ended = await goingOn(trainArgs(workspace, out, ...HARD, ...few), out, 2, left);
    expect(startOf(ended.events)).not.toHaveProperty('estimates');
    doneOf(ended);
    for (const run of [out, left]) {
      const file = path.join(run, 'run.json');
      const { inSections, ...older } = JSON.parse(readFileSync(file, 'utf8'));
      expect(inSections).toBe(false);
      writeFileSync(file, JSON.stringify(older));
    }
    doneOf(await fettle(['train', '--out', left, '--resume', '--json']));
    expect(numbersOf(left)).toEqual(numbersOf(out));
    expect(adapterOf(left).equals(adapterOf(out))).toBe(true);

    const files = ['--model', workspace.model, '--data', workspace.data, '--adapter', out];
    const judged = await fettle(['eval', ...files, ...SMALL, '--split', 'held-out', '--json']);
    const { loss } = JSON.parse(judged.out.trim().split('\n').at(-1)!) as EvalResult;
    const last = ended.events.filter((event) => event.event === 'eval').at(-1)!;
    expect(loss).toBeCloseTo(last.loss!, 5);
  });

  it('keeps what was trained where a row of a later section cannot be used, and names its line', async () => {
    const config = path.join(workspace.model, 'tokenizer_config.json');
    const before = readFileSync(config, 'utf8');
    const marked = workspace.at('marked.jsonl');
    const out = workspace.at('marked');
    try {
      const { chat_template: template, ...others } = JSON.parse(before);
      const refuse = "{% if 'no go' in messages[0]['content'] %}{{ raise_exception('not this') }}{% endif %}";
      writeFileSync(config, JSON.stringify({ ...others, chat_template: refuse + template }));
      // with this seed it comes to a later section
      const rows = Array.from({ length: ROWS }, (_, i) => {
        const row = rowOf(i);
        return { ...row, ...(i === BROKEN && { prompt: `no go ${i}` }), note: NOTE };
      });
      writeRows(marked, rows);
      const args = trainArgs(
        { ...workspace, data: marked },
        out,
        ...HARD.slice(0, 2),
        '--epochs',
        '1',
        '--held-out',
        '0',
      );
      const ended = await fettle(args);
      expect(ended.code).not.toBe(0);
      const error = ended.events.find((event) => event.event === 'error')!;
      expect(error.message).toContain(`marked.jsonl:${BROKEN + 1}`);
      const taken = ended.events.filter((event) => event.event === 'step').length;
      expect(taken).toBeGreaterThan(0);
      expect(ended.events.filter((event) => event.event === 'checkpoint').at(-1)).toMatchObject({
        step: taken,
      });
    } finally {
      writeFileSync(config, before);
    }
  });
});
