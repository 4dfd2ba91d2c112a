/** Kept conversations with models: what was said, by whom, and how it was asked. */
import { z } from 'zod';
import { api, gives, id, subject } from './base.ts';

const LONGEST = 1_000_000;

const Answer = z.object({
  text: z.string().max(LONGEST),
  state: z.enum(['done', 'stopped', 'failed']),
  done: z
    .object({ newTokens: z.number(), tokensPerSecond: z.number(), stopReason: z.string().max(100) })
    .nullable(),
  problem: z
    .object({ code: z.string().max(200), message: z.string().max(10_000), hint: z.string().max(10_000) })
    .nullable(),
});

const Content = z.object({
  name: z.string().min(1).max(200),
  /** Whom it is with now; earlier turns name theirs. */
  of: subject,
  system: z.string().max(LONGEST),
  who: z.enum(['both', 'before', 'after']),
  temperature: z.number().min(0).max(10),
  maxNewTokens: z.int().min(1).max(8192),
  turns: z
    .array(
      z.object({
        user: z.string().max(LONGEST),
        /** The name of the model that answered. */
        by: z.string().max(200),
        before: Answer.nullable(),
        after: Answer.nullable(),
      }),
    )
    .max(5000),
});
export type ConversationContent = z.output<typeof Content>;

export interface ConversationRow {
  readonly id: string;
  readonly name: string;
  readonly updated: string;
}

export interface Conversation extends ConversationRow {
  readonly content: ConversationContent;
}

export const conversations = {
  /** All, the one that was changed last first. */
  list: api.output(gives<readonly ConversationRow[]>()),
  get: api.input(z.object({ id })).output(gives<Conversation>()),
  /** Keeps a new one, or the next state of one that is known. */
  save: api.input(z.object({ id: id.optional(), content: Content })).output(gives<ConversationRow>()),
  remove: api.input(z.object({ id })).output(gives<void>()),
};
