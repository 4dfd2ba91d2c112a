/**
 * Ratings: a file in the data folder for each list of prompts. Its first line says what is rated, every other one what a person said of a
 * pair, written at once, so that nothing is lost however Fettle ends.
 */
import { randomInt } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { CallInput } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import {
  type Answerer,
  NewRating,
  type PromptSource,
  type RatingCounts,
  type RatingPiece,
  type RatingRow,
  type RatingSet,
} from '../../../common/extras/rating/calls.ts';
import type { ChatTurn } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { filesOf } from '../../app/answering.ts';
import type { Parts } from '../../app/parts.ts';
import { keep, shortId, UPLOADS } from '../../app/uploads.ts';
import { channel } from '../../changes.ts';

const FOLDER = 'ratings';
const MOST_PROMPTS = 2000;
/** How often a second answer that equals the first one is tried again. */
const TRIES = 3;

type Kept = Omit<RatingSet, keyof RatingCounts | 'id'>;

const Kept = NewRating.omit({ prompts: true }).extend({
  system: z.string().optional(),
  created: z.string(),
  prompts: z
    .array(z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1))
    .min(1),
});

/** What a person said of a pair; the prompts are taken in turn. */
const Rated = z.object({
  answers: z.tuple([z.string(), z.string()]),
  better: z.union([z.literal(0), z.literal(1), z.null()]),
});
type Rated = Readonly<z.infer<typeof Rated>>;

export async function createRating(parts: Parts, { prompts: from, ...asked }: NewRating): Promise<RatingSet> {
  for (const one of asked.answerers) modelFiles(parts, one);
  const prompts = await promptsFrom(parts, from);
  if (prompts.length === 0)
    throw new AppError(
      'no-prompts',
      say`No prompts were found there.`,
      say`Choose a file with one prompt a line, or with rows.`,
    );
  const [run] = asked.answerers.flatMap((one) => ('runId' in one ? [parts.store.runs.get(one.runId)] : []));
  const system = asked.system ?? (run?.config.system as string | undefined) ?? undefined;
  const kept: Kept = { ...asked, created: new Date().toISOString(), prompts: prompts.slice(0, MOST_PROMPTS) };
  const full = system === undefined ? kept : { ...kept, system };
  const id = shortId();
  await mkdir(path.join(parts.store.folder, FOLDER), { recursive: true });
  await writeFile(fileOf(parts, id), line(full), { flag: 'wx', mode: 0o600, flush: true });
  return { ...full, id, rated: 0, skipped: 0 };
}

export async function ratingList(parts: Parts): Promise<RatingRow[]> {
  const names = await readdir(path.join(parts.store.folder, FOLDER)).catch(() => []);
  const ids = names.flatMap((name) => /^([0-9a-f]+)\.jsonl$/.exec(name)?.[1] ?? []);
  const found = await Promise.all(
    ids.map(async (id): Promise<RatingRow[]> => {
      const opened = await open(parts, id).catch(() => null);
      if (opened === null) return [];
      const { name, created, prompts } = opened.kept;
      return [{ id, name, created, prompts: prompts.length, ...countsOf(opened.rated) }];
    }),
  );
  return found.flat().sort((a, b) => b.created.localeCompare(a.created));
}

export async function rating(parts: Parts, id: string): Promise<RatingSet> {
  const { kept, rated } = await open(parts, id);
  return { ...kept, id, ...countsOf(rated) };
}

