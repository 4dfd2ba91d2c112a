/** A larger model that answers in a person's place, at an address that speaks OpenAI's API. What it sends back is never trusted. */
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../common/errors.ts';
import { isRecord, parsedJson } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { isLocal } from '../../own-names.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface TeacherAddress {
  /** With the version of the API: `http://127.0.0.1:11434/v1`. */
  readonly url: string;
  readonly model: string;
  readonly key?: string;
  /** A JSON schema that answers follow, where the server is known to honour it. */
  readonly schema?: object;
}

export interface AnswerOptions {
  readonly samples: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly signal?: AbortSignal | undefined;
  /** How long one request may take. */
  readonly patienceMs: number;
}

/** What came of one text. */
export interface Said {
  /** As they were said; an empty one was cut off or unreadable. */
  readonly answers: readonly string[];
  readonly tokens: number;
  readonly seconds: number;
}

/** A text that the teacher did not answer, though others may be: it hung, broke off, or sent something else. */
export class Unanswered extends Error {}

/** Larger replies are no answers. */
const MOST_BYTES = 2e6;
const MOST_ANSWER_CHARS = 20_000;
/** Times that a busy server is asked again, and how long it is waited for at most. */
const TRIES = 4;
const MOST_WAIT_MS = 60_000;
const FIRST_WAIT_MS = 1000;

/** The address as given, checked; with `/v1` where it has no path. Throws an AppError. */
export function teacherUrl(given: string): { readonly url: string; readonly isHere: boolean } {
  const parsed = URL.parse(given);
  const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  if (!parsed || !isWeb || parsed.username !== '' || parsed.search !== '' || parsed.hash !== '')
    throw new AppError(
      'bad-usage',
      say`${given} is not the address of a model.`,
      say`It looks like http://127.0.0.1:11434/v1, without a key or password in it.`,
    );
  const path = parsed.pathname.replace(/\/+$/, '');
  return { url: `${parsed.origin}${path === '' ? '/v1' : path}`, isHere: isLocal(parsed.hostname) };
}

/** The model to ask: the one that is named, or the only one that is there. */
export async function teacherModel(
  { url, key }: Pick<TeacherAddress, 'url' | 'key'>,
  wanted: string | undefined,
  signal?: AbortSignal,
): Promise<string> {
  if (wanted !== undefined) return wanted;
  const found = await sent({ url, ...(key !== undefined && { key }) }, '/models', null, PATIENCE_MS, signal);
  const data = isRecord(found) && Array.isArray(found.data) ? found.data : [];
  const names = data.flatMap((one) => (isRecord(one) && typeof one.id === 'string' ? [one.id] : []));
  if (names.length === 1) return names[0]!;
  throw new AppError(
    'bad-usage',
    names.length === 0
      ? say`${url} has no model.`
      : say`${url} has several models: ${names.slice(0, 10).join(', ')}.`,
    say`Name the one that is to answer.`,
  );
}

/** Time to list models; an answer has its own. */
const PATIENCE_MS = 15_000;

/** Asks for several answers to `messages`. Throws `Unanswered` where this text got none, an AppError where asking on is no use. */
export async function askTeacher(
  teacher: TeacherAddress,
  messages: readonly Message[],
  { samples, temperature, maxTokens, signal, patienceMs }: AnswerOptions,
): Promise<Said> {
  const answers: string[] = [];
  const asked = performance.now();
  let tokens = 0;
  while (answers.length < samples) {
    const body = {
      model: teacher.model,
      messages,
      temperature,
      max_tokens: maxTokens,
      stream: false,
      // who knows no `n` gives one answer, and is asked again
      ...(samples - answers.length > 1 && { n: samples - answers.length }),
      ...(teacher.schema && {
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: teacher.schema } },
      }),
    };
    const found = await sent(teacher, '/chat/completions', body, patienceMs, signal);
    const choices = isRecord(found) && Array.isArray(found.choices) ? found.choices : [];
    if (choices.length === 0) throw new Unanswered(say`It sent no answer.`);
    answers.push(...choices.slice(0, samples - answers.length).map(answerIn));
    tokens += tokensIn(found);
  }
  return { answers, tokens, seconds: Number(((performance.now() - asked) / 1000).toFixed(2)) };
}

/** The text of a choice; empty where it was cut off or is none. */
function answerIn(choice: unknown): string {
  if (!isRecord(choice) || choice.finish_reason === 'length') return '';
  const { message } = choice;
  const content = isRecord(message) ? message.content : null;
  return typeof content === 'string' ? content.slice(0, MOST_ANSWER_CHARS) : '';
}

function tokensIn(found: unknown): number {
  const usage = isRecord(found) && isRecord(found.usage) ? found.usage.total_tokens : null;
  return typeof usage === 'number' && usage >= 0 && usage < 1e9 ? usage : 0;
}

/** Sends a request and reads the JSON of its reply; a busy server is asked again. */
async function sent(
  { url, key }: Pick<TeacherAddress, 'url' | 'key'>,
  path: string,
  body: object | null,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<unknown> {
  for (let tried = 1; ; tried++) {
    const late = AbortSignal.timeout(patienceMs);
    try {
      const response = await fetch(`${url}${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        // rows go to the address that was given, and to no other
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, late]) : late,
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await textOf(response);
      if (response.ok) return parsedOf(text);
      const isBusy = response.status === 429 || response.status >= 500;
      if (!isBusy || tried === TRIES) throw refused(url, response.status, text);
      await wait(waitOf(response, tried), undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AppError || error instanceof Unanswered) throw error;
      if (late.aborted)
        throw new Unanswered(say`It did not answer within ${Math.round(patienceMs / 1000)} seconds.`);
      const code = codeOf(error);
      if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH')
        throw unreachable(url, code);
      throw new Unanswered(say`The connection broke off (${code}).`);
    }
  }
}

function parsedOf(text: string): unknown {
  const found = parsedJson(text);
  if (found === undefined) throw new Unanswered(say`It sent something other than JSON.`);
  return found;
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    // leaving the loop closes the connection
    if (bytes > MOST_BYTES) throw new Unanswered(say`It sent more than ${MOST_BYTES / 1e6} MB.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function waitOf(response: Response, tried: number): number {
  const asked = Number(response.headers.get('retry-after')) * 1000;
  return Math.min(MOST_WAIT_MS, asked > 0 ? asked : FIRST_WAIT_MS * 2 ** (tried - 1));
}

const codeOf = (error: unknown): string => {
  const { cause, code, message } = error as {
    cause?: { code?: string; message?: string };
    code?: string;
    message?: string;
  };
  return cause?.code ?? cause?.message ?? code ?? message ?? 'error';
};

function unreachable(url: string, code: string): AppError {
  return new AppError(
    'teacher-unreachable',
    say`No model answers at ${url} (${code}).`,
    say`Start the program that runs the model, or check the address.`,
  );
}

/** What a server says of itself is shown in part, as text. */
const SHOWN_CHARS = 200;

function refused(url: string, status: number, text: string): AppError {
  const found = parsedJson(text);
  const message = isRecord(found) && isRecord(found.error) ? found.error.message : undefined;
  const why = (typeof message === 'string' ? message : text)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, SHOWN_CHARS);
  const hint =
    status === 401 || status === 403
      ? say`Check the key of the model.`
      : status === 404
        ? say`Check the address, and the name of the model.`
        : status === 429
          ? say`Wait a while, then continue. Nothing is lost.`
          : say`Look at what the program of the model says, then continue. Nothing is lost.`;
  return new AppError('teacher-refused', say`${url} answered with error ${status}: ${why}`, hint);
}
