/** `fettle plan` on the practice model, whose graphs are priced for real, on a computer with as much free memory as the test says. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as extras from '../../../common/extras/executors.ts';
import { runCommand } from '../../../main/cli/cli.ts';
import { figuresText } from '../../../main/cli/plan/text.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { openStore } from '../../../main/store/open.ts';
import { fakeMeasured } from '../../helpers/fake-api/rates.ts';
import { machine } from '../../helpers/machines.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const here = vi.hoisted(() => ({ freeBytes: 16e9, hardware: vi.fn() }));
vi.mock('../../../main/cli/hardware.ts', () => ({ hardwareHere: here.hardware }));
vi.mock('../../../main/runs/fork.ts', async (original) => ({
  ...(await original<object>()),
  forkFile: (await import('../../helpers/engine-here.ts')).engineHere,
}));
vi.mock('../../../main/hardware/facts.ts', async (original) => ({
  ...(await original<object>()),
  freeMemory: Object.assign(() => here.freeBytes, { settled: async () => here.freeBytes }),
}));

const home = temporaryFolder();
beforeAll(() => {
  vi.stubEnv('FETTLE_HOME', home.folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  home.remove();
});
beforeEach(async () => {
  here.freeBytes = 16e9;
  const { world, folder } = machine('rtx-4090');
  here.hardware.mockResolvedValue({ ...(await probeHardware({ folder, world })), graphics: [] });
});

const FILES = ['--model', 'resources/practice-model', '--data', 'resources/samples/support-messages.jsonl'];

async function fettle(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = {
    out: { columns: 100, write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
  };
  const files = args.includes('--data') ? FILES.slice(0, 2) : FILES;
  const code = await runCommand(['plan', ...files, ...args], streams);
  return { code, out: out.join(''), err: err.join('') };
}

async function planned(...args: string[]) {
  const { out, err } = await fettle(...args, '--json');
  expect(out, err).not.toBe('');
  return JSON.parse(out);
}

/** A benchmark of so many operations a second, as `fettle hardware --bench` keeps it. */
async function measured(flops: number): Promise<void> {
  const store = await openStore();
  const facts = {
    ...{ processor: 'P', cores: 4, threads: 4, totalMemory: 32e9, freeMemory: 21e9, freeDisk: 1e12 },
    ...{ system: 'S', graphics: [], onBattery: null },
  };
  store.hardware.add({ ...facts, ...fakeMeasured('2026-09-15T12:00:00Z', flops) });
  store.close();
}

describe('fettle plan of rows that cannot all be used', () => {
  it('says beside the counts how many are left out, and why', async () => {
    const file = join(home.folder, 'some-bad.jsonl');
    const row = (i: number) => ({ prompt: `Say ${i}`, completion: i < 2 ? '' : `${i}` });
    const long = { prompt: 'again '.repeat(300), completion: 'yes' };
    const lines = [...Array.from({ length: 497 }, (_, i) => row(i)), long].map((one) => JSON.stringify(one));
    writeFileSync(file, [...lines, '{"prompt": ', '{}'].join('\n'));
    const args = ['--data', file, '--max-length', '64', '--on-bad-row', 'skip'];
    const { rows, heldOutRows, leftOut } = await planned(...args);
    expect([rows, heldOutRows, leftOut]).toEqual([445, 50, { unreadable: 4, tooLong: 1, empty: 0 }]);
    const { out } = await fettle(...args);
    expect(out).toMatch(
      /^Rows {5}445 rows to train on, 50 held out; .*\n {9}5 rows left out: unreadable \(4\), answer beyond the length limit \(1\)\n {9}limit of 64 tokens: [\d.]+% of all tokens and/,
    );
    expect((await fettle()).out).not.toContain('rows left out');
  });
});

