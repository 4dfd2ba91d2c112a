/** All checks, by the harm that they find: what stops or misleads a training first, what is good to know last. */
import { conflictingAnswers, conflictingQuestions } from './checks/conflicting-answers.ts';
import { controlCharacters } from './checks/control-characters.ts';
import { cutAnswers } from './checks/cut-answers.ts';
import { emptyAnswers } from './checks/empty-answers.ts';
import { exactDuplicates } from './checks/exact-duplicates.ts';
import { fewRows } from './checks/few-rows.ts';
import { labelImbalance } from './checks/label-imbalance.ts';
import { leaks } from './checks/leaks.ts';
import { lostCharacters } from './checks/lost-characters.ts';
import { mixedLanguages } from './checks/mixed-languages.ts';
import { mojibake } from './checks/mojibake.ts';
import { nearDuplicates } from './checks/near-duplicates.ts';
import { oneWordAnswers } from './checks/one-word-answers.ts';
import { emailAddresses, paymentNumbers, phoneNumbers, secrets } from './checks/personal-data.ts';
import { renderedConversations, templateTokens } from './checks/template-tokens.ts';
import { tooManyTokens } from './checks/too-many-tokens.ts';
import { unusableRows } from './checks/unusable-rows.ts';
import { wrongRoles } from './checks/wrong-roles.ts';
import { type Check, type CorpusCheck, isCorpusCheck, type RowCheck } from './finding.ts';

/** Worst first. */
export const CHECKS: readonly Check[] = [
  wrongRoles,
  emptyAnswers,
  unusableRows,
  secrets,
  paymentNumbers,
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
  mixedLanguages,
  labelImbalance,
  fewRows,
  tooManyTokens,
  renderedConversations,
];

export const ROW_CHECKS: readonly RowCheck[] = CHECKS.filter((check) => !isCorpusCheck(check)) as RowCheck[];
export const CORPUS_CHECKS: readonly CorpusCheck[] = CHECKS.filter(isCorpusCheck);

/** Row fixes in the order of the work: letters first, then what they spell, then turns, then whole rows. */
export const MENDS: readonly RowCheck[] = [
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
  unusableRows,
];

/** Fixes that leave rows out because of other rows: votes are counted before copies go. */
export const DROPS: readonly CorpusCheck[] = [
  conflictingAnswers,
  conflictingQuestions,
  exactDuplicates,
  nearDuplicates,
  leaks,
  oneWordAnswers,
  mixedLanguages,
  tooManyTokens,
];
