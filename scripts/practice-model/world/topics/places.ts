/** Places: where one does, buys, keeps and finds things, and some capitals. */
import { type FactKind, factTopic } from '../facts.ts';
import { BUY, CAPITALS, KEEP, PLACES, ROOMS } from '../lexicon/places.ts';

const FACTS: FactKind[] = [
  {
    rows: BUY,
    questions: [
      'Where can I buy [thing]?',
      'Where do you buy [thing]?',
      'Where can you get [thing]?',
      'Which shop sells [thing]?',
      'I need [thing]. Where do I go?',
      'Where do people buy [thing]?',
      'I want to buy [thing]. Where can I go?',
      'In which shop do you find [thing]?',
      'Tell me where to buy [thing].',
    ],
    answer: 'You can buy [thing] at [a shop].',
    short: '[a shop]',
    follow: '{And|What about} [thing]?',
  },
  {
    rows: PLACES,
    questions: [
      'What can you do [at]?',
      'What do people do [at]?',
      'Why do people go to [a place]?',
      'What is [a place] for?',
      'What can I do [at]?',
      'Tell me what one can do [at].',
      'What do you do [at]?',
    ],
    answer: 'You can [act] [at].',
    follow: '{And|What about} [a place]?',
  },
  {
    rows: PLACES,
    questions: [
      'Where can you [act]?',
      'Where can I [act]?',
      'Where do people go to [act]?',
      'I want to [act]. Where do I go?',
      'Which place is right if I want to [act]?',
      'Where does one go to [act]?',
      'Tell me where I can [act].',
    ],
    answer: 'You can [act] [at].',
    short: '[a place]',
  },
  {
    rows: ROOMS,
    questions: [
      'In which room do you [act]?',
      'Where at home do you [act]?',
      'Where in the house do you [act]?',
      'Which part of the house do you use to [act]?',
      'At home, where do people [act]?',
      'What is the right place at home to [act]?',
    ],
    answer: 'You [act] in the [room].',
    short: 'in the [room]',
    follow: 'And where do you [act] at home?',
    weight: 1.3,
  },
  {
    rows: KEEP,
    questions: [
      'Where do you put [thing]?',
      'Where do you keep [thing]?',
      'Where does one put [thing]?',
      'What is the right place for [thing]?',
      'Where should I put [thing]?',
      'I have [thing] here. What is the right place?',
      'Where would you put [thing]?',
    ],
    answer: 'You put [thing] [where].',
    short: '[where]',
    follow: '{And|What about} [thing]?',
  },
  {
    rows: CAPITALS,
    questions: [
      'What is the capital of [country]?',
      'Which city is the capital of [country]?',
      'What is the capital city of [country]?',
      'Name the capital of [country].',
      'Tell me the capital of [country].',
      'Do you know the capital of [country]?',
      '[Country] has a capital. What is it?',
    ],
    answer: 'The capital of [country] is [city].',
    short: '[city]',
    follow: 'And of [country]?',
  },
  {
    rows: CAPITALS,
    questions: [
      'Where is [city]?',
      'In which country is [city]?',
      'In which country do you find [city]?',
      'Which country has the capital [city]?',
      'Of which country is [city] the capital?',
      'Do you know in which country [city] is?',
    ],
    answer: '[City] is in [country].',
    short: '[country]',
    follow: 'And [city]?',
  },
];

export const places = factTopic('places', FACTS, 1.1);
