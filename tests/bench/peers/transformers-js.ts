/**
 * Sorts the rows of a table with an exported ONNX folder in Transformers.js, and compares each category with Fettle's own:
 *
 *     npm i --ignore-scripts --prefix FOLDER @huggingface/transformers
 *     node tests/bench/peers/transformers-js.ts FOLDER EXPORT ROWS.csv SORTED.csv
 *
 * ROWS.csv has a column `text`; SORTED.csv is what `fettle classify` made of it, with a column of categories and one of scores. Nothing is
 * asked of the network. Ends with 1 where a category differs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';

const [library, exported, rows, sorted] = process.argv.slice(2);
if (!library || !exported || !rows || !sorted)
  throw new Error('usage: node tests/bench/peers/transformers-js.ts FOLDER EXPORT ROWS.csv SORTED.csv');

const package_ = path.resolve(library, 'node_modules/@huggingface/transformers');
const entry = path.join(package_, 'dist/transformers.node.mjs');
const { env, pipeline } = await import(pathToFileURL(entry).href);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(path.resolve(exported));

type Records = readonly Readonly<Record<string, string>>[];
const table = (file: string): Records => parse(fs.readFileSync(file), { columns: true });
const texts = table(rows).map(({ text }) => text!);
const known = table(sorted);
const categories = known.map((row) => row.category ?? row.answer ?? '');

const isRounded = fs.existsSync(path.join(exported, 'onnx/model_quantized.onnx'));
const sort = await pipeline('text-classification', path.basename(path.resolve(exported)), {
  dtype: isRounded ? 'q8' : 'fp32',
});
let [equal, drift] = [0, 0];
const began = process.cpuUsage();
for (const [i, text] of texts.entries()) {
  const [found] = (await sort(text)) as readonly { readonly label: string; readonly score: number }[];
  if (found!.label === categories[i]) equal++;
  const score = Number(known[i]!.score);
  if (found!.label === categories[i] && score > 0) drift = Math.max(drift, Math.abs(found!.score - score));
}
const { version } = JSON.parse(fs.readFileSync(path.join(package_, 'package.json'), 'utf8'));
const seconds = process.cpuUsage(began).user / 1e6;
process.stdout.write(
  `${JSON.stringify({ version, rows: texts.length, equal, scoreDrift: drift, seconds })}\n`,
);
process.exitCode = equal === texts.length ? 0 : 1;
