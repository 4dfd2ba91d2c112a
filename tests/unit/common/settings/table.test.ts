/** What is wrong in a row is found: a value that nothing refuses, a flag that is another one's, a reason without words, a proposal that is refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as commands from '../../../../common/settings/commands.ts';
import { settingInfos } from '../../../../common/settings/form.ts';
import {
  choiceOf,
  fieldsFrom,
  fieldWords,
  hasField,
  LADDER,
  numberOf,
  plannedRow,
} from '../../../../common/settings/plan.ts';
import { whyWords } from '../../../../common/settings/reasons.ts';
import { refusalsIn, type Setting } from '../../../../common/settings/row.ts';
import { type PlanSettings, RUN_SETTINGS, settingOf } from '../../../../common/settings/table.ts';
import { flagOf, flagsOf } from '../../../../main/cli/arguments.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';

const ROWS: readonly Setting[] = RUN_SETTINGS;
const FILES = { model: 'm', data: 'd.jsonl', out: 'o', threads: 3 };
const named = ROWS.map((row) => [row.name, row] as const);

describe('a setting', () => {
  it.each(named)('%s is in the schema and refuses what it is not', (name) => {
    const [outer = '', leaf] = name.split('.');
    const wrong = (value: unknown) => ({ ...FILES, [outer]: leaf === undefined ? value : { [leaf]: value } });
    expect(() => parseRunConfig(wrong({ no: 'value' }))).toThrow(/must be/);
    expect(ROWS.filter((row) => row.name === name)).toHaveLength(1);
  });

  it('has a line that says what it does, and values to choose from', () => {
    const rows = [...ROWS, ...Object.values(commands).flat()] as readonly Setting[];
    for (const { name, about } of rows)
      expect([name, about.length > 5 && about.length < 90]).toEqual([name, true]);
    for (const { name, kind, choices, min, max } of settingInfos()) {
      if (kind === 'choice') expect([name, choices.length > 1]).toEqual([name, true]);
      if (kind === 'number' || kind === 'integer') expect([name, max! > min!]).toEqual([name, true]);
    }
  });

  it('is called by no flag, and by no name of other tools, that is another one’s', () => {
    const flags = flagsOf(ROWS).map(({ name }) => name);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { setting, alsoCalled = [] } of flagsOf(ROWS))
      for (const other of alsoCalled.filter((name) => flags.includes(name)))
        expect([setting!.name, other]).toEqual([setting!.name, flagOf(setting!)]);
  });
});

/** Settings as they were given, and the whole run.json that an earlier version made of them. */
const RECORDED = JSON.parse(
  readFileSync(new URL('../../../fixtures/default-runs.json', import.meta.url), 'utf8'),
) as { readonly given: object; readonly parsed: object }[];
/** Settings that there were then: later ones may stand beside them. */
const THEN = new Set(RECORDED.flatMap(({ parsed }) => Object.keys(parsed)));

describe('a parsed configuration', () => {
  it.each(RECORDED.map((one) => [JSON.stringify(one.given), one] as const))(
    'means what it meant: %s',
    (_, { given: named, parsed }) => {
      const config = parseRunConfig({ ...FILES, ...named });
      expect(Object.fromEntries(Object.entries(config).filter(([name]) => THEN.has(name)))).toEqual(parsed);
      expect(parseRunConfig(parsed)).toStrictEqual(config);
      expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toStrictEqual(config);
    },
  );

  it('has its settings in the order of the table', () => {
    const order = [...new Set(ROWS.map(({ name }) => name.split('.')[0]!))];
    const config = parseRunConfig({ seed: 1, epochs: 2, bits: 8, method: 'qlora', ...FILES });
    expect(Object.keys(config)).toEqual(order.filter((name) => name in config));
  });
});

it.each(Object.entries(commands))('%s has each flag once', (_, rows: readonly Setting[]) => {
  expect(new Set(flagsOf(rows).map(({ name }) => name)).size).toBe(rows.length);
});

const PLAN = {
  ...{ method: 'full', device: 'cpu', executor: 'ort', rank: null, maxLength: 1024, epochs: 3 },
  ...{ tokensPerMicroBatch: 1024, gradientAccumulation: 1, learningRate: 2e-5, weightDecay: 0.01 },
  ...{ warmupRatio: 0.03, heldOut: 0.1, recompute: 'block', optimizer: 'adamw', bits: null, quant: null },
  ...{ precision: 'f32', masterBits: null },
} as PlanSettings;

describe('a setting of a plan', () => {
  it.each(fieldsFrom())('%s has words, and reasons for each of its rules', (field) => {
    expect(fieldWords(field, PLAN)).not.toMatch(/undefined|NaN|null/);
    const { plan } = plannedRow(field);
    for (const method of ['full', 'lora', 'qlora'] as const)
      for (const flag of [true, false]) {
        const facts = {
          method,
          isHalved: flag,
          int8Gain: flag ? 1.7 : null,
          isWhole: flag,
          parameters: 1e9,
          settings: { ...PLAN, method, bits: 4 },
        };
        const usual = plan.usual?.(facts);
        if (!usual) continue;
        expect(plan.values).toContain(usual.value);
        expect(whyWords({ key: usual.why, numbers: usual.numbers ?? {} } as never)).toMatch(/\.$/);
      }
  });

  it('can be set where it has a control, by values that a run takes', () => {
    for (const field of fieldsFrom()) {
      const number = numberOf(field);
      if (number) expect(settingOf(number.name)).toBeDefined();
      const choice = hasField(field, PLAN) ? choiceOf(field, PLAN) : null;
      for (const { value } of choice?.options ?? []) {
        const settings = { ...FILES, method: 'full', [field]: choice!.setting(value) };
        expect(() => parseRunConfig(settings)).not.toThrow();
        for (const other of choice!.without(value)) expect(settingOf(other)).toBeDefined();
      }
    }
  });

  it('takes less memory on rungs of their own, each with a reason and a few words', () => {
    const rungs = LADDER.map(({ rung }) => rung);
    expect(new Set(rungs).size).toBe(rungs.length);
    for (const { field, degrees } of LADDER)
      for (const { value, why, short } of degrees) {
        expect(plannedRow(field).plan.reasons).toHaveProperty([why]);
        expect(short.length).toBeLessThan(30);
        if (value !== undefined && plannedRow(field).plan.values)
          expect(plannedRow(field).plan.values).toContain(value);
      }
  });

  it('goes on after a failure with settings that a run takes', () => {
    const rescued = ROWS.filter(({ rescue }) => rescue);
    expect(rescued.length).toBeGreaterThan(1);
    for (const { name, rescue, allowed } of rescued) {
      const config = parseRunConfig({ ...FILES, method: 'full', recompute: 'block' });
      const failed = {
        tokensAtOnce: 64,
        leastTokensAtOnce: 32,
        onProcessor: true,
        value: undefined,
        tries: 0,
      };
      const changes: Readonly<Record<string, unknown>> = rescue!.next(config, failed)?.changes ?? {};
      expect(Object.keys(changes).every((key) => key === name)).toBe(true);
      expect(refusalsIn(allowed?.(changes[name] as never, config) ?? null)).toEqual([]);
      expect(() => parseRunConfig({ ...config, ...changes })).not.toThrow();
    }
  });
});
