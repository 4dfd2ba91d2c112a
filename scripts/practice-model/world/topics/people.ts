/** People: jobs, family, and what the body is for. */
import { type FactKind, factTopic, having, unique } from '../facts.ts';
import { BODY, BOYS, FAMILY, GIRLS, JOBS, WEAR } from '../lexicon/people.ts';
import { table } from '../text.ts';

const ROLES = table(`
role|is
king|man
queen|woman
father|man
mother|woman
son|boy
daughter|girl
brother|boy
sister|girl
uncle|man
aunt|woman
grandfather|man
grandmother|woman
husband|man
wife|woman
prince|boy
princess|girl
`);
const NAMED = [...GIRLS.map((name) => ({ name, is: 'girl' })), ...BOYS.map((name) => ({ name, is: 'boy' }))];

const FACTS: FactKind[] = [
  {
    rows: JOBS,
    questions: [
      'What does [a job] do?',
      'What is the job of [a job]?',
      'What is the work of [a job]?',
      'What does [a job] do at work?',
      'Tell me what [a job] does.',
      'Do you know what [a job] does?',
      'What does [a job] do all day?',
      'How does [a job] earn money?',
    ],
    answer: '[A job] [does].',
    follow: '{And|What about} [a job]?',
  },
  {
    rows: unique(JOBS, 'does'),
    questions: [
      'Who [does]?',
      'Which person [does]?',
      'Tell me who [does].',
      'Do you know who [does]?',
      'What do you call a person who [does]?',
      'What is the name of the job of somebody who [does]?',
      'My friend [does]. What is my friend?',
    ],
    answer: '[A job] [does].',
    short: '[a job]',
    weight: 1.3,
  },
  {
    rows: having(JOBS, 'place'),
    questions: [
      'Where does [a job] work?',
      'Where do [s job] work?',
      'Where can you find [a job]?',
      'In what place does [a job] work?',
      'Tell me where [a job] works.',
      'Where is the work of [a job]?',
    ],
    answer: '[A job] works [place].',
    short: '[place]',
    follow: '{And|What about} [a job]?',
  },
  {
    rows: having(JOBS, 'tool'),
    questions: [
      'What does [a job] use?',
      'What does [a job] need for work?',
      'What does [a job] work with?',
      'Which tool does [a job] use?',
      'What do [s job] use for their work?',
      'Tell me what [a job] uses.',
    ],
    answer: '[A job] uses [tool].',
    short: '[tool]',
    follow: '{And|What about} [a job]?',
  },
  {
    rows: FAMILY,
    questions: [
      'Who is your [whose]?',
      'What do you call your [whose]?',
      'Your [whose] is your what?',
      'What is the word for your [whose]?',
      'What is your [whose] to you?',
    ],
    answer: 'Your [whose] is your [who].',
    short: '[who]',
    follow: 'And your [whose]?',
    weight: 1.5,
  },
  {
    rows: BODY,
    questions: [
      'What do you [act] with?',
      'With what do you [act]?',
      'Which part of the body do you need to [act]?',
      'What do people [act] with?',
      'Which part of the body do you use to [act]?',
    ],
    answer: 'You [act] with your [part].',
    short: '[part]',
    follow: 'And with what do you [act]?',
    weight: 1.5,
  },
  {
    rows: WEAR,
    questions: [
      'Where do you wear [wear]?',
      'On which part of the body do you wear [wear]?',
      'Where do people wear [wear]?',
      'Where does one put on [wear]?',
      'Where do you put [wear] on?',
      'Tell me where you wear [wear].',
    ],
    answer: 'You wear [wear] on your [part].',
    short: '[part]',
    follow: 'And [wear]?',
    weight: 1.2,
  },
  {
    rows: ROLES,
    questions: ['Is [a role] a [is]?', 'Is it true that [a role] is a [is]?', 'Can [a role] be a [is]?'],
    answer: 'Yes, [a role] is a [is].',
    short: 'yes',
    weight: 0.5,
  },
  {
    rows: NAMED,
    questions: [
      'Is [name] a name for a boy or a girl?',
      'Is [name] a boy or a girl?',
      'Is [name] the name of a boy or of a girl?',
      'Who is called [name], a boy or a girl?',
      'I know somebody called [name]. Is it a boy or a girl?',
      'Does [name] sound like a boy or a girl?',
      'Tell me if [name] is a boy or a girl.',
    ],
    answer: '[Name] is a [is].',
    short: 'a [is]',
    follow: 'And [name]?',
    weight: 0.5,
  },
];

export const people = factTopic('people', FACTS);
