/** Encoders on every executor against Transformers (make/make_encoders.py), and every key of their config.json. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.ts';
import type { Executor, Program } from '../../main/engine/exec/executor.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { printGraph } from '../../main/engine/ir/graph.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { encoderOutline } from '../../main/engine/models/encoder.ts';
import { ENCODERS, encoderKeysNotKnown, readEncoder } from '../../main/engine/models/encoders.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { readJson } from './case.ts';
import {
  checkEncoder,
  encoderFeeds,
  encoderGraph,
  encoderWeights,
  readEncoderBatch,
} from './check-encoder.ts';
import { passes } from './compare.ts';

const DATA = path.join(import.meta.dirname, 'data', 'encoders');
const CASES = readdirSync(DATA);

describe.each(EXACT_EXECUTORS)('on the executor %s', (name) => {
  it.each(CASES)('%s equals Transformers', async (one) => {
    const lines = await checkEncoder(path.join(DATA, one), await openExecutor(name, { threads: 1 }));
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });
});

interface KeyCase {
  readonly set: JsonObject;
  readonly effect: 'same' | 'unit' | 'shapes' | 'refused';
  readonly unit?: readonly number[];
}

interface Tried {
  readonly same: Readonly<Record<string, readonly JsonObject[string][]>>;
  readonly cases: readonly KeyCase[];
}

const FAMILIES = CASES.filter((name) => !name.includes('-'));

it('every family has cases', async () => {
  const types = await Promise.all(CASES.map(async (name) => (await configOf(name)).model_type));
  expect(ENCODERS.map(({ type }) => type).filter((type) => !types.includes(type))).toEqual([]);
});

const configOf = (name: string) => readJson<JsonObject>(path.join(DATA, name), 'config.json');

describe.each(FAMILIES)('the keys of %s', (name) => {
  it('are read as Transformers reads them, or refused by name', async () => {
    const folder = path.join(DATA, name);
    const base = await configOf(name);
    const { same, cases } = await readJson<Tried>(folder, 'keys.json');
    const executor = await openExecutor('ort', { threads: 1 });
    const vectors = new Vectors(folder, base, executor);
    const faults: string[] = [];
    const all = [
      ...Object.entries(same).flatMap(([key, values]) =>
        values.map((value): KeyCase => ({ set: { [key]: value }, effect: 'same' })),
      ),
      ...cases,
    ];
    expect(all.length).toBeGreaterThan(90);
    const own = await vectors.of(base);
    for (const { set, effect, unit } of all) {
      const found = await vectors.of({ ...base, ...set }).catch((error: unknown) => {
        if (error instanceof AppError) return error.message;
        throw error;
      });
      const key = Object.keys(set)[0]!;
      const wanted = effect === 'same' ? own : unit;
      const isOff = (vector: readonly number[]) =>
        wanted === undefined
          ? effect === 'shapes'
          : wanted.some((x, i) => !(Math.abs(x - vector[i]!) <= 1e-5));
      const isNamed = (message: string) => message.includes(key) || message.includes(String(set[key]));
      const fault =
        typeof found === 'string'
          ? (effect === 'same' || effect === 'unit') && !isNamed(found) && found
          : isOff(found) && `gives ${found.slice(0, 3).join(' ')}`;
      if (fault) faults.push(`${JSON.stringify(set)} (${effect}): ${fault}`);
    }
    await vectors.release();
    expect(faults).toEqual([]);
  });

  it('are all known, and others are named', async () => {
    const base = await configOf(name);
    const { same } = await readJson<Tried>(path.join(DATA, name), 'keys.json');
    const named = Object.entries(same).flatMap(([key, values]) =>
      values.flatMap((value) => unknownIn({ ...base, [key]: value })),
    );
    expect([...new Set([...encoderKeysNotKnown(base), ...named])]).toEqual([]);
    expect(encoderKeysNotKnown({ ...base, attention_twist: 2 })).toEqual(['attention_twist']);
  });
});

/** Nothing of a configuration that is refused. */
function unknownIn(config: JsonObject): readonly string[] {
  try {
    return encoderKeysNotKnown(config);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** The vector of the first row under changed configurations; "shapes" where the file has tensors of other sizes. */
class Vectors {
  readonly #folder: string;
  readonly #base: JsonObject;
  readonly #executor: Executor;
  readonly #programs = new Map<string, Promise<Program>>();

  constructor(folder: string, base: JsonObject, executor: Executor) {
    this.#folder = folder;
    this.#base = base;
    this.#executor = executor;
  }

  async of(config: JsonObject): Promise<number[]> {
    const encoder = readEncoder(config);
    const shapes = (one: JsonObject) =>
      JSON.stringify(
        [...encoderOutline(readEncoder(one)).parameters].map(([name, { shape }]) => [name, shape]),
      );
    if (shapes(config) !== shapes(this.#base))
      throw new AppError('shapes', Object.keys(config).join(' '), '');
    const batch = await readEncoderBatch(this.#folder);
    const { graph } = encoderGraph(encoder, batch, false);
    const key = printGraph(graph);
    const program = this.#programs.get(key) ?? this.#executor.compile(graph);
    this.#programs.set(key, program);
    const feeds = {
      ...encoderFeeds(encoder, batch, 'mean'),
      ...(await encoderWeights(this.#folder, this.#base)),
    };
    const { outputs } = await (await program).run(feeds);
    return Array.from((outputs.unit as Float32Array).subarray(0, 12));
  }

  async release(): Promise<void> {
    for (const program of this.#programs.values()) await (await program).release();
  }
}
