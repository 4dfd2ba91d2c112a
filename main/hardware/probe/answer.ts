/**
 * How a probe asks a command, and what comes of it: facts, or a note for people that says why there are none. A command may be missing,
 * hang, fail, or print something that nobody expected; none of that may stop the others. Values come with units, with a comma for a point,
 * or as a word that says there is none.
 */

import { stripVTControlCharacters } from 'node:util';
import type { ProbeNote } from '../../../common/api/contract.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import type { Ran, World } from './world.ts';

export interface Answer<T> {
  /** Null where the probe learned nothing. */
  readonly facts: T | null;
  readonly notes: readonly ProbeNote[];
}

export interface Question<T> {
  /** The name in notes. */
  readonly probe: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Null, or an error, when the text is not what the command prints when it works. */
  readonly read: (stdout: string) => T | null;
  /** What to do, for people, when the command fails with this text; null: nothing is known. */
  readonly advice?: (text: string) => string | null;
}

/** The longest that one command may take; with what is done before and after, all of them stay below 8 s. */
export const PATIENCE_MS = 5000;

/** Tools that wait for a driver. */
const ASK_DRIVERS: ReadonlySet<string> = new Set(['nvidia-smi', 'xpu-smi', 'vulkaninfo']);
const hangingDriver = () => say`A driver may hang. Restarting the computer often helps.`;

export async function ask<T>(
  world: World,
  question: Question<T>,
  patienceMs = PATIENCE_MS,
): Promise<Answer<T>> {
  const { command, args } = question;
  return answerOf(question, await world.run(command, args, patienceMs), patienceMs);
}

function answerOf<T>({ probe, read, advice }: Question<T>, ran: Ran, patienceMs: number): Answer<T> {
  if (ran.kind === 'missing')
    return without(probe, 'missing', say`${probe} is not installed, so it could not be asked.`);
  if (ran.kind === 'timed-out') {
    const late = say`${probe} did not answer within ${Math.round(patienceMs / 1000)} s and was stopped.`;
    return without(probe, 'timed-out', ASK_DRIVERS.has(probe) ? `${late} ${hangingDriver()}` : late);
  }
  if (ran.kind === 'failed') return without(probe, 'failed', say`${probe} could not be run: ${ran.message}.`);
  const facts = attempt(() => read(ran.stdout.replace(/^\uFEFF/, '')));
  if (facts !== null) return { facts, notes: [] };
  const printed = `${ran.stdout}\n${ran.stderr}`;
  const words = firstWords(printed);
  const what =
    ran.code === 0
      ? say`${probe} answered in an unknown form: ${words}.`
      : say`${probe} ended with code ${ran.code}: ${words}.`;
  return without(probe, 'failed', [what, advice?.(printed) ?? ''].join(' ').trim());
}

/** An answer without facts, with its reason. */
export function without<T>(probe: string, kind: ProbeNote['kind'], message: string): Answer<T> {
  return { facts: null, notes: [{ probe, kind, message }] };
}

/** Two sources that do not say the same. */
export function contradiction(probe: string, message: string): ProbeNote {
  return { probe, kind: 'contradiction', message };
}

/** What `look` finds; null where it throws. */
function attempt<T>(look: () => T | null): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function firstWords(text: string): string {
  const line = text
    .split('\n')
    .map((one) => stripVTControlCharacters(one).replace(/\p{C}/gu, ' ').trim())
    .find((one) => one !== '');
  if (line === undefined) return say`nothing`;
  return `“${(line.length > 160 ? `${line.slice(0, 159)}…` : line).replace(/\.$/, '')}”`;
}

/** A graphics card as its maker's tool tells of it. Bytes. */
export interface ToolCard {
  readonly address: string | null;
  readonly name: string | null;
  readonly driver: string | null;
  readonly totalMemory: number | null;
  readonly freeMemory: number | null;
  readonly temperatureCelsius: number | null;
  readonly powerLimitWatts: number | null;
}

/** What is free of `total` when `used` is in use; null where either is not known. */
export function freeOf(total: number | null, used: number | null): number | null {
  return total === null || used === null ? null : Math.max(0, total - used);
}

