/** How likely a model finds answers that are allowed: the one place where closed sets are scored, for sorting and for verdicts. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../data/rows/messages.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { askedPrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import {
  CAPACITY_STEP,
  CachedDecoder,
  type DecoderOptions,
  type Follower,
  PROMPT_BLOCK,
} from '../cached-decoder.ts';
import { requireNumber } from '../generator.ts';

/** Rows that are scored side by side: reading the weights once for several is what makes it quick. */
const ROWS = 8;

type Ids = readonly number[];

interface ScoringOptions {
  /** Ends it before the next rows: the result has the first ones. */
  readonly stop?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** Scores of categories from a model that answers with one of them. */
export class Classifier {
  readonly labels: readonly string[];
  readonly #tokenizer: Tokenizer;
  readonly #scorer: AnswerScorer;
  /** The labels' tokens by the white space that they begin with, which prompts end with. */
  readonly #answers = new Map<string, readonly Ids[]>();

  /** Throws an AppError for fewer than two labels. */
  constructor(options: DecoderOptions, tokenizer: Tokenizer, labels: readonly string[]) {
    if (labels.length < 2)
      throw new AppError(
        'no-categories',
        say`There is only one category.`,
        say`Sorting needs rows with at least two different answers.`,
      );
    this.labels = labels;
    this.#tokenizer = tokenizer;
    this.#scorer = new AnswerScorer(options);
  }

  #answersBehind(space: string): readonly Ids[] {
    const known = this.#answers.get(space);
    const answers = known ?? this.labels.map((label) => answerTokens(this.#tokenizer, space, label));
    this.#answers.set(space, answers);
    return answers;
  }

  /** The prompt of a conversation; null where it and an answer are longer than what the model reads. */
  promptOf(turns: readonly Message[]): AskedPrompt | null {
    const prompt = askedPrompt(this.#tokenizer, turns);
    return this.#scorer.fits(prompt.ids, this.#answersBehind(prompt.space)) ? prompt : null;
  }

  /** Log-probabilities [labels] for each prompt, of the whole answers among each other. */
  async score(
    prompts: readonly AskedPrompt[],
    { stop, onProgress }: ScoringOptions = {},
  ): Promise<Float64Array[]> {
    const scores = new Array<Float64Array>(prompts.length);
    let done = 0;
    for (const [space, places] of Map.groupBy(prompts.keys(), (place) => prompts[place]!.space)) {
      const ids = places.map((place) => prompts[place]!.ids);
      const found = await this.#scorer.score(ids, this.#answersBehind(space), {
        stop,
        onProgress: (fraction) => onProgress?.((done + fraction * places.length) / prompts.length),
      });
      found.forEach((one, i) => {
        scores[places[i]!] = one;
      });
      done += places.length;
    }
    // where it was stopped, the first ones
    const missing = prompts.findIndex((_, i) => scores[i] === undefined);
    return missing < 0 ? scores : scores.slice(0, missing);
  }

  /** Tokens that are read for a row beside its prompt. */
  get tokens(): number {
    const { branches } = readingsOf(this.#answersBehind(''));
    return branches.reduce((sum, { ids }) => sum + ids.length, 0);
  }

  release(): Promise<void> {
    return this.#scorer.release();
  }
}

export class AnswerScorer {
  readonly #decoder: CachedDecoder;
  readonly #maxPositions: number;

  constructor(options: DecoderOptions) {
    this.#decoder = new CachedDecoder(options, 2 * ROWS);
    this.#maxPositions = options.model.maxPositions;
  }

  /** Whether the model can read `prompt` with each of `answers`. */
  fits(prompt: Ids, answers: readonly Ids[]): boolean {
    return prompt.length > 0 && prompt.length + longestOf(answers) <= this.#maxPositions;
  }

