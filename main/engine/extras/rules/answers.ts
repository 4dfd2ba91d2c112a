/** Has a model answer questions many at once, several times each, and judges every answer by rules while others are written. */

import type { JudgedAnswer } from '../../../../common/extras/rules/drill.ts';
import type { Judgement, Rule } from '../../../../common/extras/rules/rules.ts';
import { say } from '../../../../common/words/language.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { RunConfig } from '../../config/config.ts';
import { withoutThinking } from '../../data/tokens/conversation.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import { FIRST_PARAGRAPH } from '../../eval/assess/scores.ts';
import { type BatchRequest, generateAll } from '../../eval/batch-generator.ts';
import { decoderOf } from '../../eval/cached-decoder.ts';
import { drawnFrom } from '../../eval/generator.ts';
import { adapterBase, adapterParts, loadAdapter } from '../../load/adapter.ts';
import { withModel } from '../../load/ready-model.ts';
import type { CallIo } from '../../session/call-row.ts';
import { RuleJudge } from './judges.ts';
import type { DrillRow } from './rows.ts';

export interface RuledAsked extends Pick<RunConfig, 'model' | 'executor' | 'threads'> {
  readonly adapter?: string | undefined;
  readonly rules: readonly Rule[];
  /** By their numbers among all rows, which seeds and news name; each is asked for the samples with these numbers. */
  readonly asked: readonly {
    readonly row: number;
    readonly samples: readonly number[];
    readonly of: DrillRow;
  }[];
  /** 0: the likeliest answer. */
  readonly temperature: number;
  readonly maxNewTokens: number;
  readonly seed: number;
}

export interface RuledAnswers {
  readonly tokens: number;
  /** Of generating, without opening the model. */
  readonly seconds: number;
}

/** Throws an AppError for a rule that can't be, before the model is opened; nothing asked opens none. */
export async function ruledAnswers(
  { rules, asked, temperature, maxNewTokens, seed, adapter, ...config }: RuledAsked,
  { emit, stop }: CallIo,
): Promise<RuledAnswers> {
  const judge = await RuleJudge.open(rules);
  const work = asked.flatMap(({ row, samples, of }) => samples.map((sample) => ({ row, sample, of })));
  try {
    if (work.length === 0) return { tokens: 0, seconds: 0 };
    const parts = await adapterParts(adapter);
    const format = await adapterBase(adapter, config);
    return await withModel(
      { ...config, ...parts },
      emit,
      async (ready) => {
        const { tokenizer, opened } = ready;
        const decoder = decoderOf(ready, await loadAdapter(adapter, ready));
        const prompts = new Map(
          asked.map(({ row, of }) => [row, encodePrompt(tokenizer, of.turns, of.tools)] as const),
        );
        const { maxPositions } = opened.model;
        const textOf = (ids: readonly number[], { tools }: DrillRow) =>
          tools
            ? tokenizer.decode(ids.filter((id) => !tokenizer.stopIds.includes(id)))
            : tokenizer.decode(ids, { skipSpecial: true });
        // a model without a template for chats never says that it is done
        const endsAtParagraph = tokenizer.chat === null;
        const fits = work.filter(({ row }) => prompts.get(row)!.length < maxPositions);
        const requests = fits.map(({ row, sample, of }): BatchRequest => {
          const rng = Rng.fromSeed(streamSeed(seed, row, sample));
          return {
            prompt: prompts.get(row)!,
            maxNewTokens,
            ...(temperature > 0 && { choose: drawnFrom(temperature, rng) }),
            ...(endsAtParagraph && { isDecided: (ids) => FIRST_PARAGRAPH.isDecided(textOf(ids, of)) }),
          };
        });
        let judging: Promise<unknown> = Promise.resolve();
        let [done, tokens] = [0, 0];
        const failing = new AbortController();
        const tell = async (index: number, text: string, isWhole: boolean) => {
          const { row, sample, of } = fits[index]!;
          const judged = isWhole ? await judge.judge(text, judgedRow(of)) : cutOff();
          emit({ judged: { row, sample, text, ...judged } satisfies JudgedAnswer });
          emit({ event: 'phase', phase: 'ask', fraction: ++done / fits.length });
        };
        const began = performance.now();
        const ended = AbortSignal.any([stop, failing.signal]);
        try {
          await generateAll(decoder, requests, {
            stopIds: tokenizer.stopIds,
            stop: ended,
            onAnswer: (index, { ids, stopReason }) => {
              tokens += ids.length;
              const said = withoutThinking(textOf(ids, fits[index]!.of)).trim();
              const text = endsAtParagraph ? (said.split(/\n\s*\n/u)[0] ?? '').trim() : said;
              judging = judging.then(() => tell(index, text, stopReason !== 'length'));
              judging.catch((error) => failing.abort(error));
            },
          });
        } finally {
          // what a rule says counts before that it was stopped for it
          await judging;
        }
        return { tokens, seconds: (performance.now() - began) / 1000 };
      },
      format,
      stop,
    );
  } finally {
    await judge.close();
  }
}

function judgedRow({ turns, answer }: DrillRow) {
  return { question: turns.at(-1)!.content, ...(answer !== undefined && { answer }) };
}

function cutOff(): Judgement {
  return { passes: false, score: 0, reason: say`It is too long, and was cut off.` };
}
