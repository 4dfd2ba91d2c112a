/** The teachings of the app: a journal each in the data folder, open from its first use on. */
import path from 'node:path';
import type { CallInput } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { AskingNews, OpenRow, Teaching, TeachingRow } from '../../../common/extras/teacher/calls.ts';
import type { Studied } from '../../../common/extras/teacher/kinds.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { filesOf } from '../../app/answering.ts';
import { JournalFolder } from '../../app/journal-folder.ts';
import type { Parts } from '../../app/parts.ts';
import { keep, UPLOADS } from '../../app/uploads.ts';
import type { WorkIo } from '../../app/work-here.ts';
import { channel } from '../../changes.ts';
import type { InputOf } from '../../engine/session/call-table.ts';
import { askAll, forecast } from './asking.ts';
import { Journal } from './journal.ts';
import { withLocalTeacher } from './local.ts';
import { type TeacherAddress, teacherModel, teacherUrl } from './teacher.ts';
import { lessonOf, openJournal, rowsToTeach, STUDIED_AFTER, studied } from './teachings.ts';
import { taughtCounts, taughtRows, taughtText } from './written.ts';

const FOLDER = 'teaching';
/** Texts that a page is given at once. */
const MOST_NEXT = 5;
const TEMPERATURE = 0.7;
const AT_ONCE = 4;
const PATIENCE_MS = { address: 120_000, here: 900_000 };
const MAX_TOKENS = 1024;

interface Open {
  readonly journal: Journal;
  studied: Studied | null;
  /** What it was made of. */
  said: number;
  decided: number;
  /** A row that was taken back stands first. */
  first: number | null;
  isAsking: boolean;
}

type Behind = Pick<Parts, 'allowed' | 'engine' | 'store'>;

export class KeptTeachings {
  readonly #parts: Behind;
  readonly #kept: JournalFolder<Open>;

  constructor(parts: Behind) {
    this.#parts = parts;
    this.#kept = new JournalFolder(path.join(parts.store.folder, FOLDER), openOf, noTeaching);
  }

  list(): Promise<TeachingRow[]> {
    return this.#kept.list((id, { journal }) => rowOf(id, journal));
  }

  async create(asked: CallInput<'teacher', 'create'>): Promise<{ readonly id: string }> {
    const { raw = [], examples, teacher, kind, rubric, name, samples, vary, price } = asked;
    const { allowed, engine, store } = this.#parts;
    await allowed.read([...raw, ...examples]);
    if ('url' in teacher) requireAllowed(teacher);
    else filesOf(store, teacher, 'runId' in teacher ? 'after' : 'before');
    const rows = await rowsToTeach({ raw, examples }, {}, engine, { isVaried: vary !== undefined });
    const { id, file } = await this.#kept.newFile();
    const at =
      'url' in teacher ? { url: teacher.url, ...(teacher.model && { model: teacher.model }) } : teacher;
    const wish = { name, kind, samples, rubric, vary, price, temperature: TEMPERATURE, teacher: at };
    await openJournal(file, rows, wish, engine);
    return { id };
  }

  async get(id: string): Promise<Teaching> {
    const open = await this.#kept.get(id);
    const found = await this.#studied(open);
    const { journal } = open;
    const { head, texts, written } = journal;
    const known = new Map(found.rows.map((one) => [one.row, one]));
    const first = open.first !== null && known.has(open.first) ? open.first : null;
    const decided = new Set(journal.decided.map(({ row }) => row));
    const waiting = found.order.filter((row) => !decided.has(row) && row !== first);
    const order = first === null || decided.has(first) ? waiting : [first, ...waiting];
    const at = head.teacher;
    const counts = taughtCounts(journal, { ...found, order });
    return {
      ...rowOf(id, journal),
      kind: head.kind,
      answers: head.answers,
      samples: head.samples,
      counts,
      vary: head.vary ?? null,
      price: head.price ?? null,
      forecast: forecast(journal, AT_ONCE),
      teacher: this.#nameOf(at),
      isAway: at !== undefined && 'url' in at && !teacherUrl(at.url).isHere,
      next: order.slice(0, MOST_NEXT).map((row): OpenRow => {
        const { choices, agreement } = known.get(row)!;
        const text = texts[row]!;
        const of = written.get(text);
        return { row, text, choices, agreement, like: of ? head.examples[of.example]! : null };
      }),
    };
  }