describe('fettle plan of rows that a limit cuts', () => {
  it('has the warnings and the shares in its object, and nothing on stderr', async () => {
    const { out, err } = await fettle('--max-length', '16', '--json');
    const { rows, heldOutRows, cut, warnings, lengths } = JSON.parse(out);
    expect([rows + heldOutRows, err]).toEqual([4, '']);
    expect(cut).toMatchObject({ maxLength: 16, truncatedRows: 4, lostRows: 596 });
    expect(cut.labelledLost).toBeGreaterThan(0.99);
    expect(warnings).toEqual([
      { code: 'rows-truncated', message: '4 rows cut off at 16 tokens, 58 tokens in all.' },
      {
        code: 'rows-without-answer',
        message: '596 rows left out: the answer begins after 16 tokens.',
      },
    ]);
    expect(lengths.choices.at(-1)).toMatchObject({ maxLength: 128, rowsCut: 0, labelledLost: 0 });
    expect((await planned()).task).toBe('json');
  });

  it('counts the shares to the last token: what is left and what is lost is all that there was', async () => {
    const whole = await planned('--max-length', '128', '--held-out', '0');
    const some = await planned('--max-length', '50', '--held-out', '0');
    expect(whole.cut).toMatchObject({ truncatedRows: 0, lostRows: 0, tokensLost: 0, labelledLost: 0 });
    expect(some.tokens / whole.tokens).toBeCloseTo(1 - some.cut.tokensLost, 6);
    expect(some.labelledTokens / whole.labelledTokens).toBeCloseTo(1 - some.cut.labelledLost, 6);
    expect(some.rows).toBe(whole.rows - some.cut.lostRows);
    expect(some.cut.tokensLost).toBeGreaterThan(0.01);
  });

  it('says it in words, with the limits that lose less, and each warning once', async () => {
    const { out, err } = await fettle('--max-length', '50');
    expect(out).toMatch(
      /^ {9}\d+ rows cut off at 50 tokens.*: [\d.]+% of all tokens and [\d.]+% of what is learned are lost$/m,
    );
    expect(out).toMatch(/^ {11}--max-length 128: nothing is cut off$/m);
    expect(err.match(/rows? cut off at 50 tokens, /g)).toHaveLength(1);
    expect((await fettle()).out).toMatch(/^ {9}nothing is cut off at 128 tokens$/m);
  });
});