export const MEBIBYTE = 2 ** 20;

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: MEBIBYTE,
  mib: MEBIBYTE,
  gb: 2 ** 30,
  gib: 2 ** 30,
};

export type Json = { readonly [key: string]: unknown };

/** A number at the beginning of `value`, "55.0 W" or "55,0"; null for "[N/A]", "Not Supported" and the like. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const found = /^\s*(-?\d+(?:[.,]\d+)?)/.exec(value);
  return found ? Number(found[1]!.replace(',', '.')) : null;
}

/** Bytes of "24564 MiB" or {"value": 24560, "unit": "MB"}; these tools mean powers of 1,024 by MB and GB. Without a unit: `unit`. */
export function bytesIn(value: unknown, unit = 'b'): number | null {
  if (isRecord(value)) return bytesIn(value.value, typeof value.unit === 'string' ? value.unit : unit);
  const amount = numberIn(value);
  if (amount === null || amount < 0) return null;
  const written = typeof value === 'string' ? (/^\s*[\d.,]+\s*([a-z]+)/i.exec(value)?.[1] ?? unit) : unit;
  const factor = UNITS[written.toLowerCase()];
  return factor === undefined ? null : Math.round(amount * factor);
}

/** A text with something in it; null for "", "N/A", "[Not Supported]" and what is no text. */
export function textIn(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\u0000', '').trim();
  return text === '' || /^\[?(n\/a|not supported|unknown|none|unknown error)\]?$/i.test(text) ? null : text;
}

/** `value` as an object; an empty one where it is none. */
export function objectIn(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** The objects in a list; a single object counts as a list of one. */
export function objectsIn(value: unknown): readonly Json[] {
  return (Array.isArray(value) ? value : [value]).filter(isRecord);
}

/** The JSON in a text that may have warnings before or after it. Throws SyntaxError where there is none. */
export function jsonIn(text: string): unknown {
  for (const start of text.matchAll(/^\s*[[{]/gm)) {
    const rest = text.slice(start.index).trim();
    for (const end of [rest.length, Math.max(rest.lastIndexOf('}'), rest.lastIndexOf(']')) + 1]) {
      try {
        return JSON.parse(rest.slice(0, end));
      } catch {
        // a bracket of a warning
      }
    }
  }
  throw new SyntaxError('There is no JSON in the text.');
}

/** A PCI address in its short form: "00000000:01:00.0" and "01:00.0" -> "0000:01:00.0"; null where it is none. */
export function pciAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const found = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(value.trim());
  if (!found) return null;
  const [, domain = '0000', bus, device, part] = found;
  return `${domain.slice(-4)}:${bus}:${device}.${part}`.toLowerCase();
}

/** A hexadecimal number, with or without 0x. */
export function hexIn(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const found = /^(?:0x)?([0-9a-f]+)$/i.exec(value.trim());
  return found ? Number.parseInt(found[1]!, 16) : null;
}

/** Flags of the kernel, of macOS and of Windows, and the usual name of what they stand for; in the order in which they are shown. */
const EXTENSIONS: readonly (readonly [string, RegExp])[] = [
  ['AVX2', /^avx2$/],
  ['FMA', /^fma$/],
  ['AVX-VNNI', /^avx_vnni$/],
  ['AVX-512', /^avx512_?f$/],
  ['AVX-512 VNNI', /^avx512_?vnni$/],
  ['AVX-512 BF16', /^avx512_?bf16$/],
  ['AVX-512 FP16', /^avx512_?fp16$/],
  ['AMX', /^amx_(int8|bf16)$/],
  ['NEON', /^(asimd|neon|advsimd)$/],
  ['dot product', /^(asimddp|feat_dotprod)$/],
  ['I8MM', /^(i8mm|feat_i8mm)$/],
  ['BF16', /^(bf16|feat_bf16)$/],
  ['SVE', /^sve$/],
  ['SVE2', /^sve2$/],
  ['SME', /^(sme|feat_sme)$/],
];

/** Names of the extensions among `flags` that matter for training. */
export function extensionsIn(flags: readonly string[]): readonly string[] {
  const lower = flags.map((flag) => flag.toLowerCase().replace(/^.*\./, ''));
  return EXTENSIONS.filter(([, pattern]) => lower.some((flag) => pattern.test(flag))).map(([name]) => name);
}
