/** Judges answers in a thread of its own, which is ended and replaced where an answer takes it too long. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../common/errors.ts';
import type { JudgedRow, Judgement, Rule } from '../../../../common/extras/rules/rules.ts';
import { type Language, language } from '../../../../common/words/language.ts';
import { programPath, type SentError } from '../../../rows/threads.ts';
import { limitReached, RULE_LIMIT, RULE_LIMITS } from './limits.ts';

export interface ThreadStart {
  readonly rules: readonly Rule[];
  readonly language: Language;
}
export type ThreadReply =
  | { readonly ready: true }
  | { readonly judgement: Judgement }
  | { readonly wrong: SentError }
  | { readonly fault: string };

/** Starting takes a second or two on a busy computer. */
const START_MS = 60_000;
/** Answers in a row of which a limit left nothing known. */
const MOST_STUCK = 5;

/** Opens before it is needed, so that a wrong rule is told at once. One answer at a time. */
export class RuleJudge {
  readonly #rules: readonly Rule[];
  #worker: Worker | null = null;
  #stuck = 0;

  private constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Throws an AppError for a rule that can't be. */
  static async open(rules: readonly Rule[]): Promise<RuleJudge> {
    const judge = new RuleJudge(rules);
    await judge.#start();
    return judge;
  }

  /** An answer at which a rule reaches a limit fails; throws an AppError where it does so on answer after answer. */
  async judge(answer: string, row: JudgedRow): Promise<Judgement> {
    try {
      if (!this.#worker) await this.#start();
      const reply = await this.#ask(this.#worker!, RULE_LIMITS.threadMs, [answer, row]);
      if (!('judgement' in reply)) throw new Error('internal: a thread of rules gave no judgement');
      this.#stuck = 0;
      return reply.judgement;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== RULE_LIMIT) throw error;
      if (++this.#stuck >= MOST_STUCK) throw error;
      return { passes: false, score: 0, reason: error.message };
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #start(): Promise<void> {
    const worker = new Worker(programPath(join(import.meta.dirname, 'rules-thread.ts')), {
      workerData: { rules: this.#rules, language: language() } satisfies ThreadStart,
      resourceLimits: { maxOldGenerationSizeMb: RULE_LIMITS.threadBytes / 2 ** 20 },
      env: {},
    });
    this.#worker = worker;
    await this.#ask(worker, START_MS);
  }

  /** What the thread says next; it is ended where that takes too long. */
  async #ask(worker: Worker, ms: number, message?: readonly [string, JudgedRow]): Promise<ThreadReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ThreadReply>();
    const late = setTimeout(() => reject(limitReached({ ms })), ms);
    const died = () => reject(limitReached({ bytes: RULE_LIMITS.threadBytes }));
    worker.once('message', resolve).once('error', died).once('exit', died);
    if (message) worker.postMessage(message);
    try {
      const reply = await promise;
      if ('fault' in reply) throw new Error(`internal: a rule failed: ${reply.fault}`);
      if ('wrong' in reply) throw new AppError(reply.wrong.code, reply.wrong.message, reply.wrong.hint);
      return reply;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      clearTimeout(late);
      worker.off('message', resolve).off('error', died).off('exit', died);
    }
  }
}
