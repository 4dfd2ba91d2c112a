/** Colours of things, mixing, and what traffic lights mean. */
import { type FactKind, factTopic } from '../facts.ts';
import { COLOURED, COLOURS, MIXES } from '../lexicon/things.ts';
import { table } from '../text.ts';

/** Pairs that a person could argue about ("is an apple green?") are not in the table; these colours are plain. */
const CHECKS = COLOURED.flatMap((row) =>
  COLOURS.map((other) => {
    const same = other === row.colour;
    return {
      ...row,
      other,
      reply: same ? `Yes, ${row.thing} ${row.are} ${other}` : `No, ${row.thing} ${row.are} ${row.colour}`,
      word: same ? 'yes' : 'no',
    };
  }),
);
const SAME = COLOURED.map((row) => ({ ...row, does: row.are === 'is' ? 'does' : 'do' }));
const LIGHTS = table(`
light|means
red|stop
green|go
`);
const PALETTE = table(`
thing|colours
a zebra|black and white
a panda|black and white
a chessboard|black and white
a tiger|orange and black
a bee|yellow and black
a football|black and white
`);

const FACTS: FactKind[] = [
  {
    rows: SAME,
    questions: [
      'What colour [are] [thing]?',
      'What is the colour of [thing]?',
      'Which colour [are] [thing]?',
      'Which colour [does] [thing] have?',
      'Tell me the colour of [thing].',
      'What colour [does] [thing] have?',
      'Do you know what colour [thing] [are]?',
      'If I paint [thing], which colour do I need?',
      'What colour would you give [thing] in a picture?',
      '[Thing]: what colour?',
    ],
    answer: '[Thing] [are] [colour].',
    short: '[colour]',
    follow: '{And|What about} [thing]?',
    weight: 2,
  },
  {
    rows: CHECKS.filter((row) => row.word === 'yes'),
    questions: [
      'Is the colour of [thing] [other]?',
      'Is it true that [thing] [are] [other]?',
      'Would you say that [thing] [are] [other]?',
      'Is [other] the colour of [thing]?',
    ],
    answer: '[reply].',
    short: '[word]',
    weight: 0.9,
  },
  {
    rows: CHECKS.filter((row) => row.word === 'no'),
    questions: [
      'Is the colour of [thing] [other]?',
      'Is it true that [thing] [are] [other]?',
      'Would you say that [thing] [are] [other]?',
      'Is [other] the colour of [thing]?',
    ],
    answer: '[reply].',
    short: '[word]',
    weight: 0.1,
  },
  {
    rows: MIXES,
    questions: [
      'What colour do you get when you mix [one] and [two]?',
      'What do [one] and [two] make?',
      'Mix [one] and [two]. What colour is it?',
      'Which colour comes from [one] and [two]?',
      'What happens when you mix [one] with [two]?',
      'I mix [one] paint and [two] paint. What do I get?',
      'Which colour do [one] and [two] make together?',
      'What is [one] mixed with [two]?',
    ],
    answer: '[One] and [two] make [makes].',
    short: '[makes]',
    follow: 'And [one] and [two]?',
    weight: 3,
  },
  {
    rows: LIGHTS,
    questions: [
      'What does a [light] traffic light mean?',
      'The traffic light is [light]. What must I do?',
      'What do you do at a [light] light?',
      'What does a [light] light tell the drivers?',
      'What does [light] mean at a crossing?',
      'The light turns [light]. What does it mean?',
    ],
    answer: 'A [light] light means [means].',
    short: '[means]',
    follow: 'And a [light] light?',
    weight: 3,
  },
  {
    rows: PALETTE,
    questions: [
      'What colours does [thing] have?',
      'What are the colours of [thing]?',
      'Which two colours does [thing] have?',
      'Which colours do you see on [thing]?',
      'Tell me the two colours of [thing].',
    ],
    answer: '[Thing] is [colours].',
    short: '[colours]',
    follow: 'And [thing]?',
    weight: 2,
  },
];

export const colours = factTopic('colours', FACTS);
