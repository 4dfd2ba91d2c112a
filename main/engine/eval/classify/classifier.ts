/** How likely a model finds answers that are allowed: the one place where closed sets are scored, for sorting and for verdicts. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../../rows/messages.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { askedPrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import { CAPACITY_STEP, CachedDecoder, type DecoderOptions, PROMPT_BLOCK } from '../cached-decoder.ts';
import { amongEachOther } from '../generator.ts';
import { answersSize, perList, readsBeside, SideBySide } from './beside.ts';
import { type Ids, type Readings, readingsOf } from './readings.ts';

/** Rows that are scored side by side: reading the weights once for several is what makes it quick. */
const ROWS = 8;

export interface ScoringOptions {
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
    return answersSize(this.#answersBehind(''));
  }

  release(): Promise<void> {
    return this.#scorer.release();
  }
}

export class AnswerScorer {
  readonly #options: DecoderOptions;
  readonly #beside: SideBySide;
  #decoder: CachedDecoder | null = null;
  readonly #maxPositions: number;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#beside = new SideBySide(options);
    this.#maxPositions = options.model.maxPositions;
  }

  /** Whether the model can read `prompt` with each of `answers`. */
  fits(prompt: Ids, answers: readonly Ids[]): boolean {
    return prompt.length > 0 && prompt.length + longestOf(answers) <= this.#maxPositions;
  }

  /** For each prompt the log-probabilities [answers] of the whole answers, end included, as if nothing else could be said. */
  score(prompts: readonly Ids[], answers: readonly Ids[], options?: ScoringOptions): Promise<Float64Array[]> {
    return this.scoreEach(prompts, new Array<readonly Ids[]>(prompts.length).fill(answers), options);
  }

  /** The same where each prompt has answers of its own; prompts in a row that share a list are read together. */
  async scoreEach(
    prompts: readonly Ids[],
    answers: readonly (readonly Ids[])[],
    { stop, onProgress }: ScoringOptions = {},
  ): Promise<Float64Array[]> {
    const longest = longestOf(prompts) + Math.max(0, ...perList(answers, answersSize));
    if (readsBeside(this.#options.model, longest)) {
      const scores = await this.#beside.score(prompts, answers, (done) => {
        onProgress?.(done / prompts.length);
        return !stop?.aborted;
      });
      const missing = scores.indexOf(undefined);
      return (missing < 0 ? scores : scores.slice(0, missing)).map((one) => amongEachOther(one!));
    }
    this.#decoder ??= new CachedDecoder(this.#options, 2 * ROWS);
    const scores: Float64Array[] = [];
    let readings: Readings | null = null;
    while (scores.length < prompts.length && !stop?.aborted) {
      const start = scores.length;
      const own = answers[start]!;
      const other = answers.findIndex((list, place) => place > start && list !== own);
      const some = prompts.slice(start, Math.min(start + ROWS, other < 0 ? prompts.length : other));
      if (readings === null || own !== answers[start - 1]) readings = readingsOf(own);
      const tokens = longestOf(some) + longestOf(own);
      await this.#decoder.reserve(
        Math.min(this.#maxPositions, CAPACITY_STEP * Math.ceil(tokens / CAPACITY_STEP)),
      );
      scores.push(...(await this.#scoreSome(this.#decoder, some, readings)));
      onProgress?.(scores.length / prompts.length);
    }
    return scores;
  }

  async release(): Promise<void> {
    await this.#beside.release();
    await this.#decoder?.release();
  }

  async #scoreSome(
    decoder: CachedDecoder,
    prompts: readonly Ids[],
    { trunk, branches, steps }: Readings,
  ): Promise<Float64Array[]> {
    // what all answers begin with is read with the prompt
    const trunks = prompts.map((ids) => [...ids, ...trunk]);
    const first = await this.#readTrunks(decoder, trunks);
    const later: Float32Array[][] = [];
    const time = roomFor(branches.map(({ ids }) => ids));
    const followerCount = longestOf(branches.map(({ followers }) => followers));
    for (const { ids, followers } of branches) {
      trunks.forEach((before, row) => {
        decoder.copy(row, ROWS + row, before.length);
      });
      const parts = trunks.map((before, row) => ({
        slot: ROWS + row,
        ids,
        followers,
        length: before.length + ids.length,
      }));
      later.push(await decoder.follow(parts, time, followerCount));
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
  async #readTrunks(decoder: CachedDecoder, texts: readonly Ids[]): Promise<Float32Array[]> {
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

/** The tokens of an answer and what ends it, as they follow a prompt whose last white space is `space`. */
export function answerTokens(tokenizer: Tokenizer, space: string, label: string): number[] {
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
