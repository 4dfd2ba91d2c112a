/**
 * What finds by meaning, on real rows: `node tests/extras/find/bench.ts --data FOLDER --encoder FOLDER` trains on 500 pairs of E2E, with
 * and without hard negatives, and a reranker; then it indexes 20,000 passages and asks them. `--only train` or `search` does a part.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { ndcg } from '../../../common/ranking.ts';
import { askHere } from '../../../main/app/work-here.ts';
import { mean } from '../../../main/engine/eval/assess/statistics.ts';
import { Asking } from '../../../main/extras/find/asking.ts';
import { withIndex } from '../../../main/extras/find/finder.ts';
import { indexPath } from '../../../main/extras/find/index-file.ts';
import { updateIndex } from '../../../main/extras/find/indexing.ts';
import { judgeFinding } from '../../../main/extras/find/judging.ts';
import { dataFolder } from '../../../main/paths.ts';
import { Rng, streamSeed } from '../../../main/rows/rng.ts';
import type { EngineCalls } from '../../../main/runs/engine-calls.ts';
import { metered } from '../../bench/meter.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    encoder: { type: 'string' },
    only: { type: 'string', default: 'train,search' },
    work: { type: 'string', default: path.join(os.tmpdir(), 'fettle-find') },
    seeds: { type: 'string', default: '1,2' },
    python: { type: 'string', default: process.env.FETTLE_PEER_PYTHON ?? '' },
  },
});
const { data, encoder, work } = values;
if (!data || !encoder) throw new Error('Give --data FOLDER and --encoder FOLDER.');

const BIN = path.join(import.meta.dirname, '../../../bin/fettle.js');
const TAUGHT = 500;
const ASKED = 150;
/** Test queries whose passages the reranker reads: of each about 60, for seconds. */
const REREAD = 60;
const PASSAGES = 20_000;
/** Passages that the peer reads: it is slower, and its speed is the same for each. */
const PEER_PASSAGES = 4000;
const QUESTIONS = 40;

/** One thread, so that processor seconds are those of one core. */
process.env.OMP_NUM_THREADS = '1';
process.env.FETTLE_HOME = path.join(work, 'home');
fs.mkdirSync(work, { recursive: true });

const rows = <Row>(name: string) =>
  parse(fs.readFileSync(path.join(data, `${name}.csv`)), { columns: true }) as Row[];
const shuffled = <T>(all: readonly T[]): T[] =>
  Array.from(Rng.fromSeed(streamSeed(1, 'bench')).shuffle(Uint32Array.from(all.keys())), (at) => all[at]!);

const only = values.only.split(',');
if (only.includes('train')) console.log(JSON.stringify(await trained(), null, 1));
if (only.includes('search')) console.log(JSON.stringify(await searched(), null, 1));

interface Pair {
  readonly query: string;
  readonly passage: string;
}

/** Whole queries, until there are so many rows. */
function taken(queries: (readonly Pair[])[], most: number): Pair[] {
  const found: Pair[] = [];
  while (found.length < most && queries.length > 0) found.push(...queries.shift()!);
  return found;
}