describe('fettle plan --propose', () => {
  it('shows the methods side by side, each setting with its reason, and the figures of the proposed run', async () => {
    const { code, out } = await fettle('--propose');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Methods {2}each with the settings that suit it best here; 16 GB of memory are free/,
    );
    for (const method of ['full  ', 'LoRA  ', 'QLoRA '])
      expect(out).toMatch(new RegExp(`^ {9}${method} .* needed: it fits; time not known;`, 'm'));
    expect(out).toMatch(/^ {16}Recommended\. Small enough to train fully/m);
    expect(out).toMatch(/^ {9}epochs 4 +4 passes over 600 rows/m);
    expect(out).toMatch(/^ {9}max-length 128 +Your longest row has/m);
    expect(out).toMatch(/^Train {4}npx fettle train --model resources\/practice-model .*--method full/m);
    expect(
      Math.max(
        ...out
          .split('\n')
          .filter((line) => !/^Train|^Rented/.test(line))
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(130);
  });

  it('gives the command of the very run whose figures it tells', async () => {
    const proposed = await planned('--propose', '--method', 'lora');
    expect(proposed.proposal.methods.map(({ method }: { method: string }) => method)).toEqual([
      'full',
      'lora',
      'qlora',
    ]);
    const [npx, name, train, ...flags] = proposed.command.split(' ');
    expect([npx, name, train]).toEqual(['npx', 'fettle', 'train']);
    // the files are there already
    const same = await planned(...flags.slice(4));
    const figures = ['steps', 'trainableParameters', 'peakRamBytes', 'rowsPerBatch', 'rowLength'] as const;
    for (const figure of figures) expect(same[figure]).toEqual(proposed[figure]);
    expect(same.proposal).toBeNull();
    expect(proposed.proposal.recommended).toBe('full');
  });

  it('changes nothing that a person has set', async () => {
    const { proposal, command } = await planned(
      '--propose',
      '--method',
      'lora',
      '--rank',
      '4',
      '--epochs',
      '2',
    );
    const { settings, whys } = proposal.methods[1].planned;
    expect([settings.rank, settings.epochs]).toEqual([4, 2]);
    expect([whys.rank.key, whys.epochs.key]).toEqual(['own', 'own']);
    expect(command).toMatch(/ --rank 4\b/);
    expect(command).toMatch(/ --epochs 2\b/);
  });

  it('ends in time where that is wished, with fewer passes', async () => {
    await measured(1e9);
    const best = await planned('--propose', '--wish', 'best-quality');
    const seconds = best.totalSeconds.high;
    const hours = String(seconds / 2 / 3600);
    const tonight = await planned('--propose', '--wish', 'tonight', '--hours', hours);
    expect(tonight.proposal.wish).toEqual({ kind: 'tonight', hours: Number(hours) });
    expect(tonight.totalSeconds.high).toBeLessThanOrEqual(seconds / 2);
    const { settings, whys } = tonight.proposal.methods[0].planned;
    expect([settings.epochs < 4, whys.epochs.key]).toEqual([true, 'epochs-time']);
    const { out } = await fettle('--wish', 'tonight', '--hours', hours);
    expect(out).toMatch(/^ {9}to end within .* hours, even where it is slower than expected$/m);
  });

  it.each([
    [['--wish', 'soon'], '--wish is best-quality or tonight; got "soon"'],
    [['--wish', 'tonight', '--hours', 'x'], '--hours must be a number'],
    [['--hours', '3'], 'Write --wish tonight --hours 3.'],
  ])('refuses %j', async (args, words) => {
    const { code, err } = await fettle(...args);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });
});

describe('fettle plan of what a run draws', () => {
  const POWER = ['--watts', '200', '--price-per-kwh', '0.5', '--currency', 'CHF'];

  it('says what is missing where it is not known', async () => {
    const { kwh, heat, watts } = await planned();
    expect([kwh, heat, watts]).toEqual([null, null, null]);
    expect((await fettle()).out).toMatch(/^Energy {3}not known: .*such as --watts 150$/m);
  });

  it('gives energy, money and heat by the power and the price that are named', async () => {
    await measured(1e11);
    const { kwh, cost, currency, heat, totalSeconds } = await planned(...POWER);
    expect(kwh.value).toBeCloseTo((200 * totalSeconds.value) / 3.6e6, 9);
    expect(cost.value).toBeCloseTo(kwh.value / 2, 9);
    expect([currency, heat]).toEqual(['CHF', { watts: 200, seconds: totalSeconds.value }]);
    const { out } = await fettle(...POWER);
    expect(out).toMatch(/^Energy .*Wh\): .* CHF, from 200 W and 0\.50 CHF per kWh$/m);
    expect(out).toMatch(/^ {9}all of it becomes heat in the room: as much as a heater of 200 W for /m);
  });

  it('takes what is set in the application, and flags over it', async () => {
    const store = await openStore();
    store.settings.set({ watts: 100, pricePerKwh: 0.25, currency: 'USD' });
    store.close();
    const { watts, pricePerKwh, currency } = await planned();
    expect([watts, pricePerKwh, currency]).toEqual([100, 0.25, 'USD']);
    expect(await planned('--watts', '50')).toMatchObject({ watts: 50, pricePerKwh: 0.25 });
  });

  it.each([
    ['--watts', '0'],
    ['--watts', 'many'],
    ['--price-per-kwh', '-1'],
    ['--currency', 'far too long'],
  ])('refuses %s %s', async (flag, value) => {
    // a value that begins with a dash has to be one word with its flag
    const { code, err } = await fettle(`${flag}=${value}`);
    expect(code).toBe(2);
    expect(err).toContain(flag);
  });
});

describe('fettle plan on a card that is not there', () => {
  it('says so, and that nobody can say whether the run fits there', async () => {
    const { out, err } = await fettle('--device', 'webgpu');
    expect(out).toMatch(/^ {9}Set by you\. No graphics card was found/m);
    expect(out).toMatch(/^Card .* of its memory; no card is known here, so nobody can say whether it fits/m);
    expect(err).toMatch(/warning: Nothing computes with --device webgpu here: No graphics card was found/);
    const { card, choice, warnings } = await planned('--device', 'webgpu');
    expect([card, warnings[0].code]).toEqual([null, 'no-card']);
    const offer = choice.offers.find(({ device }: { device: string }) => device === 'webgpu');
    expect([offer.usable, offer.reason]).toEqual([
      false,
      expect.stringContaining('No graphics card was found'),
    ]);
  });
});

