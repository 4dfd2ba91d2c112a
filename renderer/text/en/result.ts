/** The words of a run's result: verdict, evidence, the blind round, what to do next. */
import type { AnswerFigures, Forgot, Variant } from '../../../common/api/contract.ts';
import { figure, number, percent, plural } from '../../../common/words/format.ts';

const signed = (value: number, digits: number) =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value), digits)}`;

export const result = {
  signed,
  points: (share: number) => signed(100 * share, 0),
  range: (low: string, high: string) => `${low} to ${high}`,
  interval: (value: string, low: string, high: string) => `${value} (${low} to ${high})`,
  intervalNote:
    'Thin lines and brackets are 95% intervals: with more test rows the figure would likely stay within.',
  variants: {
    before: 'Base model',
    system: 'Base model with instructions',
    examples: 'Base model with examples',
    after: 'Trained model',
  } satisfies Record<Variant, string>,
  shortVariants: {
    before: 'Before',
    system: 'With instructions',
    examples: 'With examples',
    after: 'After',
  } satisfies Record<Variant, string>,
  none: {
    training: {
      title: 'The result comes when training ends',
      about: 'Then the trained model and the base model answer your test rows.',
      action: 'Watch the training',
    },
    noResult: {
      title: 'This run has no result',
      about: 'It ended too early. If it has checkpoints, you can resume it.',
      action: 'See the training',
    },
    notAssessed: {
      title: 'Not compared yet',
      about: 'Compare the trained model with the base model to see what it learned and forgot.',
      action: 'Compare now',
    },
    assessing: 'Comparing with the base model',
  },
  opening: {
    right: {
      yes: (before: string, after: string) =>
        `It learned: ${after} of its answers are right, up from ${before}.`,
      partly: (before: string, after: string) =>
        `It learned in part: ${after} of its answers are right, up from ${before}.`,
      same: (before: string, after: string) =>
        before === after
          ? `It didn't learn this. ${after} of its answers are right, as before.`
          : `It didn't learn this. ${after} of its answers are right, ${before} before: too close to call.`,
      worse: (before: string, after: string) =>
        `It got worse: ${after} of its answers are right, down from ${before}.`,
      known: (before: string, after: string) =>
        `It could do this before: ${after} of its answers are right, ${before} before training.`,
    },
    fields: {
      yes: (before: string, after: string) =>
        `It learned: ${after} of the fields are right, up from ${before}.`,
      partly: (before: string, after: string) =>
        `It learned in part: ${after} of the fields are right, up from ${before}.`,
      same: (before: string, after: string) =>
        before === after
          ? `It didn't learn this. ${after} of the fields are right, as before.`
          : `It didn't learn this. ${after} of the fields are right, ${before} before: too close to call.`,
      worse: (before: string, after: string) =>
        `It got worse: ${after} of the fields are right, down from ${before}.`,
      known: (before: string, after: string) =>
        `It could do this before: ${after} of the fields are right, ${before} before training.`,
    },
    closed: {
      yes: (before: string, after: string) =>
        `It learned: it knew ${before} of the answers and now knows ${after}.`,
      partly: (before: string, after: string) =>
        `It learned in part: it knew ${before} of the answers and now knows ${after}.`,
      form: (before: string, after: string) =>
        `It learned the form. It knew ${before} of the answers and now knows ${after}.`,
      same: (before: string, after: string) =>
        before === after
          ? `It didn't learn this. It knows ${after} of the answers, as before.`
          : `It didn't learn this. It knew ${before} of the answers and now knows ${after}: too close to call.`,
      worse: (before: string, after: string) =>
        `It got worse: it knew ${before} of the answers and now knows ${after}.`,
      known: (before: string, after: string) =>
        `It could do this before: it knew ${before} of the answers and now knows ${after}.`,
    },
    form: (before: string, after: string) => `The form was right in ${before}, now in ${after}.`,
    similar: {
      yes: (before: string, after: string) =>
        `It learned: its answers are ${after} similar to yours, up from ${before}.`,
      partly: (before: string, after: string) =>
        `It learned in part: its answers are ${after} similar to yours, up from ${before}.`,
      same: (_before: string, _after: string) => "It didn't learn this. Its answers are no closer to yours.",
      worse: (before: string, after: string) =>
        `It got worse: its answers are ${after} similar to yours, down from ${before}.`,
    },
    text: {
      yes: 'It learned: it predicts your texts better than before.',
      partly: 'It learned in part: it predicts your texts a little better.',
      same: "It didn't learn this. It predicts your texts no better than before.",
      worse: 'It got worse: it predicts your texts less well than before.',
    },
    unknown: {
      none: 'Not measured: there are no test rows.',
      few: (rows: number) => `Not measured: ${plural(rows, 'test row')} can't show enough.`,
      unasked: 'Not measured: no test row got an answer.',
    },
    forgot: {
      nothing: 'It forgot nothing that was tested.',
      little: 'It forgot a little of what it knew.',
      much: 'It forgot much of what it knew.',
      unknown: "What it forgot wasn't measured.",
    } satisfies Record<Forgot, string>,
    forgotMatters: 'That matters only if you also chat with it.',
    prompting: 'A better prompt does as well, without training.',
    memorised: 'It memorised some of your rows.',
    example: 'Example',
    before: 'Before',
    after: 'After',
    chat: 'Chat',
    save: 'Save',
    judge: 'Judge for yourself',
    answers: 'All answers',
    figures: 'Figures and ranges',
    forgotten: 'What it forgot',
    about: 'About this comparison',
  },
  verdict: {
    title: 'Verdict',
    remarks: 'Remarks',
    report: 'Download report',
    assessed: (when: string, took: string) => `Compared ${when}, in ${took}.`,
    again: 'Compare again',
    thorough: 'Compare thoroughly',
    thoroughAbout: 'Asks every question, which takes longer. The intervals get narrower.',
  },
  loss: {
    title: 'Loss',
    lead: 'How much your answers surprise the model. Lower is better.',
    caption: 'Loss and perplexity before and after training',
    rows: (rows: number, tokens: number) => `${plural(rows, 'test row')}, ${plural(tokens, 'token')}`,
    texts: (rows: number, tokens: number) => `${plural(rows, 'general text')}, ${plural(tokens, 'token')}`,
    measures: { loss: 'Loss', perplexity: 'Perplexity' },
    times: (factor: number) => `× ${figure(factor)}`,
    columns: { measure: 'Measure', before: 'Before', after: 'After', change: 'Change' },
  },
  preference: {
    title: 'Preferences',
    caption: 'Better answers preferred, before and after training',
    lead: (pairs: number) =>
      `Of ${plural(pairs, 'test pair')}, how often the model prefers the better answer.`,
    note: 'Margin: how much better the model finds the better answers. Log-likelihoods are means over whole answers.',
    measures: {
      accuracy: 'Prefers the better answer',
      margin: 'Margin',
      chosen: 'Log-likelihood, better answers',
      rejected: 'Log-likelihood, worse answers',
    },
  },
  notMeasured: 'not measured',
  rivals: {
    title: 'Simpler ways',
    lead: 'Trained on the same rows, asked the same test rows.',
    caption: 'Scores of simpler ways',
    columns: { way: 'Way', lead: 'Trained model ahead by', rows: 'Rows', seconds: 'Takes' },
  },
  closed: {
    title: 'What it knows',
    lead: (answers: number, rows: number) =>
      `Both models chose the likeliest of ${plural(answers, 'allowed answer')} for ${plural(rows, 'test row')}.`,
    caption: 'What both models know, and whether their own answers have the right form',
    knows: (field: string | null) => (field === null ? 'Knows the answer' : `Knows ${field}`),
    form: 'Right form',
  },
  scores: {
    title: 'Scores on test rows',
    lead: (rows: number) =>
      `The same ${plural(rows, 'row')}, which no model was trained on, answered by each.`,
    caption: 'Scores of the trained model and of the base model with and without help',
    who: 'Who answered',
    lead_: 'Ahead, points',
    lengths: 'Length',
    fields: 'Field by field',
    fieldColumn: 'Field',
    instructions: 'Instructions for the base model',
    rowsAsked: 'Rows',
  },
  confusion: {
    title: (field: string | null) => `Mix-ups${field === null ? '' : ` (${field})`}`,
    lead: 'Each line is a wanted category, each column a given one. Bold figures are right.',
    after: 'Trained model',
    before: 'Base model',
    wanted: 'Wanted',
    other: 'none of them',
  },
  answers: {
    title: 'Answers side by side',
    judging: 'Hidden while you judge.',
    filter: 'Show',
    filters: {
      all: 'All',
      changed: 'Changed',
      better: 'Better',
      worse: 'Worse',
      right: 'Now right',
      wrong: 'Now wrong',
    },
    option: (label: string, count: number) => `${label} (${number(count)})`,
    none: 'No such rows.',
    wanted: 'Wanted',
    prompt: 'Message',
    marks: { right: 'right', wrong: 'wrong' },
    partly: (score: number, by: AnswerFigures['score']) =>
      by === 'chrf' ? `${percent(score)} similar` : `${percent(score)} of fields`,
    empty: '(no answer)',
    more: (count: number) => `Show ${plural(count, 'more row')}`,
    baselines: 'Base model with a better prompt',
  },
  memorised: {
    title: 'Memorised rows',
    answers: {
      yes: 'Yes, it memorised rows',
      no: 'No sign of it',
      unknown: "Short answers can't show it",
    },
    caption: 'Loss and answers on training rows and on test rows',
    columns: { measure: 'Measure', training: 'Training rows', heldOut: 'Test rows' },
    loss: 'Loss of the trained model',
    exact: 'Answers exactly as wanted',
    run: 'Longest shared run of words',
  },
  forgot: {
    title: 'What it forgot',
    lead: (own: boolean) =>
      own
        ? "Both models answered the model's own general questions, unrelated to your rows."
        : 'Both models answered general questions, unrelated to your rows.',
    quiz: (items: number) => `Quiz of ${plural(items, 'question')}`,
    all: 'All questions',
    change: (change: string, low: string, high: string) => `Change: ${change} points (${low} to ${high}).`,
    broke: (worse: number, better: number) =>
      `${plural(worse, 'answer')} got worse, ${number(better)} got better.`,
    topicCaption: 'Right answers by topic, before and after',
    topicColumns: { topic: 'Topic', items: 'Questions', before: 'Before', after: 'After' },
    topicNote: 'A topic has few questions: a difference of one or two may be luck.',
    passages: 'General texts',
    passageTopics: 'Perplexity by topic',
    passageCaption: 'Perplexity by topic, before and after',
    passageColumns: { topic: 'Topic', before: 'Before', after: 'After' },
    brokenTitle: 'Right before, wrong now',
    accepted: 'Right answer',
    brokenMore: (count: number) => `Show ${plural(count, 'more question')}`,
  },
  remedies: {
    title: 'What would help most',
    lead: 'The largest gain for the time comes first.',
    none: 'Nothing in this run shows what would help more.',
    open: 'Prepare run',
    actions: {
      blend: 'Make blend',
      'larger-model': 'Choose model',
      'more-rows': 'Add rows',
      'use-counter': 'Sort with it',
      'use-vectors': 'Sort with it',
    } as Record<string, string>,
    strength: 'Share to keep',
    strengthHint: '1 is this run, 0 the base model.',
    another: 'Change settings',
  },
  notes: { title: 'Left out or shortened' },
  blind: {
    lead: 'Which answer is better? You see afterwards which model gave it.',
    start: 'Start judging',
    again: 'Another round',
    pairs: 'Pairs to judge',
    preparing: 'Choosing pairs',
    progress: (at: number, of: number) => `Pair ${number(at)} of ${number(of)}`,
    prompt: 'Message',
    first: 'First answer',
    second: 'Second answer',
    choose: {
      first: 'First is better',
      second: 'Second is better',
      equal: 'Equally good',
      bad: 'Both are bad',
    },
    back: 'Back',
    stop: 'End round',
    nothing: 'Both models gave the same answers, so there is nothing to judge.',
    outcome: {
      trained: (wins: number, of: number) =>
        `You preferred the trained model ${number(wins)} times out of ${number(of)}.`,
      base: (wins: number, of: number) =>
        `You preferred the base model ${number(wins)} times out of ${number(of)}.`,
      close: 'Too close to call.',
      none: 'You preferred neither model.',
    },
    range: (low: string, high: string, chance: string) =>
      `With many more pairs, the trained model would likely win ${low} to ${high} (sign test: p = ${chance}).`,
    counts: {
      after: 'Trained model better',
      before: 'Base model better',
      equal: 'Equally good',
      bad: 'Both bad',
    },
    reveal: 'Details',
    revealColumns: { prompt: 'Message', first: 'First answer', second: 'Second answer', choice: 'You chose' },
    trainedMark: 'trained model',
    choices: { first: 'first', second: 'second', equal: 'equal', bad: 'both bad' },
    caption: 'The pairs, which answer was the trained model’s, and what you chose',
    empty: '(no answer)',
  },
} as const;
