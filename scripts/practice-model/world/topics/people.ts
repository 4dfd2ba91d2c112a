/** People: jobs, family, and what the body is for. */
import text from '../../../../resources/practice-model/source/world/topics/people.json' with { type: 'json' };
import { factTopic, having, kinds, unique } from '../facts.ts';
import { BODY, BOYS, FAMILY, GIRLS, JOBS, WEAR } from '../lexicon.ts';
import { table } from '../text.ts';

const ROLES = table(text.ROLES);
const NAMED = [...GIRLS.map((name) => ({ name, is: 'girl' })), ...BOYS.map((name) => ({ name, is: 'boy' }))];

const FACTS = kinds(text.FACTS, [
  JOBS,
  unique(JOBS, 'does'),
  having(JOBS, 'place'),
  having(JOBS, 'tool'),
  FAMILY,
  BODY,
  WEAR,
  ROLES,
  NAMED,
]);

export const people = factTopic('people', FACTS);