describe('what fettle plan says of a time that is not known', () => {
  it.each(['reference', ...Object.keys(extras)])(
    'is not to measure what would not help: %s',
    async (executor) => {
      const { out } = await fettle('--executor', executor);
      expect(out).toContain(
        `Time     not known: the benchmark doesn't measure ${executor}; --probe measures this run with it\n`,
      );
      expect(out).not.toContain('hardware --bench');
    },
  );

  it('is to measure what the benchmark measures: ggml', async () => {
    const { out } = await fettle('--executor', 'ggml');
    expect(out).toContain(
      'Time     not known: measure it with `fettle hardware --bench --device ggml`, or add',
    );
  });

  it('says in what numbers it computes and why, where that was not named', async () => {
    const small = '32 bits are the most exact. Fewer bits gain no time in a model this small.';
    expect((await fettle()).out).toContain(`Numbers  ${small}\n`);
    expect(await planned()).toMatchObject({ precisionWhy: small });
    expect((await fettle('--precision', 'f32')).out).not.toContain('Numbers');
    expect(await planned('--precision', 'f32')).toMatchObject({ precisionWhy: null });
  });

  it('says of rented cards that loading is left out', async () => {
    expect((await fettle()).out).toMatch(/^Rented .*loading left out$/m);
    const price = madeUpPrice({ steps: 1e5, flops: 1e13 });
    const grounds = { rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0 };
    const figures = estimate(price, { ...grounds, residuals: { memory: [], step: [] } });
    const rows = { rows: 9, heldOutRows: 1, rowsPerBatch: 1, rowLength: 64 };
    const lines = figuresText({ ...price, ...rows } as never, figures, 1e9).join('\n');
    expect(lines).toMatch(/^Rented .* USD$/m);
    expect(lines).toContain('Loading, and the wait until a card is rented, are left out');
  });
});

describe('fettle plan of a run that does not fit', () => {
  it('says what would: the methods as they fit, and the command of the recommended one', async () => {
    here.freeBytes = 340e6;
    const { out } = await fettle('--method', 'full');
    expect(out).toMatch(/^Memory .* needed, 340 MB free: it DOES NOT FIT/m);
    expect(out).toMatch(/^ {9}full {3}\d+ MB needed: it fits/m);
    expect(out).toMatch(/^Train {4}npx fettle train .*--method full .*--tokens-per-micro-batch/m);
    const { fit, proposal, command } = await planned('--method', 'full');
    expect([fit, proposal.recommended]).toEqual(['too-big', 'full']);
    expect(command).toContain('--tokens-per-micro-batch');
  });

  it('says what comes nearest where no method fits, each with its flag', async () => {
    here.freeBytes = 280e6;
    const own = ['--method', 'full', '--tokens-per-micro-batch', '4096'];
    const { proposal, command } = await planned(...own);
    expect([proposal.recommended, command]).toEqual([null, null]);
    const kinds = proposal.nearest.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(['close-programs', 'micro-batch', 'length']);
    const { out } = await fettle(...own);
    expect(out).toMatch(/^Nearest {2}Close other programs to free \d+ MB\.$/m);
    const words =
      /Take (\d+) tokens at once: it needs \d+ MB and learns as well\. \((--tokens-per-micro-batch) \1\)/;
    const [, tokens, flag] = words.exec(out.replace(/\s+/g, ' '))!;
    // it is true
    const smaller = await planned('--propose', '--method', 'full', flag!, tokens!);
    expect(smaller.fit).not.toBe('too-big');
  });

  it('proposes nothing where the run fits, and says how to have it', async () => {
    expect(await planned()).toMatchObject({ fit: 'comfortable', proposal: null, command: null });
    expect((await fettle()).out).toMatch(/^Propose .*add --propose$/m);
  });
});