  /** For each prompt the log-probabilities [answers] of the whole answers, end included, as if nothing else could be said. */
  async score(
    prompts: readonly Ids[],
    answers: readonly Ids[],
    { stop, onProgress }: ScoringOptions = {},
  ): Promise<Float64Array[]> {
    const readings = readingsOf(answers);
    const scores: Float64Array[] = [];
    for (let start = 0; start < prompts.length && !stop?.aborted; start += ROWS) {
      const some = prompts.slice(start, start + ROWS);
      const tokens = longestOf(some) + longestOf(answers);
      await this.#decoder.reserve(
        Math.min(this.#maxPositions, CAPACITY_STEP * Math.ceil(tokens / CAPACITY_STEP)),
      );
      scores.push(...(await this.#scoreSome(some, readings)));
      onProgress?.(scores.length / prompts.length);
    }
    return scores;
  }

  release(): Promise<void> {
    return this.#decoder.release();
  }

  async #scoreSome(prompts: readonly Ids[], { trunk, branches, steps }: Readings): Promise<Float64Array[]> {
    // what all answers begin with is read with the prompt
    const trunks = prompts.map((ids) => [...ids, ...trunk]);
    const first = await this.#readTrunks(trunks);
    const later: Float32Array[][] = [];
    const time = roomFor(branches.map(({ ids }) => ids));
    const told = longestOf(branches.map(({ followers }) => followers));
    for (const { ids, followers } of branches) {
      trunks.forEach((before, row) => {
        this.#decoder.copy(row, ROWS + row, before.length);
      });
      const parts = trunks.map((before, row) => ({
        ...{ slot: ROWS + row, ids, followers },
        length: before.length + ids.length,
      }));
      later.push(await this.#decoder.follow(parts, time, told));
    }
    return prompts.map((_, row) =>
      amongEachOther(
        steps.map(({ id, branch, places }) =>
          places.reduce((sum, place) => sum + later[branch]![row]![place]!, first[row]![id]!),
        ),
      ),
    );
  }

  /** Reads `texts` into the first slots; gives the logits [V] after the last token of each. */
  async #readTrunks(texts: readonly Ids[]): Promise<Float32Array[]> {
    const decoder = this.#decoder;
    texts.forEach((_, row) => {
      decoder.reset(row);
    });
    const logits: Float32Array[] = [];
    for (let start = 0; start < longestOf(texts); start += PROMPT_BLOCK) {
      const parts = texts.flatMap((text, row) => {
        const ids = text.slice(start, start + PROMPT_BLOCK);
        const isLast = start + PROMPT_BLOCK >= text.length;
        return ids.length === 0 ? [] : [{ slot: row, ids, length: text.length, isLast }];
      });
      const outcomes = await decoder.advance(parts, PROMPT_BLOCK);
      parts.forEach(({ slot, isLast }, i) => {
        if (isLast) logits[slot] = outcomes[i]!.slice();
      });
    }
    return logits;
  }
}

/** Programs are compiled for a few lengths. */
const LENGTHS = [1, 2, 4, 8, 16, 32];

function roomFor(texts: readonly Ids[]): number {
  const longest = longestOf(texts);
  return LENGTHS.find((length) => length >= longest) ?? PROMPT_BLOCK * Math.ceil(longest / PROMPT_BLOCK);
}

const longestOf = (lists: readonly (readonly unknown[])[]): number =>
  Math.max(0, ...lists.map(({ length }) => length));

/** Log-probabilities of what has the log-probabilities `scores` where nothing else can be: they may all be far below what counts. */
function amongEachOther(scores: readonly number[]): Float64Array {
  const largest = Math.max(...scores);
  requireNumber(largest);
  const sum = largest + Math.log(scores.reduce((all, score) => all + Math.exp(score - largest), 0));
  return Float64Array.from(scores, (score) => score - sum);
}

/** What a model has to read to tell how likely each of several answers is. */
interface Readings {
  /** Tokens that all answers begin with; each goes on. */
  readonly trunk: Ids;
  /** What is read behind it, each for one answer or for several that begin alike, and tokens that may follow there. */
  readonly branches: readonly { readonly ids: Ids; readonly followers: readonly Follower[] }[];
  /** For each answer its first token behind the trunk, and where the others stand among the followers of a branch. */
  readonly steps: readonly {
    readonly id: number;
    readonly branch: number;
    readonly places: readonly number[];
  }[];
}

export function readingsOf(answers: readonly Ids[]): Readings {
  const [first = []] = answers;
  let shared = 0;
  const shortest = Math.min(...answers.map(({ length }) => length));
  while (shared < shortest - 1 && answers.every((ids) => ids[shared] === first[shared])) shared++;
  const rests = answers.map((ids) => ids.slice(shared));
  const branches: { ids: Ids; followers: Follower[] }[] = [];
  // the longest first: what others begin with is read once
  for (const ids of rests.map((rest) => rest.slice(0, -1)).toSorted((a, b) => b.length - a.length))
    if (ids.length > 0 && !branches.some((one) => begins(one.ids, ids)))
      branches.push({ ids, followers: [] });
  const steps = rests.map((rest) => {
    const branch = branches.findIndex((one) => begins(one.ids, rest.slice(0, -1)));
    const places = rest.slice(1).map((id, after) => placeOf(branches[branch]!.followers, { after, id }));
    return { id: rest[0]!, branch, places };
  });
  return { trunk: first.slice(0, shared), branches, steps };
}

function begins(text: Ids, beginning: Ids): boolean {
  return beginning.length <= text.length && beginning.every((id, i) => id === text[i]);
}

/** Where `wanted` stands among `followers`; it is added where it is missing. */
function placeOf(followers: Follower[], wanted: Follower): number {
  const place = followers.findIndex(({ after, id }) => after === wanted.after && id === wanted.id);
  return place >= 0 ? place : followers.push(wanted) - 1;
}

/** The tokens of an answer and what ends it, as they follow a prompt whose last white space is `space`. */
function answerTokens(tokenizer: Tokenizer, space: string, label: string): number[] {
  const { chat, special } = tokenizer;
  if (chat === null)
    return [...tokenizer.encode(space + label), ...(special.eos === null ? [] : [special.eos])];
  const asked: Message[] = [{ role: 'user', content: 'a' }];
  const prompt = chat.render(asked, { addGenerationPrompt: true });
  const whole = chat.render([...asked, { role: 'assistant', content: label }]);
  if (!whole.startsWith(prompt))
    throw new AppError(
      'chat-template.refused',
      say`The model's chat template writes answers elsewhere than it asks for them.`,
      say`Choose another model for sorting.`,
    );
  const ids = tokenizer.encode(space + whole.slice(prompt.length));
  // what a template writes behind the end of a turn is no part of the answer
  const end = ids.findIndex((id) => tokenizer.stopIds.includes(id));
  return end < 0 ? ids : ids.slice(0, end + 1);
}
