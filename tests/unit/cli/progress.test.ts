import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { useLanguage } from '../../../common/words/language.ts';
import { advance, lasting, type Progress, statusLine, stepLine } from '../../../main/cli/progress.ts';
import { COLOURED, PLAIN } from '../../../main/cli/words.ts';
import { DONE, EVAL, START, step } from './sample-events.ts';

const soFar = (...events: EngineEvent[]) => events.reduce(advance, {} as Progress);
const RUNNING = soFar(START, step(149), EVAL, step(150));

describe('statusLine', () => {
  it('shows everything where there is room, and shorter on 80 columns', () => {
    expect(statusLine(RUNNING, 120, PLAIN)).toBe(
      '[###########-----------] step 150/300  loss 1.500  held-out 1.310  2 min left  1,235 tokens/s  1.9 GB',
    );
    expect(statusLine(RUNNING, 80, PLAIN)).toBe(
      '[####----] 150/300  loss 1.500  held-out 1.310  2 min left  1,235 tok/s  1.9 GB',
    );
  });

  it.each([0, 1, 10, 20, 40, 60, 79, 80, 100, 132, 200])('fits %d columns with one to spare', (width) => {
    expect(statusLine(RUNNING, width, PLAIN).length).toBeLessThan(Math.max(1, width));
  });

  it('leaves out what matters least first', () => {
    expect(statusLine(RUNNING, 60, PLAIN)).toBe(
      '[#####----] 150/300  loss 1.500  held-out 1.310  2 min left',
    );
    expect(statusLine(RUNNING, 50, PLAIN)).toBe('[######-----] 150/300  loss 1.500  held-out 1.310');
    expect(statusLine(RUNNING, 30, PLAIN)).toBe('[####---] 150/300  loss 1.500');
    expect(statusLine(RUNNING, 12, PLAIN)).toBe('150/300');
  });

  it('is coloured without taking more room', () => {
    const coloured = statusLine(RUNNING, 100, COLOURED);
    expect(coloured).toContain('\u001b[32m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(statusLine(RUNNING, 100, PLAIN));
  });

  it('shows a phase instead of the last step while it lasts', () => {
    const measuring = soFar(START, step(1), { event: 'phase', phase: 'evaluate', fraction: 0.25 });
    expect(statusLine(measuring, 80, PLAIN)).toBe('[######----------------] Measuring on test rows  25%');
    const loading = soFar({ event: 'phase', phase: 'load', detail: 'model.gguf' });
    expect(statusLine(loading, 80, PLAIN)).toBe('Loading the model (model.gguf)...');
    expect(statusLine(advance(measuring, EVAL), 80, PLAIN)).toContain('held-out 1.310');
  });

  it('is empty before anything happens', () => {
    expect(statusLine({}, 80, PLAIN)).toBe('');
  });

  it('keeps a phase when a warning comes in between', () => {
    const warned = soFar({ event: 'phase', phase: 'load' }, { event: 'warning', code: 'w', message: 'm' });
    expect(statusLine(warned, 80, PLAIN)).toBe('Loading the model...');
  });
});

describe('stepLine', () => {
  it('says a step in one line, without time left at the end', () => {
    expect(stepLine(soFar(step(1)))).toBe(
      '0%  step 1/300  loss 1.997  3 min 59 s left  1,235 tokens/s  1.9 GB',
    );
    expect(stepLine(soFar(step(300)))).toBe('100%  step 300/300  loss 1.000  1,235 tokens/s  1.9 GB');
  });

  it('shows the memory that a plan calls needed, and that of old runs as they recorded it', () => {
    expect(stepLine(soFar({ ...step(300), memoryBytes: 1.41e9 }))).toMatch(/ 1\.4 GB$/);
    expect(lasting({ ...DONE, peakMemoryBytes: 1.6e9 }, PLAIN)[2]).toMatch(/at most 1\.6 GB of memory$/);
  });

  it('says nothing of the time left before it is known', () => {
    expect(stepLine(soFar({ ...step(1), secondsLeft: null }))).not.toContain('left');
  });
});

describe('lasting', () => {
  it('describes the run before it starts', () => {
    expect(lasting(START, PLAIN)).toEqual([
      'Model    llama, 135M weights; training 4.9M of them (3.6%, lora)',
      'Data     540 rows to train on, 2 cut off, 60 held out; 81,234 tokens an epoch, 12,345 of them trained on',
      'Run      300 steps, on CPU, 8 threads (ort)',
    ]);
    expect(lasting({ ...START, stepsDone: 120 }, PLAIN)[2]).toContain('resuming after step 120');
  });

  it('says how many rows are left out, and why, in both languages', async () => {
    const of = (unreadable: number, tooLong: number, empty: number) =>
      lasting({ ...START, leftOut: { unreadable, tooLong, empty } }, PLAIN)[2]!.trim();
    expect(of(0, 0, 0)).toMatch(/^Run /);
    expect(of(0, 1, 0)).toBe('1 row left out: answer beyond the length limit');
    const all =
      '5 rows left out: unreadable (2), answer beyond the length limit (1), nothing to train on (2)';
    expect(of(2, 1, 2)).toBe(all);
    // of an older run, which counted what could not be read alone
    expect(lasting({ ...START, skippedRows: 3 }, PLAIN)[2]!.trim()).toBe('3 rows left out: unreadable');
    await useLanguage('de');
    try {
      expect(of(2, 1, 2)).toBe(
        '5 Zeilen weggelassen: unlesbar (2), Antwort hinter der Längengrenze (1), ohne Lernstoff (2)',
      );
    } finally {
      await useLanguage('en');
    }
  });

  it('tells the verdict with all its remarks', () => {
    const verdict = { sentence: 'The model learned.', remarks: ['A counter of words does as well.', 'b'] };
    const told = { ...verdict, learned: 'yes', forgot: 'nothing', report: '/runs/one/report.html' } as const;
    expect(lasting({ event: 'assessment', ...told }, PLAIN)).toEqual([
      'Verdict  The model learned.',
      '         A counter of words does as well.',
      '         b',
      'Report   /runs/one/report.html',
    ]);
  });

  it('tells the held-out loss, and how it changed', () => {
    expect(lasting(EVAL, PLAIN)).toEqual([
      'Held-out loss after step 150: 1.310 (perplexity 3.708, the best so far)',
    ]);
    expect(lasting({ ...EVAL, step: 0 }, PLAIN)).toEqual([
      'Held-out loss before training: 1.310 (perplexity 3.708)',
    ]);
    expect(lasting(DONE, PLAIN)).toEqual([
      'Done     300 steps in 4 min 20 s',
      'Held out loss 2.500 -> 1.250 (weights of step 280)',
      'Speed    1,240 tokens/s, 300,000 tokens trained, 3 s to the first step; at most 2.1 GB of memory',
      'Result   runs/first/adapter',
    ]);
  });

  it.each(['zh', 'ja'] as const)(
    'stays on one line of the terminal in %s, whose signs take two columns',
    async (code) => {
      await useLanguage(code);
      try {
        for (let width = 10; width <= 120; width++) {
          const line = statusLine(RUNNING, width, PLAIN);
          expect(line.length + (line.match(/[^\0-\xff]/g)?.length ?? 0)).toBeLessThan(width);
        }
        expect(statusLine(RUNNING, 120, PLAIN)).toMatch(/150.300.*1[.,]500/);
      } finally {
        await useLanguage('en');
      }
    },
  );

  it('speaks the language of the terminal, beside beginnings that scripts know', async () => {
    await useLanguage('de');
    try {
      expect(statusLine(RUNNING, 120, PLAIN)).toContain('Schritt 150/300  Loss 1,500  Testzeilen 1,310');
      expect(statusLine(RUNNING, 50, PLAIN)).toMatch(/\] 150\/300 {2}Loss 1,500/);
      expect(lasting(START, PLAIN)[2]).toBe('Run      300 Schritte, auf CPU, 8 threads (ort)');
      expect(lasting(DONE, PLAIN)[0]).toBe('Done     300 Schritte in 4 min 20 s');
    } finally {
      await useLanguage('en');
    }
  });

  it('knows no steps of a blend', () => {
    const blend = { of: 'runs/first', strength: 0.7 };
    expect(lasting({ ...START, steps: 0, blend }, PLAIN)[0]).toContain('4.9M of them blended');
    expect(lasting({ ...START, steps: 0, blend }, PLAIN)[2]).toBe(
      'Blend    0.7 of what runs/first has learned, the rest of the base model; on CPU, 8 threads (ort)',
    );
    const done = { ...DONE, steps: 0, bestStep: 0, trainedTokens: 0, seconds: 5 };
    expect(lasting(done, PLAIN)).toEqual([
      'Done     5 s',
      'Held out loss 2.500 -> 1.250',
      'Result   runs/first/adapter',
    ]);
  });

  it('says less where less is known', () => {
    const bare = { ...DONE, heldOutLoss: null, heldOutLossBefore: null, secondsToFirstStep: null };
    const text = lasting({ ...bare, reason: 'early-stopping' }, PLAIN).join('\n');
    expect(text).not.toContain('Held out');
    expect(text).not.toContain('first step');
    expect(text).toContain('early because the held-out loss no longer fell');
    expect(lasting({ ...bare, reason: 'finished-early' }, PLAIN)[0]).toContain('early because you asked');
    expect(lasting(bare, PLAIN)[0]).not.toContain('early');
  });

  it('shows what the model says now on one line', () => {
    const sample = {
      event: 'sample' as const,
      step: 10,
      prompt: 'Two\n  lines?',
      text: `Yes.\n${'a'.repeat(200)}`,
    };
    const [line, ...more] = lasting(sample, PLAIN);
    expect(more).toEqual([]);
    expect(line).toMatch(/^Says {5}Two lines\? -> Yes\. a+…$/);
    expect(line!.length).toBeLessThan(120);
  });

  it('says how to go on after a stop', () => {
    const resume = 'fettle train --out runs/first --resume';
    const lines = lasting({ event: 'stopped', step: 42, steps: 300, checkpoint: 'c', resume }, PLAIN);
    expect(lines).toEqual(['Stopped after step 42 of 300; everything is saved. To resume:', `  ${resume}`]);
  });
});
