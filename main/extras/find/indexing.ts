/** Brings the index of a folder up to date: reads what is new or changed, forgets what is gone, and has encoders read the passages. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { IndexNews, IndexResult, ReadByEncoder } from '../../../common/extras/find/calls.ts';
import { say } from '../../../common/words/language.ts';
import { areEnglish } from '../../../common/words/text-language.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { contentHash, type FolderFile, folderFiles, type LeftOut } from './folder-files.ts';
import { type EncoderKnown, type FolderIndex, requireRoom } from './index-file.ts';

/** Words of a passage: what most encoders read at once, and what a person reads at a glance. */
export const PASSAGE_WORDS = 120;
/** Passages that are read by an encoder at once: enough for full speed, and not lost when it is stopped. */
const AT_ONCE = 256;
/** Of a look: the first ones start the encoder, the others tell its speed. */
const LOOK: readonly number[] = [16, 48];
/** Passages that tell the language of a folder. */
const TOLD_BY = 100;
/** A file that was changed so shortly before it was read may change again and keep its time and size. Milliseconds. */
const RECENT_MS = 3000;
/** A time that no file has. */
const UNSETTLED = -1;

export interface IndexAsked {
  readonly folder: string;
  /** Folders of encoders, with their names; none: for words alone. */
  readonly encoders: readonly { readonly path: string; readonly name: string }[];
  /** Whether encoders read only so much that their speed is known. */
  readonly isLook?: boolean | undefined;
}

interface IndexIo {
  readonly engine: Pick<EngineCalls, 'passages' | 'vectors'>;
  readonly signal?: AbortSignal | undefined;
  tell(news: IndexNews): void;
}

/** Ends early with the reason of `signal`; what is read by then is kept, and the next time goes on from there. */
export async function updateIndex(
  index: FolderIndex,
  { folder, encoders, isLook }: IndexAsked,
  io: IndexIo,
): Promise<IndexResult> {
  const leftOut = await updateFiles(index, folder, io);
  const read = [];
  for (const encoder of encoders) read.push(await readPassages(index, encoder, io, isLook));
  const isEnglish = areEnglish(index.first(TOLD_BY));
  return { ...index.counts(), leftOut, isEnglish, read };
}

async function updateFiles(
  index: FolderIndex,
  folder: string,
  { engine, signal, tell }: IndexIo,
): Promise<readonly LeftOut[]> {
  const { files, leftOut } = await folderFiles(folder, signal);
  const there = new Set(files.map((file) => file.path));
  const known = new Map(index.files().map((file) => [file.path, file]));
  index.remove([...known.values()].flatMap(({ id, path: one }) => (there.has(one) ? [] : [id])));
  const refused: LeftOut[] = [...leftOut];
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const file of files) {
    signal?.throwIfAborted();
    tell({ kind: 'files', name: file.path, done, total });
    const why = await updateFile(index, folder, file, known.get(file.path), { engine, signal });
    if (why !== null) refused.push({ path: file.path, why });
    requireRoom(index.counts().passages);
    done += file.bytes;
  }
  return refused;
}

/** Why the file can't be searched in; null where it can. */
async function updateFile(
  index: FolderIndex,
  folder: string,
  file: FolderFile,
  known: ReturnType<FolderIndex['files']>[number] | undefined,
  { engine, signal }: Pick<IndexIo, 'engine' | 'signal'>,
): Promise<string | null> {
  if (known?.bytes === file.bytes && known.changed === file.changed) return null;
  const whole = path.join(folder, file.path);
  const changed = Date.now() - file.changed < RECENT_MS ? UNSETTLED : file.changed;
  try {
    const hash = await contentHash(whole, signal);
    if (known?.hash === hash) index.touched(known.id, { bytes: file.bytes, changed });
    else {
      const found = await engine.passages({ file: whole, words: PASSAGE_WORDS }, { signal });
      index.put({ ...file, changed, hash }, found);
      if (found.isCut) return say`Only its first part is searched: it is too long.`;
    }
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof AppError) || isOurs(error)) throw error;
    if (known) index.remove([known.id]);
    return error.message;
  }
}

/** What is no fault of the file. */
const isOurs = ({ code }: AppError) => /^(store-|disk-|data-folder)/.test(code);

/** Has an encoder read the passages that it has not read. */
export async function readPassages(
  index: FolderIndex,
  { path: encoder, name }: IndexAsked['encoders'][number],
  { engine, signal, tell }: IndexIo,
  isLook = false,
): Promise<ReadByEncoder> {
  const of = await knownEncoder(index, { path: encoder, name }, engine, signal);
  const total = index.unreadCount(of.id);
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let [done, perSecond] = [0, 0];
  for (let turn = 0; ; turn++) {
    signal?.throwIfAborted();
    const left = total - done;
    tell({
      kind: 'passages',
      encoder: name,
      done,
      total,
      seconds: seconds(),
      left: done > 0 ? (seconds() / done) * left : null,
    });
    const next = index.unread(of.id, isLook ? (LOOK[turn] ?? 0) : AT_ONCE);
    if (next.length === 0) break;
    const before = seconds();
    const texts = next.map(textOf);
    const found = await engine.vectors({ encoder, texts, use: 'document' }, { signal });
    if (found.encoder !== of.hash) throw changed(name);
    index.keep(
      of,
      next.map(({ id }) => id),
      found.vectors,
    );
    done += next.length;
    perSecond = texts.join('').length / (seconds() - before);
  }
  const left = {
    left: total - done,
    secondsLeft: perSecond > 0 ? index.unreadLength(of.id) / perSecond : null,
  };
  return { encoder: name, passages: done, seconds: seconds(), ...left };
}

/** What is read of a passage. */
export function textOf({ heading, text }: { readonly heading: string; readonly text: string }): string {
  return heading === '' ? text : `${heading}\n${text}`;
}

/** The encoder by what is in its files: it may lie elsewhere now, or another one under its name. */
async function knownEncoder(
  index: FolderIndex,
  { path: encoder, name }: IndexAsked['encoders'][number],
  engine: Pick<EngineCalls, 'vectors'>,
  signal?: AbortSignal,
): Promise<EncoderKnown> {
  const { encoder: hash, width } = await engine.vectors({ encoder, texts: [], use: 'document' }, { signal });
  return index.encoder({ hash, name, width });
}

function changed(name: string): AppError {
  return new AppError(
    'encoder-changed',
    say`${name} was changed while it read.`,
    say`Start again: it reads all passages once more.`,
  );
}
