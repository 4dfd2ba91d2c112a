/**
 * How many rows a sorter's strength is to be chosen on: `node tests/bench/strength-rows.ts --data FOLDER --encoder FOLDER [--rows N]`. Of
 * Banking77, the strength that three folds of so many rows choose, and how many test rows each strength gets right, learned from all.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { likeliest } from '../../main/engine/eval/generator.ts';
import { crossed, STRENGTHS } from '../../main/engine/eval/rivals/logistic.ts';
import { headRows, headScores, trainHead } from '../../main/engine/eval/rivals/vector-head.ts';
import { countedRows, countedScores, trainCounter } from '../../main/engine/eval/rivals/word-counts.ts';
import { openTextVectors } from '../../main/engine/eval/vectors/vectors.ts';
import { Rng } from '../../main/rows/rng.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    encoder: { type: 'string' },
    rows: { type: 'string', default: '4000' },
  },
});
const { data, encoder } = values;
if (!data || !encoder) throw new Error('Give --data FOLDER and --encoder FOLDER.');

const CHOSEN_ON = [300, 600, 1200, 2400];
const SEEDS = [0, 1, 2];

interface Row {
  readonly text: string;
  readonly label: string;
}
const read = (name: string): Row[] =>
  parse(fs.readFileSync(path.join(data, name)), { fromLine: 2 }).map(([text, label]: string[]) => ({
    text: text!,
    label: label!,
  }));
const shuffled = <T>(all: readonly T[], seed: number) =>
  Array.from(Rng.fromSeed(seed).shuffle(Uint32Array.from(all.keys())), (at) => all[at]!);
const taught = shuffled(read('banking77_train.csv'), 7).slice(0, Number(values.rows));
const asked = read('banking77_test.csv');

const open = await openTextVectors(encoder, 1);
const vectorsOf = (rows: readonly Row[]) => open.of(rows.map(({ text }) => text));
const [own, others] = [await vectorsOf(taught), await vectorsOf(asked)];
await open.close();

const labels = taught.map(({ label }) => label);
const ways = {
  words: {
    rows: countedRows(taught),
    learned: (strength: number) => {
      const counter = trainCounter(taught, { strength });
      const scores = countedScores(
        counter,
        asked.map(({ text }) => text),
      );
      return scores.map((one) => counter.labels[likeliest(one)]);
    },
  },
  vectors: {
    rows: headRows((row) => own[row]!, labels),
    learned: (strength: number) => {
      const head = trainHead(own, labels, { strength });
      return headScores(head, others).map((one) => head.labels[likeliest(one)]);
    },
  },
};
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const [way, { rows, learned }] of Object.entries(ways)) {
  for (const count of CHOSEN_ON.filter((one) => one < taught.length))
    for (const seed of SEEDS) {
      const order = Rng.fromSeed(seed).shuffle(Uint32Array.from(taught.keys())).slice(0, count);
      const began = process.cpuUsage();
      const { strength } = crossed(order, rows.wanted, rows.labels.length, rows.foldOf);
      print({ way, count, seed, strength, seconds: process.cpuUsage(began).user / 1e6 });
    }
  for (const strength of STRENGTHS) {
    const right = learned(strength).filter((label, i) => label === asked[i]!.label).length;
    print({ way, strength, right: right / asked.length });
  }
}
