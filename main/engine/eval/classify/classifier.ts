/** Scores of categories from a model that answers with one of them: nothing else is generated, so one pass over the prompt tells most. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Message } from '../../data/rows/messages.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import { CAPACITY_STEP, CachedDecoder, type DecoderOptions, PROMPT_BLOCK } from '../cached-decoder.ts';

/** Rows that are scored side by side: reading the weights once for several is what makes it quick. */
const ROWS = 8;

export class Classifier {
  readonly labels: readonly string[];
  readonly #tokenizer: Tokenizer;
  readonly #decoder: CachedDecoder;
  readonly #maxPositions: number;
  readonly #forks: readonly Fork[];
  readonly #longest: number;

  /** Throws an AppError for fewer than two labels, and where the tokens of one begin another's. */
  constructor(options: DecoderOptions, tokenizer: Tokenizer, labels: readonly string[]) {
    if (labels.length < 2)
      throw new AppError(
        'no-categories',
        say`There is only one category.`,
        say`Sorting needs rows with at least two different answers.`,
      );
    this.labels = labels;
    this.#tokenizer = tokenizer;
    this.#decoder = new CachedDecoder(options, 2 * ROWS);
    this.#maxPositions = options.model.maxPositions;
    const answers = labels.map((label) => answerTokens(tokenizer, label));
    this.#forks = forksOf(answers);
    this.#longest = Math.max(...answers.map((ids) => ids.length));
  }

  /** The prompt of a conversation; null where it and an answer are longer than what the model reads. */
  promptOf(turns: readonly Message[]): readonly number[] | null {
    const ids = encodePrompt(this.#tokenizer, turns);
    return ids.length === 0 || ids.length + this.#longest > this.#maxPositions ? null : ids;
  }

  /** Log-probabilities [labels] for each prompt, or for the first ones where `stop` is aborted. */
  async score(prompts: readonly (readonly number[])[], stop?: AbortSignal): Promise<Float64Array[]> {
    const scores: Float64Array[] = [];
    for (let start = 0; start < prompts.length && !stop?.aborted; start += ROWS)
      scores.push(...(await this.#scoreSome(prompts.slice(start, start + ROWS))));
    return scores;
  }

  release(): Promise<void> {
    return this.#decoder.release();
  }

  async #scoreSome(prompts: readonly (readonly number[])[]): Promise<Float64Array[]> {
    const scores = prompts.map(() => new Float64Array(this.labels.length));
    const longest = Math.max(...prompts.map((ids) => ids.length)) + this.#longest;
    await this.#decoder.reserve(
      Math.min(this.#maxPositions, CAPACITY_STEP * Math.ceil(longest / CAPACITY_STEP)),
    );
    const [first, ...others] = this.#forks;
    // the answers' common beginning is read with the prompt
    const trunks = prompts.map((ids) => [...ids, ...first!.path]);
    const atFirst = await this.#read(trunks, 0);
    atFirst.forEach((logits, row) => {
      addFork(scores[row]!, first!, logits);
    });
    for (const fork of others) {
      trunks.forEach((ids, row) => {
        this.#decoder.copy(row, ROWS + row, ids.length);
      });
      const path = fork.path.slice(first!.path.length);
      const there = await this.#read(
        prompts.map(() => path),
        ROWS,
      );
      there.forEach((logits, row) => {
        addFork(scores[row]!, fork, logits);
      });
    }
    return scores;
  }

  /** Appends `texts` to the slots from `from` on, and gives the logits [V] after the last token of each. */
  async #read(texts: readonly (readonly number[])[], from: number): Promise<Float32Array[]> {
    const decoder = this.#decoder;
    if (from === 0)
      texts.forEach((_, row) => {
        decoder.reset(row);
      });
    const logits: Float32Array[] = [];
    const longest = Math.max(...texts.map((ids) => ids.length));
    for (let start = 0; start < longest; start += PROMPT_BLOCK) {
      const parts = texts.flatMap((ids, row) => {
        const block = ids.slice(start, start + PROMPT_BLOCK);
        const length = decoder.lengthOf(from + row) + ids.length - start;
        return block.length === 0
          ? []
          : [{ slot: from + row, ids: block, length, row, isLast: start + PROMPT_BLOCK >= ids.length }];
      });
      const most = Math.max(...parts.map(({ ids }) => ids.length));
      const outcomes = await decoder.advance(parts, most > 4 ? PROMPT_BLOCK : most);
      parts.forEach(({ row, isLast }, i) => {
        if (isLast) logits[row] = outcomes[i]!.slice();
      });
    }
    return logits;
  }
}

/** The tokens of an answer and what ends it, as they follow a prompt. */
function answerTokens(tokenizer: Tokenizer, label: string): number[] {
  const { chat, special } = tokenizer;
  if (chat === null) return [...tokenizer.encode(label), ...(special.eos === null ? [] : [special.eos])];
  const asked: Message[] = [{ role: 'user', content: 'a' }];
  const prompt = chat.render(asked, { addGenerationPrompt: true });
  const whole = chat.render([...asked, { role: 'assistant', content: label }]);
  if (!whole.startsWith(prompt))
    throw new AppError(
      'chat-template.refused',
      say`The model's chat template writes answers elsewhere than it asks for them.`,
      say`Choose another model for sorting.`,
    );
  return tokenizer.encode(whole.slice(prompt.length));
}

/** Where the tokens of several answers part: what a model has to be asked to tell how likely each of them is. */
export interface Fork {
  /** Tokens of the answer that lead here. */
  readonly path: readonly number[];
  /** The tokens that can follow, and the answers that go on with each. */
  readonly ways: readonly { readonly token: number; readonly answers: readonly number[] }[];
}

/** The forks of `answers`, each a list of tokens of which none begins another one; shorter paths first. */
export function forksOf(answers: readonly (readonly number[])[]): Fork[] {
  const forks: Fork[] = [];
  const open: { path: readonly number[]; members: readonly number[] }[] = [
    { path: [], members: answers.map((_, i) => i) },
  ];
  for (let here = open.shift(); here; here = open.shift()) {
    const { path, members } = here;
    if (members.length < 2) continue;
    const ways = [...Map.groupBy(members, (i) => answers[i]![path.length] ?? END)].map(([token, group]) => ({
      token,
      answers: group,
    }));
    if (ways.some(({ token }) => token === END)) throw new Error('internal: an answer begins another one');
    if (ways.length > 1) forks.push({ path, ways });
    for (const { token, answers: group } of ways) open.push({ path: [...path, token], members: group });
  }
  return forks;
}

const END = -1;

/**
 * Adds to `scores` [answers] what the logits [V] at a fork say: the log-probability of each way among those that there are. Over all forks
 * the sums are log-probabilities of the answers, as if nothing else could be said.
 */
export function addFork(scores: Float64Array, { ways }: Fork, logits: Float32Array): void {
  const largest = Math.max(...ways.map(({ token }) => logits[token]!));
  const total = ways.reduce((sum, { token }) => sum + Math.exp(logits[token]! - largest), 0);
  for (const { token, answers } of ways)
    for (const answer of answers) scores[answer]! += logits[token]! - largest - Math.log(total);
}
