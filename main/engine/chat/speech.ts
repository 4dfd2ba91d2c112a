/** Text that a model says token by token, until it ends, is stopped by a text, or has said enough. */
import { asPrompt, withoutSpace } from '../data/tokens/border.ts';
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { OpenReranker } from '../eval/vectors/open-reranker.ts';
import type { Use } from '../eval/vectors/prompts.ts';
import type { SamplingFields } from './fields.ts';
import type { Sorts } from './sorts.ts';
import type { Penalties, Sampling, Speaker } from './speaker.ts';
import { Refusal } from './wire.ts';

/** What a model is asked that does one thing, and what it says to whoever asks for something else. */
export interface OnlyRoutes {
  readonly routes: readonly string[];
  refusal(): Refusal;
}

/** A model that is open. */
export interface Voice {
  readonly tokenizer: Tokenizer;
  readonly speaker: Speaker;
  /** The ids of a text with what the model wants before questions or passages, cut after so many; left out: both are the same to it. */
  readonly idsFor?: (text: string, use: Use, atMost: number) => readonly number[];
  /** Of a sorter: what it sorts into. */
  readonly sorts?: Sorts;
  /** Of a reranker, which reads a query and a document together. */
  readonly reranker?: OpenReranker;
  /** Of a model that does one thing. */
  readonly only?: OnlyRoutes;
}

/** Where a client names no limit: answers that never end would hold everybody up. */
const MOST_TOKENS = 4096;

/** An answer as it is made: its text piece by piece, and in the end why it ended. */
export interface Spoken {
  readonly text: string;
  readonly promptTokens: number;
  /** The tokens said, without the one that ends an answer. */
  readonly ids: readonly number[];
  readonly reason: 'stop' | 'length';
}

interface Prompt {
  readonly ids: readonly number[];
  /** White space that the answer begins with, and that is not said again. */
  readonly space: string;
}

/** What is to be said next. */
export interface Task extends Prompt {
  readonly sampling: Sampling;
  readonly stops: readonly string[];
  readonly most: number;
  /** No white space at the end: a grammar allows any, of which some models don't tire. */
  readonly isTrimmed?: boolean;
  /** Special tokens are shown too: calls of tools stand between such. */
  readonly showsSpecial: boolean;
}

/** A prompt as training had it: white space at its end belongs to the answer, unless that follows a grammar, which knows none. */
export function promptOf(
  on: Voice,
  prompt: string | readonly number[],
  { addSpecial, isGuided = false }: { readonly addSpecial: boolean; readonly isGuided?: boolean },
): Prompt {
  if (typeof prompt !== 'string' || isGuided) return { ids: idsOf(on, prompt, addSpecial), space: '' };
  checkLength(on, prompt);
  const { ids, space } = asPrompt(on.tokenizer, prompt, { addSpecial });
  return { ids: idsOf(on, ids, false), space };
}

/** The ids of a text. Throws a Refusal for one that is empty or longer than the model reads, and for ids that it doesn't have. */
export function idsOf(on: Voice, prompt: string | readonly number[], addSpecial: boolean): readonly number[] {
  const { tokenizer, speaker } = on;
  if (typeof prompt === 'string') checkLength(on, prompt);
  const ids = typeof prompt === 'string' ? tokenizer.encode(prompt, { addSpecial }) : prompt;
  if (ids.length === 0) throw new Refusal(400, 'empty_prompt', 'The prompt is empty.');
  if (ids.length > roomOf(speaker)) throw tooLong(`${ids.length} tokens`, on);
  const strange = ids.find((id) => id >= tokenizer.vocabSize);
  if (strange === undefined) return ids;
  throw new Refusal(400, 'unknown_token', `This model has no token ${strange}.`);
}

/** Tokens of a prompt, at most: an answer takes one at least. */
export const roomOf = ({ contextSize, writes }: Speaker): number => (writes ? contextSize - 1 : contextSize);

/** No token has more characters than the longest, so a text too long for any split is refused unread. */
function checkLength(on: Voice, { length }: string): void {
  if (length > on.speaker.contextSize * on.tokenizer.longestToken) throw tooLong(`${length} characters`, on);
}

function tooLong(length: string, { speaker: { contextSize, writes } }: Voice): Refusal {
  const words = writes
    ? `The prompt has ${length}; this model was started for ${contextSize} tokens, answer included.`
    : `The text has ${length}; this model reads ${contextSize} tokens.`;
  return new Refusal(400, 'context_length_exceeded', words);
}

