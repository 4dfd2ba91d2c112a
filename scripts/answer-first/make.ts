/**
 * `node scripts/answer-first/make.ts FOLDER`: writes 200 pairs and 40 held-out ones in a house style that a model has no opinion about. Both
 * answers of a pair have the same two sentences; the better one says first what was asked, the other its reason. So neither length nor
 * words tell them apart. They are for measuring (docs/log/training.md) and no sample of the application.
 */
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { type Pair, writePairs } from '../write-pairs.ts';

const ROWS = { 'answer-first.jsonl': 200, 'answer-first.held-out.jsonl': 40 };

const SLOTS: Readonly<Record<string, readonly string[]>> = {
  thing: [
    ...[
      'kettle',
      'lamp',
      'toaster',
      'chair',
      'blanket',
      'clock',
      'mirror',
      'shelf',
      'rug',
      'fan',
      'pan',
      'radio',
    ],
    ...[
      'pillow',
      'bench',
      'teapot',
      'mixer',
      'curtain',
      'stool',
      'heater',
      'vase',
      'jug',
      'tray',
      'basket',
      'broom',
    ],
  ],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  town: ['Lund', 'Oslo', 'Turku', 'Ghent', 'Porto', 'Leeds', 'Graz', 'Brno'],
};

const ASKS = [
  'A customer asks: "[question]" Write a reply.',
  'Answer this customer: "[question]"',
  'The shop got this: "[question]" Write back.',
  'A customer writes: "[question]" Please answer.',
];

interface Matter {
  readonly questions: readonly string[];
  readonly answers: readonly string[];
  readonly reasons: readonly string[];
}

const MATTERS: readonly Matter[] = [
  {
    questions: [
      'Can I still send the [thing] back? I have had it for [number] days.',
      'I bought the [thing] [number] days ago. May I return it?',
    ],
    answers: ['You can no longer return the [thing].', 'It is too late to send the [thing] back.'],
    reasons: [
      'Our time for returns is thirty days.',
      'We take things back for thirty days after you get them.',
    ],
  },
  {
    questions: [
      'When does my [thing] arrive in [town]?',
      'I wait for the [thing]. When will it be in [town]?',
    ],
    answers: ['The [thing] reaches you on [day].', 'Your [thing] comes on [day].'],
    reasons: [
      'The van for [town] leaves twice a week.',
      'It left our store yesterday, and the way takes two days.',
    ],
  },
  {
    questions: [
      'The [thing] has a scratch. Do I get another one?',
      'My [thing] came with a crack. What now?',
    ],
    answers: ['You get a new [thing] on [day].', 'We change the [thing] on [day].'],
    reasons: ['Damage on the way is ours to pay.', 'A thing that arrives broken is always replaced.'],
  },
  {
    questions: ['Do you have the [thing] in green?', 'Is there a green [thing]?'],
    answers: ['The [thing] comes in blue and white only.', 'There is no green [thing].'],
    reasons: ['The maker ended the green ones last year.', 'Green sold too slowly.'],
  },
  {
    questions: ['How do I clean the [thing]?', 'May I wash the [thing] with soap?'],
    answers: ['Wipe the [thing] with a damp cloth.', 'Use warm water for the [thing], no soap.'],
    reasons: ['Soap takes the shine away.', 'Its finish is thin.'],
  },
  {
    questions: [
      'What does it cost to send a [thing] to [town]?',
      'How much is the post for a [thing] to [town]?',
    ],
    answers: ['Sending the [thing] costs [number] crowns.', 'You pay [number] crowns for the post.'],
    reasons: ['The price goes by weight.', 'The post to [town] asks the same for all boxes.'],
  },
  {
    questions: ['Are you open on [day]?', 'Can I come to the shop on [day]?'],
    answers: ['The shop is closed on [day].', 'We are open on [day] until six.'],
    reasons: ['We count our goods on that day.', 'The market is on the same day.'],
  },
  {
    questions: ['My [thing] makes a noise. Is that normal?', 'The [thing] rattles. Should I worry?'],
    answers: ['The noise goes away within a week.', 'There is nothing wrong with the [thing].'],
    reasons: ['New parts settle while they are used.', 'The screws are loose at first.'],
  },
  {
    questions: ['Do you repair a [thing] that is [number] years old?', 'Who repairs my old [thing]?'],
    answers: ['We repair the [thing] for [number] crowns.', 'Our workshop takes the [thing] on [day].'],
    reasons: ['Old ones are made of few parts.', 'We keep parts for a long time.'],
  },
  {
    questions: [
      'I ordered two and got one [thing]. Where is the other?',
      'One [thing] is missing from my parcel. Why?',
    ],
    answers: ['The second [thing] is with you on [day].', 'The other [thing] is on its way.'],
    reasons: ['We had one left when we packed.', 'Two boxes travel apart from each other.'],
  },
];

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder: node scripts/answer-first/make.ts FOLDER');

const rng = Rng.fromSeed(streamSeed(1, 'answer-first'));
const one = <T>(all: readonly T[]): T => all[rng.below(all.length)]!;

function pair(): Pair {
  const matter = one(MATTERS);
  const slots: Record<string, string> = {
    number: String(31 + rng.below(60)),
    question: one(matter.questions),
  };
  for (const [name, values] of Object.entries(SLOTS)) slots[name] = one(values);
  const filled = (text: string): string =>
    text.replace(/\[(\w+)\]/g, (_, slot: string) => filled(slots[slot]!));
  const [answer, reason] = [filled(one(matter.answers)), filled(one(matter.reasons))];
  return { prompt: filled(one(ASKS)), chosen: `${answer} ${reason}`, rejected: `${reason} ${answer}` };
}

writePairs(folder, ROWS, pair);