/** The two answers of pair `number`, one after the other; which model is first is drawn, so that a person can't know. */
export async function* pair(
  parts: Parts,
  { id, number }: CallInput<'ratings', 'pair'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<RatingPiece> {
  const { kept } = await open(parts, id);
  const { answerers, temperature, maxNewTokens } = kept;
  const order = randomInt(2) === 0 ? answerers : answerers.toReversed();
  const messages = messagesOf(kept, number);
  const ask = async (place: 0 | 1, onText: (text: string) => void) => {
    const model = modelFiles(parts, order[place]!);
    const config = { ...model, messages, temperature, maxNewTokens, seed: randomInt(2 ** 31) };
    return (await parts.engine.generate(config, onText, signal)).text;
  };
  yield* channel<RatingPiece>(async (send) => {
    const first = await ask(0, (text) => send({ place: 0, text }));
    let second = await ask(1, (text) => send({ place: 1, text }));
    // what is never random is the same each time
    for (let tries = 1; second === first && tries < TRIES && temperature > 0; tries++) {
      second = await ask(1, () => {});
      if (second !== first) send({ place: 1, text: second, again: true });
    }
  });
}

export async function rate(
  parts: Parts,
  { id, number, answers, better }: CallInput<'ratings', 'rate'>,
): Promise<RatingCounts> {
  const { file, rated, end } = await open(parts, id);
  if (number !== rated.length)
    throw new AppError(
      'pair-was-rated',
      say`This pair has been rated in another window.`,
      say`Load the page again.`,
    );
  await truncate(file, end);
  await appendFile(file, line({ answers, better }), { flush: true });
  return countsOf([...rated, { answers, better }]);
}

export async function undoRating(
  parts: Parts,
  id: string,
): Promise<RatingCounts & { readonly answers: Rated['answers'] | null }> {
  const { file, rated, last } = await open(parts, id);
  if (rated.length > 0) await truncate(file, last);
  return { ...countsOf(rated.slice(0, -1)), answers: rated.at(-1)?.answers ?? null };
}

/** Writes the pairs with a better answer as `prompt`, `chosen` and `rejected`, texts where the prompt is one message. */
export async function exportRating(parts: Parts, id: string) {
  const { kept, rated } = await open(parts, id);
  const rows = rated.flatMap(({ answers, better }, number) => {
    if (better === null) return [];
    return [pairRow(messagesOf(kept, number), answers[better]!, answers[1 - better]!)];
  });
  if (rows.length === 0)
    throw new AppError('no-ratings', say`No pair is rated yet.`, say`Say of a pair which answer is better.`);
  const content = rows.map(line).join('');
  const file = await keep(path.join(parts.store.folder, UPLOADS), `${kept.name}.jsonl`, content);
  return { path: file, rows: rows.length, content };
}

export async function removeRating(parts: Parts, id: string): Promise<void> {
  await rm(fileOf(parts, id), { force: true });
}

function pairRow(messages: readonly ChatTurn[], chosen: string, rejected: string) {
  const [only, ...others] = messages;
  if (only?.role === 'user' && others.length === 0) return { prompt: only.content, chosen, rejected };
  const said = (content: string) => [{ role: 'assistant', content }];
  return { prompt: messages, chosen: said(chosen), rejected: said(rejected) };
}

function messagesOf({ system, prompts }: Kept, number: number): readonly ChatTurn[] {
  const prompt = prompts[number % prompts.length]!;
  const hasOwn = prompt[0]?.role === 'system';
  return system === undefined || hasOwn ? prompt : [{ role: 'system', content: system }, ...prompt];
}

function modelFiles({ store }: Parts, one: Answerer) {
  return 'runId' in one ? filesOf(store, { runId: one.runId }, one.from) : filesOf(store, one, 'before');
}

async function promptsFrom(
  { allowed, engine, store }: Parts,
  from: PromptSource,
): Promise<readonly (readonly ChatTurn[])[]> {
  if ('paths' in from) {
    await allowed.read(from.paths);
    return engine.prompts({ paths: from.paths, most: MOST_PROMPTS });
  }
  const assessed = store.assessments.get(store.runs.get(from.runId).id)?.answers?.answered ?? [];
  const prompts = new Set(assessed.map(({ prompt }) => prompt));
  return [...prompts].map((content) => [{ role: 'user', content }]);
}

const fileOf = ({ store }: Parts, id: string) =>
  path.join(store.folder, FOLDER, `${path.basename(id)}.jsonl`);
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

/** What is in the file, where its last rating begins (`last`) and where it ends: what comes behind was not written whole, and is none. */
async function open(parts: Parts, id: string) {
  const file = fileOf(parts, id);
  try {
    const content = await readFile(file);
    const end = content.lastIndexOf('\n') + 1;
    const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    const [first, ...others] = lines.map((one) => JSON.parse(one));
    const [kept, rated] = [Kept.parse(first), others.map((one) => Rated.parse(one))];
    return { file, kept: kept as Kept, rated, end, last: end - Buffer.byteLength(`${lines.at(-1)}\n`) };
  } catch (cause) {
    throw new AppError(
      'no-rating',
      say`These ratings are not here any more, or can't be read.`,
      say`Choose others, or start again.`,
      { cause },
    );
  }
}

function countsOf(rated: readonly Rated[]): RatingCounts {
  const better = rated.filter((one) => one.better !== null).length;
  return { rated: better, skipped: rated.length - better };
}