  ask(
    { id, key, isTrial }: CallInput<'teacher', 'ask'>,
    signal?: AbortSignal,
  ): AsyncGenerator<AskingNews | { readonly doing: string }> {
    return channel<AskingNews | { readonly doing: string }>(async (tell) => {
      const open = await this.#kept.get(id);
      if (open.isAsking)
        throw new AppError(
          'teacher-busy',
          say`It is being asked already.`,
          say`Wait, or stop it in the other window.`,
        );
      open.isAsking = true;
      try {
        const { journal } = open;
        const lesson = await lessonOf(journal, this.#parts.engine);
        const ask = (teacher: TeacherAddress, patienceMs: number) => {
          const how = { atOnce: AT_ONCE, patienceMs, maxTokens: MAX_TOKENS, isTrial: isTrial ?? false };
          return askAll(journal, teacher, lesson, how, { signal, tell });
        };
        const at = journal.head.teacher;
        if (at === undefined) throw noTeaching();
        if ('url' in at) {
          const address = { url: teacherUrl(at.url).url, ...(key && { key }) };
          await ask(
            { ...address, model: await teacherModel(address, at.model, signal) },
            PATIENCE_MS.address,
          );
        } else {
          const hear = (event: CallEvent) => {
            if ('event' in event && event.event === 'phase' && event.detail) tell({ doing: event.detail });
          };
          const io = { emit: hear, ...(signal && { stop: signal }) };
          const { model, adapter } = filesOf(this.#parts.store, at, 'runId' in at ? 'after' : 'before');
          const source = adapter === undefined ? { model } : { model, run: adapter };
          await withLocalTeacher(source, lesson, this.#work, io, (one) => ask(one, PATIENCE_MS.here));
        }
      } finally {
        open.isAsking = false;
      }
    });
  }

  async decide({ id, row, answer }: CallInput<'teacher', 'decide'>): Promise<Teaching> {
    const open = await this.#kept.get(id);
    const { journal } = open;
    const { kind, answers } = journal.head;
    if (!journal.said.has(row) || (kind === 'categories' && answer !== null && !answers.includes(answer)))
      throw new AppError('bad-answer', say`That is no answer to this text.`, say`Choose another one.`);
    open.first = null;
    await journal.add({ row, decided: answer });
    return await this.get(id);
  }

  async undo(id: string): Promise<Teaching> {
    const open = await this.#kept.get(id);
    open.first = (await open.journal.undo()) ?? open.first;
    return await this.get(id);
  }

  async export(id: string) {
    const open = await this.#kept.get(id);
    const rows = taughtRows(open.journal, await this.#studied(open, true));
    const content = taughtText('.jsonl', rows);
    const file = await keep(
      path.join(this.#parts.store.folder, UPLOADS),
      `${open.journal.head.name}.jsonl`,
      content,
    );
    return { path: file, rows: rows.length, content };
  }

  remove(id: string): Promise<void> {
    return this.#kept.remove(id);
  }

  readonly #work = <Name extends 'export' | 'endpoint'>(
    name: Name,
    input: InputOf<Name>,
    { emit, stop }: WorkIo,
  ) => this.#parts.engine.aside(name, input, { signal: stop, onEvent: emit ?? (() => {}) });

  #nameOf(at: Journal['head']['teacher']): string {
    if (at === undefined) return '';
    if ('url' in at) return [at.model, teacherUrl(at.url).url].filter(Boolean).join(', ');
    const { runs, models } = this.#parts.store;
    return 'runId' in at ? runs.get(at.runId).name : (models.find(at.modelId)?.name ?? '');
  }

  /** What the answers come to; looked at again after new answers and some decisions, or where it must be exact. */
  async #studied(open: Open, isExact = false): Promise<Studied> {
    const { journal, first } = open;
    const changes = Math.abs(journal.decided.length - open.decided);
    const lacks = first !== null && !open.studied?.order.includes(first);
    const isOld = open.said !== journal.said.size || changes >= (isExact ? 1 : STUDIED_AFTER) || lacks;
    if (!open.studied || isOld) {
      const [said, decided] = [journal.said.size, journal.decided.length];
      open.studied = await studied(journal, undefined, this.#parts.engine);
      [open.said, open.decided] = [said, decided];
    }
    return open.studied;
  }
}

async function openOf(file: string): Promise<Open> {
  const journal = await Journal.open(file);
  return { journal, studied: null, said: -1, decided: 0, first: null, isAsking: false };
}

function rowOf(id: string, { head, texts, unvaried, said, decided }: Journal): TeachingRow {
  const { name, created, vary = 0 } = head;
  return {
    id,
    name,
    created,
    texts: texts.length + unvaried.length * vary,
    answered: said.size,
    decided: decided.length,
  };
}

function requireAllowed({ url, mayLeave }: { readonly url: string; readonly mayLeave: boolean }): void {
  const address = teacherUrl(url);
  if (address.isHere || mayLeave) return;
  throw new AppError(
    'rows-would-leave',
    say`${address.url} is not this computer: all of your texts and examples would be sent there.`,
    say`Say that they may, or choose a model on this computer.`,
  );
}

function noTeaching(): AppError {
  return new AppError(
    'no-teaching',
    say`This teaching is not here any more, or can't be read.`,
    say`Choose another, or start again.`,
  );
}
