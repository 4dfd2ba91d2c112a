/**
 * At how many tokens rows should be cut off: a few limits with what each would lose, and the one that is proposed. Answers stand at the end
 * of rows, so what is lost is mostly what should be learned: the loss of labelled tokens decides.
 */

import type { LengthChoice, LengthChoices, Why } from '../../common/api/contract.ts';
import type { LengthProfile } from '../../common/protocol/protocol.ts';
import { sum } from '../../common/values.ts';

/** Shares of the rows that the limits of a list leave whole. */
const WHOLE_SHARES = [0.5, 0.75, 0.9, 0.95, 0.99, 1] as const;
/** Up to here a row costs so little memory that nothing needs to be lost. */
const CHEAP_TOKENS = 1024;
/** So few labelled tokens may be lost where rows are long. */
export const LOSABLE_SHARE = 0.01;
/** Where nothing is known of the lengths. */
export const USUAL_LENGTH = 1024;
const TEXT_LIMITS = [256, 512, 1024] as const;

/** Limits for rows as `profile` has counted them, none above the `contextLength` that the model reads (null: not known). */
export function lengthChoices(profile: LengthProfile, contextLength: number | null): LengthChoices {
  const { longest, texts } = profile;
  const rows = sum(profile.rows);
  const limits = rows === 0 ? textLimits(profile, contextLength) : rowLimits(profile, rows, contextLength);
  const choices = limits.map((limit) => choiceAt(profile, rows, limit));
  const proposed = rows === 0 ? choices.at(-1)! : proposedOf(choices);
  return {
    rows,
    longest: Math.max(longest, profile.longestText),
    texts,
    choices,
    proposed: proposed.maxLength,
    why: whyOf(proposed, rows, longest, contextLength),
  };
}

/** What a limit of `maxLength` tokens loses; exact where that is a multiple of the profile's bins, else counted up to the bin's end. */
function choiceAt(profile: LengthProfile, rows: number, maxLength: number): LengthChoice {
  const bin = Math.ceil(maxLength / profile.binTokens);
  const rowsCut = maxLength >= profile.longest ? 0 : sum(profile.rows.slice(bin));
  const share = (counts: readonly number[]) =>
    rowsCut === 0 ? 0 : sum(counts.slice(bin)) / Math.max(1, sum(counts));
  return {
    maxLength,
    rowsCut,
    rowsCutShare: rows === 0 ? 0 : rowsCut / rows,
    tokensLost: share(profile.tokens),
    labelledLost: share(profile.labelled),
  };
}

/** Tokens that are left of an epoch at a limit, and those of them that the loss counts. */
export function tokensWithin(
  profile: LengthProfile,
  maxLength: number,
): { readonly tokens: number; readonly labelled: number } {
  const bin = Math.ceil(maxLength / profile.binTokens);
  return {
    tokens: sum(profile.tokens.slice(0, bin)) + profile.textTokens,
    labelled: sum(profile.labelled.slice(0, bin)) + profile.textTokens,
  };
}

function rowLimits(profile: LengthProfile, rows: number, contextLength: number | null): number[] {
  const limit = contextLength ?? Number.POSITIVE_INFINITY;
  const limits = WHOLE_SHARES.map((share) => Math.min(limit, wholeUpTo(profile, rows * share)));
  return [...new Set(limits)].sort((a, b) => a - b);
}

/** The smallest multiple of the bins at which at least `count` rows are whole. */
function wholeUpTo({ rows, binTokens }: LengthProfile, count: number): number {
  let whole = 0;
  for (const [bin, here] of rows.entries()) {
    whole += here;
    if (whole >= count) return (bin + 1) * binTokens;
  }
  return rows.length * binTokens;
}

function textLimits({ longestText, binTokens }: LengthProfile, contextLength: number | null): number[] {
  const most = Math.min(
    contextLength ?? Number.POSITIVE_INFINITY,
    Math.max(binTokens, Math.ceil(longestText / binTokens) * binTokens),
  );
  const usual = TEXT_LIMITS.filter((limit) => limit < most);
  return most <= CHEAP_TOKENS ? [...usual, most] : usual;
}

function proposedOf(choices: readonly LengthChoice[]): LengthChoice {
  const whole = choices.find(({ rowsCut }) => rowsCut === 0);
  if (whole && whole.maxLength <= CHEAP_TOKENS) return whole;
  return choices.find(({ labelledLost }) => labelledLost <= LOSABLE_SHARE) ?? choices.at(-1)!;
}

function whyOf(
  { maxLength, rowsCut, labelledLost }: LengthChoice,
  rows: number,
  longest: number,
  contextLength: number | null,
): Why {
  if (rows === 0) return { key: 'length-text', numbers: { maxLength } };
  if (rowsCut === 0) return { key: 'length-all', numbers: { maxLength, longest } };
  const key = maxLength === contextLength ? 'length-limit' : 'length-most';
  return { key, numbers: { maxLength, rowsCut, labelledLost } };
}
