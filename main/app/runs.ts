/** What is done with runs beside reading them: repeating, remedies, report and log. */

import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, ClassifyNews, Draft, NumberedEvent, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { EngineEvent, StartEvent } from '../../common/protocol/protocol.ts';
import { FIGURES, figureIn } from '../../common/step-figures.ts';
import { defined, localTime } from '../../common/values.ts';
import { left, percent } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { leftOutWords } from '../../common/words/run.ts';
import { channel } from '../changes.ts';
import * as origins from '../extras/origins.ts';
import { toBundledPath } from '../paths.ts';
import { movedModel } from './jobs.ts';
import type { Parts } from './parts.ts';
import { draftOf } from './run-config.ts';
import { fileName, shortId } from './uploads.ts';

/** A part of a run's log; one line an event. */
export function logOf(store: Parts['store'], { id, offset, limit }: CallInput<'runs', 'log'>) {
  const total = store.events.lastNumber(store.runs.get(id).id);
  const events = offset >= total ? [] : store.events.read(id, offset).slice(0, limit);
  return { total, lines: events.map(logLine) };
}

type Origin = (store: Parts['store'], run: RunDetails) => Promise<Readonly<Record<string, unknown>> | null>;

/** Settings that the person asked for and an extra replaced for this run; null where none did. */
async function askedFor(store: Parts['store'], run: RunDetails) {
  for (const origin of Object.values<Origin>(origins)) {
    const asked = await origin(store, run);
    if (asked !== null) return asked;
  }
  return null;
}

/** A draft that repeats a run, or that tries a remedy of its assessment. */
export async function duplicate(parts: Parts, run: RunDetails, remedy: string | undefined): Promise<Draft> {
  const config = remedy === undefined ? run.config : await remedyOf(parts, run, remedy);
  const planned = await askedFor(parts.store, run);
  // what a remedy itself has set stays
  const own = Object.entries(planned ?? {}).filter(([name]) => config[name] === run.config[name]);
  return parts.store.drafts.save(undefined, draftOf(parts, run, { ...config, ...Object.fromEntries(own) }));
}

/** The configuration of a remedy: a file that the assessment has written into the run's folder. */
async function remedyOf({ store }: Parts, run: RunDetails, name: string): Promise<Record<string, unknown>> {
  const remedy = store.assessments.get(run.id)?.remedies.find((one) => one.name === name);
  if (!remedy?.file)
    throw new AppError(
      'no-remedy',
      say`This run has no suggestion “${name}”.`,
      say`Compare it with the base model again.`,
    );
  // its folder may have moved since
  const file = path.join(run.folder, path.basename(path.dirname(remedy.file)), path.basename(remedy.file));
  try {
    return JSON.parse(await readFile(file, 'utf8'), toBundledPath) as Record<string, unknown>;
  } catch (cause) {
    const hint = say`Compare the run with the base model again.`;
    throw new AppError('no-remedy', say`The settings of this suggestion can't be read from ${file}.`, hint, {
      cause,
    });
  }
}

export async function report({ folder }: RunDetails): Promise<{ path: string; html: string }> {
  const file = path.join(folder, 'report.html');
  try {
    return { path: file, html: await readFile(file, 'utf8') };
  } catch (cause) {
    const hint = say`Compare the run with the base model to get one.`;
    throw new AppError('no-report', say`This run has no report.`, hint, { cause });
  }
}

/** The same as PDF in the file `out`, which gets the ending .pdf. */
export async function reportPdf({ host }: Pick<Parts, 'host'>, run: RunDetails, out: string) {
  const page = (await report(run)).path;
  if (!host.printPdf)
    throw new AppError(
      'no-pdf',
      say`Fettle can't write PDF files here.`,
      say`Print the report in your browser.`,
    );
  const file = out.toLowerCase().endsWith('.pdf') ? out : `${out}.pdf`;
  await host.printPdf(page, file);
  return { path: file };
}

/** The events of a run as the lines of a log that a person can read, one for each. */

function rowsOf({
  rows,
  heldOutRows,
  leftOut,
}: Pick<StartEvent, 'rows' | 'heldOutRows' | 'leftOut'>): string {
  return [`${rows} rows, ${heldOutRows} held out`, leftOutWords(leftOut)].filter(Boolean).join(', ');
}

type Words = {
  readonly [Name in EngineEvent['event']]: (event: Extract<EngineEvent, { event: Name }>) => string;
};

