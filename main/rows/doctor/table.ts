/** All checks, by the harm that they find: what stops or misleads a training first, what is good to know last. */

import { fewRows, labelImbalance, mixedLanguages, oneValue } from './checks/balance.ts';
import {
  conflictingAnswers,
  conflictingQuestions,
  exactDuplicates,
  leaks,
  nearDuplicates,
} from './checks/duplicates.ts';
import { modelAnswers } from './checks/origins.ts';
import { contradictoryPairs, equalAnswers, longerAnswers, wrongCalls } from './checks/pairs-and-tools.ts';
import {
  controlCharacters,
  emailAddresses,
  lostCharacters,
  mojibake,
  paymentNumbers,
  phoneNumbers,
  secrets,
} from './checks/texts.ts';
import { joinedBorders, renderedConversations, templateTokens, tooManyTokens } from './checks/tokens.ts';
import { cutAnswers, emptyAnswers, oneWordAnswers, unusableRows, wrongRoles } from './checks/turns.ts';
import { type Check, type CorpusCheck, isCorpusCheck, type RowCheck } from './finding.ts';

/** Worst first. */
export const CHECKS: readonly Check[] = [
  wrongRoles,
  emptyAnswers,
  unusableRows,
  wrongCalls,
  secrets,
  paymentNumbers,
  equalAnswers,
  contradictoryPairs,
  conflictingAnswers,
  leaks,
  templateTokens,
  mojibake,
  lostCharacters,
  cutAnswers,
  emailAddresses,
  phoneNumbers,
  exactDuplicates,
  nearDuplicates,
  controlCharacters,
  oneWordAnswers,
  longerAnswers,
  mixedLanguages,
  labelImbalance,
  oneValue,
  modelAnswers,
  fewRows,
  tooManyTokens,
  renderedConversations,
  joinedBorders,
];

export const ROW_CHECKS: readonly RowCheck[] = CHECKS.filter((check) => !isCorpusCheck(check)) as RowCheck[];
export const CORPUS_CHECKS: readonly CorpusCheck[] = CHECKS.filter(isCorpusCheck);

/** Row fixes in the order of the work: letters first, then what they spell, then turns, then whole rows. */
export const REPAIRS: readonly RowCheck[] = [
  mojibake,
  controlCharacters,
  templateTokens,
  secrets,
  paymentNumbers,
  emailAddresses,
  phoneNumbers,
  wrongRoles,
  lostCharacters,
  cutAnswers,
  emptyAnswers,
  equalAnswers,
  wrongCalls,
  unusableRows,
];

/** Fixes that leave rows out because of other rows: votes are counted before copies go. */
export const DROPS: readonly CorpusCheck[] = [
  contradictoryPairs,
  conflictingAnswers,
  conflictingQuestions,
  exactDuplicates,
  nearDuplicates,
  leaks,
  oneWordAnswers,
  mixedLanguages,
  tooManyTokens,
];
