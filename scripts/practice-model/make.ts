/**
 * Makes resources/practice-model from nothing but this repository: a corpus from the world's generator, a vocabulary
 * learned from it, random weights, one training run with Fettle's own engine, and a quiz that the model has not seen.
 *
 *   node scripts/practice-model/make.ts --work FOLDER            about 45 minutes on two cores
 *   node scripts/practice-model/make.ts --work FOLDER --resume   goes on with a training that was stopped
 *   node scripts/practice-model/make.ts --work FOLDER --finish   writes and measures what has been trained
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openDisplay } from '../../main/cli/display.ts';
import { trainInProcess } from '../../main/cli/engine-process.ts';
import { parseRunConfig } from '../../main/engine/config.ts';
import { writeCorpus } from './corpus.ts';
import { finish } from './finish.ts';
import { writeFreshModel } from './fresh-model.ts';

const TARGET = path.join(import.meta.dirname, '..', '..', 'resources', 'practice-model');

const { values } = parseArgs({
  options: {
    work: { type: 'string' },
    out: { type: 'string', default: TARGET },
    samples: { type: 'string', default: '165000' },
    rate: { type: 'string', default: '1e-3' },
    resume: { type: 'boolean', default: false },
    finish: { type: 'boolean', default: false },
  },
});
if (values.work === undefined) throw new Error('Name a folder for what is made on the way: --work FOLDER');
const work = values.work;
const at = (name: string) => path.join(work, name);
fs.mkdirSync(work, { recursive: true });

if (!values.resume && !values.finish) {
  const corpus = writeCorpus(work, Number(values.samples));
  console.log(
    `corpus: ${corpus.dialogues} dialogues, ${corpus.passages} passages, ${corpus.characters} characters`,
  );
  await writeFreshModel(at('fresh'), corpus.texts());
}

if (!values.finish) {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const display = openDisplay({ out: process.stdout, err: process.stderr }, false);
  const end = await trainInProcess({
    config: settings(),
    emit: (event) => display.show(event),
    stop: stop.signal,
    resume: values.resume,
  });
  display.show(end);
  display.close();
  if (end.event === 'stopped') process.exit(130);
}
await finish({ trained: at('run/model'), work, out: values.out });

function settings() {
  return parseRunConfig({
    model: at('fresh'),
    data: at('corpus.jsonl'),
    evalData: at('held-out.jsonl'),
    out: at('run'),
    method: 'full',
    trainOn: 'answers',
    assess: false,
    epochs: 1,
    learningRate: Number(values.rate),
    warmupRatio: 0.03,
    weightDecay: 0.05,
    beta2: 0.98,
    maxLength: 256,
    tokensPerMicroBatch: 1024,
    evalEvery: 1000,
    logEvery: 50,
    seed: 7,
  });
}