const WORDS: Words = {
  phase: ({ phase, detail }) => (detail ? `${phase}: ${detail}` : phase),
  look: ({ steps, tried, learningRate, seconds }) =>
    `learning rates tried for ${steps} steps each in ${Math.round(seconds)} s: ` +
    `${tried.map((one) => `${figure(one.learningRate)} (loss ${one.loss === null ? 'unstable' : figure(one.loss)})`).join(', ')}; ${figure(learningRate)} goes on`,
  start: ({ steps, stepsDone, trainableParameters, device, deviceWhy, method, blend, ...data }) =>
    (blend
      ? `blend of ${blend.of}, ${blend.strength} of its change kept${blend.with ? `, with ${blend.withStrength} of ${blend.with}` : ''}; `
      : '') +
    `start: ${method}, ${rowsOf(data)}, ${steps} steps${stepsDone > 0 ? ` (${stepsDone} done before)` : ''}, ` +
    `${trainableParameters} weights to train, ${device}${deviceWhy === undefined ? '' : `. ${deviceWhy}`}`,
  step: (event) => `step ${event.step} of ${event.steps}: ${saidOf('step', event).join(', ')}`,
  eval: (event) => {
    const beside = saidOf('eval', event).slice(1);
    const figures = [`perplexity ${figure(event.perplexity)}`, ...beside].join(', ');
    return `held-out loss after step ${event.step}: ${figure(event.loss)} (${figures})${event.best ? ', the lowest so far' : ''}`;
  },
  sample: ({ step, prompt, text }) => `answer after step ${step} to ${quoted(prompt)}: ${quoted(text)}`,
  checkpoint: ({ step, path }) => `checkpoint of step ${step}: ${path}`,
  warning: ({ message }) => `warning: ${message}`,
  rescue: ({ message, attempt }) => `rescue (try ${attempt}): ${message}`,
  assessment: ({ sentence }) => `assessment: ${sentence}`,
  stopped: ({ step, steps }) => `stopped after step ${step} of ${steps}`,
  done: ({ steps, reason, heldOutLoss, seconds, result }) =>
    `done (${reason}): ${steps} steps in ${Math.round(seconds)} s, ` +
    `held-out loss ${heldOutLoss === null ? 'not measured' : figure(heldOutLoss)}, result in ${result}`,
  error: ({ code, message, hint }) => `error (${code}): ${message}${hint ? ` ${hint}` : ''}`,
};

/** One line: when (local time), and what. */
export function logLine({ at, event }: NumberedEvent): string {
  // the table has a row for each kind of event, and nothing else is asked of it
  const words = WORDS[event.event] as (event: EngineEvent) => string;
  return `${localTime(new Date(at))}  ${words(event)}`;
}

/** The figures of a step or an evaluation that have a name in lines: `loss 1.2`. */
function saidOf(of: 'step' | 'eval', event: object): string[] {
  return FIGURES[of].flatMap(({ key, unit, said }) => {
    const value = figureIn(event, key);
    if (said === undefined || value === undefined || value === null) return [];
    const text = unit === 'tokens/s' ? `${Math.round(value)} tokens/s` : figure(value);
    return `${said} ${unit === 'share' ? percent(value) : text}`.trim();
  });
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 299)}…` : text);
}

/** Sorting rows into the categories of a run, from a page: how far it is, what the scores are worth, and the file with them. */

/** The folder in a run's folder that holds its files of sorted rows. */
export const SORTED = 'sorted';

/** Sorts, or without rows measures the test rows alone, and tells how far it is; the last news is the result. It ends with the page. */
export function classified(
  { store, engine, allowed }: Pick<Parts, 'store' | 'engine' | 'allowed'>,
  { runId, paths, askBelow, words }: CallInput<'runs', 'classify'>,
  signal?: AbortSignal,
): AsyncGenerator<ClassifyNews> {
  return channel<ClassifyNews>(async (send) => {
    const run = store.runs.get(runId);
    if (paths) await allowed.read(paths);
    const out = paths && path.join(run.folder, SORTED, sortedName(paths));
    if (out) await mkdir(path.dirname(out), { recursive: true });
    // the models of a chat and these would be in memory together
    await engine.closeModels();
    const result = await engine.classify(
      {
        run: run.folder,
        ...defined({ model: movedModel(store, run), data: paths && [...paths], out, askBelow, words }),
      },
      (event) => {
        if (event.event !== 'phase') return;
        const { phase, fraction = null, secondsLeft } = event;
        const doing = doingIn(phase, paths !== undefined);
        send({
          kind: 'progress',
          doing: [doing, left(secondsLeft)].filter(Boolean).join(marks().comma),
          fraction,
        });
      },
      signal,
    );
    send({ kind: 'result', result });
  });
}

/** `mails.csv` as `mails-sorted-a1b2c3.csv`. */
function sortedName([first = 'rows']: readonly string[]): string {
  return fileName(`${path.parse(first).name}-sorted-${shortId()}.csv`);
}

function doingIn(phase: string, hasRows: boolean): string {
  if (phase === 'evaluate') return say`Checking the scores on test rows`;
  return phase === 'read' && hasRows ? say`Sorting the rows` : say`Loading the model`;
}
