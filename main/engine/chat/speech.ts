/** Text that a model says token by token, until it ends, is stopped by a text, or has said enough. */
import { createTextStream } from '../data/tokens/tokenizer/decode.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { Sampling, Speaker } from './llama.ts';
import { Refusal, type SamplingRequest } from './openai.ts';

/** A model that is open. */
export interface Voice {
  readonly tokenizer: Tokenizer;
  readonly speaker: Speaker;
}

/** Where a client names no limit: answers that never end would hold everybody up. */
const MOST_TOKENS = 4096;

/** An answer as it is made: its text piece by piece, and in the end why it ended. */
export interface Spoken {
  readonly text: string;
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly reason: 'stop' | 'length';
}

/** What is to be said next. */
export interface Task {
  readonly ids: readonly number[];
  readonly sampling: Sampling;
  readonly stops: readonly string[];
  readonly most: number;
  /** Special tokens are shown too: calls of tools stand between such. */
  readonly showsSpecial: boolean;
}

/** What `request` asks the model to say after `ids`, in at most `most` tokens. Throws a Refusal where they don't fit. */
export function taskOf(
  request: SamplingRequest,
  ids: readonly number[],
  most: number | null | undefined,
  { contextSize }: Speaker,
): Task {
  if (ids.length >= contextSize || ids.length === 0) throw tooLong(ids.length, contextSize);
  const { temperature, top_p, seed, stop } = request;
  return {
    ids,
    stops: [stop ?? []].flat().filter((text) => text !== ''),
    most: Math.min(most ?? MOST_TOKENS, contextSize - ids.length),
    sampling: { temperature: temperature ?? 1, topP: top_p ?? 1, ...(seed != null && { seed }) },
    showsSpecial: false,
  };
}

/** Says `task`; `onText` gets what is sure to belong to the answer as soon as it is. Throws the reason of `gone`. */
export async function speak(
  { tokenizer, speaker }: Voice,
  task: Task,
  gone: AbortSignal,
  onText: (text: string) => void,
): Promise<Spoken> {
  const { ids, sampling, stops, most, showsSpecial } = task;
  const { stopIds } = tokenizer;
  const stream = createTextStream(tokenizer, { skipSpecial: !showsSpecial });
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  let [text, shown, newTokens] = ['', 0, 0];
  // the end of the text may be the beginning of what ends it
  const show = (until: number) => {
    if (until > shown) onText(text.slice(shown, until));
    shown = Math.max(shown, until);
  };
  const stopAt = () => Math.min(...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0));
  const spoken = (reason: Spoken['reason']): Spoken => ({
    text,
    newTokens,
    reason,
    promptTokens: ids.length,
  });
  gone.throwIfAborted();
  for await (const id of speaker.speak(ids, sampling)) {
    gone.throwIfAborted();
    if (stopIds.includes(id)) break;
    newTokens++;
    text += stream.push(id);
    const end = stopAt();
    if (Number.isFinite(end)) {
      text = text.slice(0, end);
      show(end);
      return spoken('stop');
    }
    show(text.length - Math.max(0, longest - 1));
    if (newTokens === most) {
      text += stream.flush();
      show(text.length);
      return spoken('length');
    }
  }
  text += stream.flush();
  show(text.length);
  return spoken('stop');
}

export function tooLong(tokens: number, contextSize: number): Refusal {
  if (tokens === 0) return new Refusal(400, 'empty_prompt', 'The prompt is empty.');
  return new Refusal(
    400,
    'context_length_exceeded',
    `The prompt has ${tokens} tokens; this model was started for ${contextSize}, answer included.`,
  );
}
