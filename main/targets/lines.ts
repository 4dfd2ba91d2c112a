/** The lines of a job's log that tell of its progress, checked: they come from another computer. What was seen before is left out. */
import { z } from 'zod';
import { type EvalFigures, FIGURES, type StepFigures } from '../../common/step-figures.ts';
import { parsedJson } from '../../common/values.ts';

const count = z.int().min(0).max(1e12);
const figure = z.number();
const text = z.string().max(20_000);

type Wire<Event> = {
  readonly [Name in keyof Event]-?: Partial<Pick<Event, Name>> extends Pick<Event, Name>
    ? z.ZodExactOptional<z.ZodType<NonNullable<Event[Name]>>>
    : z.ZodType<Event[Name]>;
};

/** What another computer may tell of a step or an evaluation, by the table of figures. */
function wireOf<Event extends object>(of: 'step' | 'eval') {
  const fields: Record<string, z.ZodType> = {};
  const groups: Record<string, Record<string, z.ZodType>> = {};
  for (const { key, unit, nullable, optional } of FIGURES[of]) {
    const value = unit === 'count' || unit === 'bytes' ? count : figure;
    const known = nullable ? value.nullable() : value;
    const [name, part] = key.split('.') as [string, string?];
    if (part) groups[name] = { ...groups[name], [part]: known };
    else fields[name] = optional ? known.exactOptional() : known;
  }
  for (const [name, parts] of Object.entries(groups)) fields[name] = z.object(parts).exactOptional();
  return fields as Wire<Event>;
}

const step = z.object({ event: z.literal('step'), ...wireOf<StepFigures>('step') });
const evaluated = z.object({ event: z.literal('eval'), ...wireOf<EvalFigures>('eval'), best: z.boolean() });
const done = z.object({
  event: z.literal('done'),
  steps: count,
  reason: z.enum(['finished', 'early-stopping', 'finished-early']),
  trainedTokens: count,
  finalLoss: figure.nullable(),
  heldOutLoss: figure.nullish().transform((value) => value ?? null),
  heldOutLossBefore: figure.nullable(),
  bestStep: count,
  seconds: figure,
  peakRssBytes: count,
  files: z.record(
    z.string().regex(/^[\w][\w.-]{0,120}$/),
    z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: count }),
  ),
});

const Line = z.discriminatedUnion('event', [
  step,
  evaluated,
  done,
  z.object({ event: z.literal('phase'), phase: z.enum(['load', 'evaluate', 'save']) }),
  z.object({ event: z.literal('begin'), stepsDone: count, device: text, processes: count, torch: text }),
  z.object({ event: z.literal('sample'), step: count, prompt: text, text }),
  z.object({ event: z.literal('checkpoint'), step: count, path: text, bytes: count }),
  z.object({ event: z.literal('stopped'), step: count, steps: count, checkpoint: text }),
  z.object({ event: z.literal('error'), code: text, message: text }),
]);

export type JobLine = z.infer<typeof Line>;
export type DoneLine = z.infer<typeof done>;

const MARK = '@fettle ';
const LONGEST = 1_000_000;
/** What torchrun says of an end has a hundred lines, and its cause stands before them. */
const KEPT_LINES = 400;

/** Cuts a log into lines; other lines than those of progress are kept for the case that the job fails. */
export class LogReader {
  readonly last: string[];
  #rest = Buffer.alloc(0);

  /** `last`: what was kept of the part before. */
  constructor(last: readonly string[] = []) {
    this.last = [...last];
  }

  /** Keeps no other lines of what was read so far. */
  forget(): void {
    this.last.length = 0;
  }

  /** Bytes of a line that has not ended yet: they are read again after a break. */
  get pending(): number {
    return this.#rest.length;
  }

  read(bytes: Buffer): JobLine[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(10) + 1;
    this.#rest = Buffer.from(all.subarray(end).length > LONGEST ? [] : all.subarray(end));
    return all
      .toString('utf8', 0, end)
      .split('\n')
      .flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): JobLine | null {
    // torchrun may put the name of a process before a line
    const at = line.indexOf(MARK);
    if (at >= 0) {
      const parsed = Line.safeParse(parsedJson(line.slice(at + MARK.length))).data;
      if (parsed) return parsed;
    }
    if (line.trim() !== '') this.last.push(line.slice(0, 500));
    if (this.last.length > KEPT_LINES) this.last.shift();
    return null;
  }
}