async function trained() {
  const pairs = rows<{ readonly attributes: string; readonly description: string }>('e2e_train').map(
    ({ attributes, description }): Pair => ({ query: attributes, passage: description }),
  );
  const queries = shuffled([...Map.groupBy(pairs, ({ query }) => query).values()]);
  const [taught, held] = [taken(queries, TAUGHT), queries.slice(0, ASKED).flat()];
  const files = { data: path.join(work, 'taught.jsonl'), eval: path.join(work, 'held.jsonl') };
  const lines = (all: readonly Pair[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
  fs.writeFileSync(files.data, lines(taught));
  fs.writeFileSync(files.eval, lines(held));
  const costs: Record<string, object> = {};
  const train = async (command: string, name: string, flags: readonly string[]) => {
    const out = path.join(work, name);
    if (!fs.existsSync(out)) {
      const asked = ['--data', files.data, '--model', encoder!, '--out', out, '--threads', '1'];
      // measured below, all of them together
      const { cost } = await metered(process.execPath, [BIN, command, ...asked, '--held-out', '0', ...flags]);
      fs.writeFileSync(path.join(out, 'cost.json'), JSON.stringify(cost));
    }
    costs[name] = JSON.parse(fs.readFileSync(path.join(out, 'cost.json'), 'utf8')) as object;
    return { name, path: out };
  };
  const ways = [{ name: 'before', path: path.resolve(encoder!) }];
  for (const seed of values.seeds.split(','))
    for (const negatives of [0, 2])
      ways.push(
        await train('vectors', `vectors-${negatives}-${seed}`, [
          ...['--seed', seed, '--hard-negatives', String(negatives)],
        ]),
      );
  const reranker = await train('reranker', 'reranker', ['--seed', '1']);
  const asked = [...Map.groupBy(held, ({ query }) => query)].map(([question, same]) => ({
    question,
    passages: same.map(({ passage }) => passage),
  }));
  const others = taught.map(({ passage }) => passage);
  return await askHere(async (engine) => {
    const io = { engine, tell: () => {} };
    const judged = await judgeFinding(asked, { encoders: ways }, io, others);
    const each = new Map(judged.by.map((way, i) => [way.encoder ?? 'words', judged.each[i]!]));
    const reread = await rereadBy(engine, reranker, {
      asked: asked.slice(0, REREAD),
      all: asked,
      others,
      encoders: [ways[0]!, ways[1]!],
    });
    for (const [name, values] of reread) each.set(name, values);
    // beside the same queries
    for (const name of ['words', 'before', 'vectors-0-1'])
      each.set(`${name}, ${REREAD} queries`, each.get(name)!.slice(0, REREAD));
    const figures = Object.fromEntries([...each].map(([name, all]) => [name, mean(all, 1, [0, 1])]));
    const lead = (name: string, before: string) =>
      mean(
        each.get(name)!.map((value, i) => value - each.get(before)![i]!),
        1,
      );
    return {
      ...{ taught: taught.length, asked: asked.length, passages: judged.passages, costs, figures },
      leads: {
        ...Object.fromEntries(
          values.seeds
            .split(',')
            .map((seed) => [`hard negatives, seed ${seed}`, lead(`vectors-2-${seed}`, `vectors-0-${seed}`)]),
        ),
        'reranker after what was trained': lead('reranked vectors-0-1', `vectors-0-1, ${REREAD} queries`),
      },
    };
  });
}

type Encoder = { readonly name: string; readonly path: string };

/** nDCG@10 of the reranker's order of the 20 best of words, of each encoder, and of words and each encoder together. */
async function rereadBy(
  engine: EngineCalls,
  reranker: Encoder,
  given: {
    readonly asked: Parameters<typeof judgeFinding>[0];
    readonly all: Parameters<typeof judgeFinding>[0];
    readonly others: readonly string[];
    readonly encoders: readonly Encoder[];
  },
): Promise<Map<string, number[]>> {
  const each = new Map<string, number[]>();
  const folder = fs.mkdtempSync(path.join(work, 'reread-'));
  const texts = [...new Set([...given.all.flatMap(({ passages }) => passages), ...given.others])];
  fs.writeFileSync(
    path.join(folder, 'texts.jsonl'),
    texts.map((text) => `${JSON.stringify({ text })}\n`).join(''),
  );
  await withIndex(path.join(work, 'reread.db'), folder, async (index) => {
    await updateIndex(index, { folder, encoders: given.encoders }, { engine, tell: () => {} });
    const asking = new Asking(engine);
    for (const { question, passages } of given.asked) {
      const words = index.byWords(question, 20).map(({ id }) => id);
      const near = new Map<string, number[]>([['words', words]]);
      for (const one of given.encoders) {
        const found = await asking.byMeaning(index, question, one, { most: 20 });
        near.set(
          one.name,
          found.map(({ id }) => id),
        );
        near.set(`words and ${one.name}`, [...new Set([...words, ...near.get(one.name)!])]);
      }
      const stored = index.passages([...new Set([...near.values()].flat())]);
      const scores = await engine.rerank(
        { reranker: reranker.path, question, passages: stored.map(({ text }) => text) },
        {},
      );
      const byId = new Map(stored.map(({ id, text }, i) => [id, { text, score: scores[i]! }]));
      for (const [name, ids] of near) {
        const order = ids.map((id) => byId.get(id)!).sort((a, b) => b.score - a.score);
        const gains = order.map(({ text }) => (passages.includes(text) ? 1 : 0));
        const value = ndcg(
          gains,
          passages.map(() => 1),
        );
        each.set(`reranked ${name}`, [...(each.get(`reranked ${name}`) ?? []), value]);
      }
    }
  });
  return each;
}

/** Questions of a bank and sentences about restaurants, and, since these are fewer, two questions that are one passage. */
function manyPassages(): string[] {
  const bank = [...rows<{ text: string }>('banking77_train'), ...rows<{ text: string }>('banking77_test')];
  const restaurants = ['e2e_train', 'e2e_test'].flatMap((name) => rows<{ description: string }>(name));
  const single = [
    ...new Set([...bank.map(({ text }) => text), ...restaurants.map((one) => one.description)]),
  ];
  const mixed = shuffled(bank.map(({ text }) => text));
  const double = mixed.slice(1).map((text, i) => `${mixed[i]!} ${text}`);
  return [...new Set([...single, ...double])].slice(0, PASSAGES);
}

async function searched() {
  const texts = manyPassages();
  const folder = path.join(work, 'passages');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, 'texts.jsonl'),
    texts.map((text) => `${JSON.stringify({ text })}\n`).join(''),
  );
  const own = { name: 'encoder', path: path.resolve(encoder!) };
  const file = indexPath(dataFolder(), folder);
  fs.rmSync(file, { force: true });
  const { cost } = await metered(process.execPath, [BIN, 'find', folder, '--encoder', own.path]);
  const fettle = await askHere((engine) =>
    withIndex(file, folder, async (index) => {
      const asking = new Asking(engine);
      const asked = shuffled(rows<{ text: string }>('banking77_test')).slice(0, QUESTIONS + 2);
      const times: { readonly words: number; readonly meaning: number }[] = [];
      for (const { text } of asked) {
        const [words, meaning] = await asking.ask(index, text, { encoders: [own], most: 10 });
        times.push({ words: words!.ms, meaning: meaning!.ms });
      }
      // the first loads the vectors
      const kept = times.slice(2);
      const median = (of: (one: (typeof kept)[number]) => number, share = 0.5) =>
        kept.map(of).sort((a, b) => a - b)[Math.floor(share * kept.length)]!;
      const { passages } = index.counts();
      return {
        ...{ passages, passagesPerProcessorSecond: passages / cost.processorSeconds! },
        ...{ firstMs: times[0]!.meaning, wordsMs: median((one) => one.words) },
        ...{ meaningMs: median((one) => one.meaning), slowMs: median((one) => one.meaning, 0.95) },
        ...{ load: os.loadavg()[0], bytes: fs.statSync(file).size },
      };
    }),
  );
  if (!values.python) return { cost, fettle };
  const some = shuffled(texts).slice(0, PEER_PASSAGES);
  const asked = path.join(work, 'peer.json');
  fs.writeFileSync(asked, JSON.stringify({ passages: some, threads: 1 }));
  const script = path.join(import.meta.dirname, '../../bench/peers/vectors_speed.py');
  const { said } = await metered(values.python, [script, encoder!, asked]);
  return { cost, fettle, peer: JSON.parse(said.trim().split('\n').at(-1)!) as object };
}