/** What `request` asks the model to say after `ids`, in at most `most` tokens; `which` of several answers. */
export function taskOf(
  { tokenizer, speaker }: Voice,
  request: SamplingFields,
  prompt: Prompt,
  most: number | undefined,
): Task {
  const { temperature, top_p, top_k, min_p, seed, stop, logit_bias } = request;
  const penalties = penaltiesOf(request);
  const bias = new Map(Object.entries(logit_bias ?? {}).map(([id, value]) => [Number(id), value]));
  for (const id of bias.keys()) {
    if (id >= tokenizer.vocabSize)
      throw new Refusal(400, 'unknown_token', `logit_bias: There is no token ${id}.`);
    if (speaker.endsAnswers(id))
      throw new Refusal(
        400,
        'invalid_request',
        `logit_bias: Token ${id} ends answers. Set a limit of tokens instead.`,
      );
  }
  return {
    ...prompt,
    stops: [stop ?? []].flat().filter((text) => text !== ''),
    most: Math.min(most ?? MOST_TOKENS, speaker.contextSize - prompt.ids.length),
    sampling: {
      temperature: temperature ?? 1,
      topP: top_p ?? 1,
      ...(top_k !== undefined && { topK: Math.max(0, top_k) }),
      ...(min_p !== undefined && { minP: min_p }),
      ...(seed !== undefined && { seed: seed >>> 0 }),
      ...(penalties && { penalties }),
      ...(bias.size > 0 && { bias }),
    },
    showsSpecial: false,
  };
}

/** Tokens that a penalty of repetition looks back over, as llama.cpp and Ollama have it. */
const LAST_TOKENS = 64;

/** OpenAI's penalties count what was said; with llama.cpp's penalty of repetition they count the last tokens, those of the prompt included. */
function penaltiesOf(fields: SamplingFields): Penalties | null {
  const {
    repeat_penalty: repeat = 1,
    presence_penalty: presence = 0,
    frequency_penalty: frequency = 0,
  } = fields;
  if (repeat === 1 && presence === 0 && frequency === 0) return null;
  const looksBack = repeat !== 1 || fields.repeat_last_n !== undefined;
  const last = fields.repeat_last_n ?? LAST_TOKENS;
  return { repeat, presence, frequency, last: looksBack ? (last === -1 ? 1e6 : last) : null };
}

/** The same for another of several answers: with a seed each is another one, and always the same. */
export function another(task: Task, which: number): Task {
  const { seed } = task.sampling;
  if (seed === undefined || which === 0) return task;
  return { ...task, sampling: { ...task.sampling, seed: (seed + which) >>> 0 } };
}

/** Blank lines, which stand within no JSON: where a grammar is followed it has ended. */
const AFTER_JSON = '\n\n\n\n';

/** The same, following `grammar`. */
export function following(task: Task, grammar: Sampling['grammar'] | null): Task {
  if (!grammar) return task;
  const { sampling, stops } = task;
  return { ...task, sampling: { ...sampling, grammar }, stops: [...stops, AFTER_JSON], isTrimmed: true };
}

/** Says `task`; `onText` gets what is sure to belong to the answer as soon as it is. Throws the reason of `gone`. */
export async function speak(
  { tokenizer, speaker }: Voice,
  task: Task,
  gone: AbortSignal,
  onText: (text: string) => void,
): Promise<Spoken> {
  const { ids, space, sampling, stops, most, showsSpecial, isTrimmed = false } = task;
  const stream = createTextStream(tokenizer, { skipSpecial: !showsSpecial });
  const unsaid = withoutSpace(space);
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  const said: number[] = [];
  let [text, shown] = ['', 0];
  let reason = (most === 0 ? 'length' : null) as Spoken['reason'] | null;
  // the end of the text may be the beginning of what ends it
  const show = (until: number) => {
    if (until > shown) onText(text.slice(shown, until));
    shown = Math.max(shown, until);
  };
  const stopAt = () => Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0));
  const hear = (id: number): boolean => {
    if (tokenizer.stopIds.includes(id)) return false;
    said.push(id);
    text += unsaid(stream.push(id));
    const end = stopAt();
    if (Number.isFinite(end)) {
      text = text.slice(0, end);
      reason = 'stop';
      return false;
    }
    show(Math.min(text.length - Math.max(0, longest - 1), isTrimmed ? text.trimEnd().length : text.length));
    if (said.length === most) reason = 'length';
    return reason === null;
  };
  if (reason === null) await speaker.speak(ids, sampling, gone, hear);
  // what a text stopped has no rest
  if (reason !== 'stop') text += unsaid(stream.flush());
  if (isTrimmed) text = text.trimEnd();
  show(text.length);
  return { text, ids: said, reason: reason ?? 'stop', promptTokens: ids.length };
}
