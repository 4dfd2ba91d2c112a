/** The words of the wizard's data step. */
import { number, percent, plural, smallPercent } from '../../../common/words/format.ts';

export const dataText = {
  title: 'What should the model learn from?',
  lead: 'Examples of what you want. A few hundred good rows teach more than thousands of careless ones.',
  drop: 'Drop files here',
  dropHint: 'JSON Lines, JSON, CSV, TSV, Excel, Parquet, Markdown or plain text. Your file stays as it is.',
  accept: '.jsonl,.json,.csv,.tsv,.xlsx,.parquet,.txt,.md,.gz',
  paste: 'Paste text',
  pasteTitle: 'Paste your examples',
  pasteLabel: 'Text',
  pasteHint: 'A table copied from a spreadsheet, JSON lines, CSV, or running text.',
  pasteUse: 'Use this text',
  samples: 'Or try a sample',
  samplesAbout: 'Made for Fettle, with rows to measure on apart.',
  sampleRows: (rows: number | null, heldOut: boolean) =>
    `${rows === null ? 'Running text' : plural(rows, 'row')}${heldOut ? ', with rows to measure on' : ''}`,
  suits: 'Suits your goal',
  reading: 'Reading the data',
  change: 'Choose other data',
  answer: (rows: number | null, name: string) => (rows === null ? name : `${plural(rows, 'row')}, ${name}`),
  files: (n: number) => plural(n, 'file'),
  summary: (rows: number, bad: number) =>
    bad === 0
      ? `${plural(rows, 'row')}, all of them readable`
      : `${plural(rows, 'row')} to train on, ${number(bad)} that cannot be used`,
  badRows: 'What is wrong with the first of them',
  noRows:
    'Say below which columns are what, mend the file, or choose another one. Your file is unchanged, and what you have answered is kept.',
  nothingLost: 'Your file is unchanged. Mend it there, or leave these rows out with the doctor below.',
  failedTitle: 'What you can do',
  failed: [
    'Choose other columns below, if the file has the right rows under other names.',
    'Save the file again from its program as CSV (UTF-8) or as Excel.',
    'Choose another file. Everything else that you have answered is kept.',
  ],

  sheet: 'Sheet',
  sheetFound: 'It has the most rows that look like training data.',
  sheetRows: (rows: number) => plural(rows, 'filled row'),

  tableCaption: (shown: number) => `First ${plural(shown, 'row')} of the file`,
  showMore: (n: number) => `Show all ${number(n)} rows that were read ahead`,
  showFewer: 'Show fewer',
  columns: 'Which column is what',
  columnsTable: 'Columns of the file and their use',
  detected: (percentSure: number) => `Detected, ${percent(percentSure)} sure`,
  chosen: 'Chosen by you',
  backToDetected: 'Back to what was detected',
  because: (reason: string) => `Because ${reason}.`,
  column: 'Column',
  example: 'Example',
  filled: 'Filled',
  use: 'Use it as',
  useOf: (column: string) => `Use of the column ${column}`,
  roles: {
    none: { label: 'Not used', about: 'Left out' },
    prompt: { label: 'Question', about: 'What the model is given; several are joined' },
    answer: { label: 'Answer', about: 'What it learns to say' },
    system: { label: 'System message', about: 'Standing instructions' },
    text: { label: 'Running text', about: 'Learned as a whole' },
    messages: { label: 'Conversation', about: 'A list of messages with roles' },
  },
  mapProblems: {
    nothing: 'Say which column holds the question and which the answer, or which holds running text.',
    'no-answer': 'No column is the answer yet: choose what the model is to learn to say.',
    'no-prompt': 'No column is the question yet: choose what the model is given.',
    mixed: 'A row is either question and answer, or running text, or a conversation.',
    'several-messages': 'Only one column can hold the conversation.',
  },
  alternatives: 'Other readings',
  kinds: {
    messages: 'Conversations',
    sharegpt: 'Conversations (ShareGPT)',
    alpaca: 'Instructions and answers',
    'prompt-completion': 'Prompts and completions',
    'question-answer': 'Questions and answers',
    label: 'Texts with a label',
    preference: 'Preferences',
    text: 'Running text',
    mixed: 'Rows of several shapes',
  } as Readonly<Record<string, string>>,
  template: 'Prompt template',
  templateHint: (columns: readonly string[]) =>
    `How the question is put together. Columns stand in braces: ${columns.map((column) => `{${column}}`).join(' ')}`,
  templateUnknown: (names: readonly string[]) =>
    `No such column: ${names.join(', ')}. A brace that is no column is written twice: {{ }}.`,
  templateUse: 'Write the question with a template',
  system: 'System message for every row that has none',
  systemHint:
    'Standing instructions, such as "Sort the messages of customers." Use the same later when you chat.',

  preview: 'Exactly as the model sees it',
  previewWhere: (where: string, tokens: number, trained: number) =>
    `${where}: ${plural(tokens, 'token')}, ${number(trained)} of them trained on`,
  previewCut: (cut: number) => `${plural(cut, 'token')} cut off`,
  legend: { trained: 'trained on (underlined)', context: 'only read', cut: 'cut off (struck through)' },
  tokens: 'Show tokens',
  tokensHint: 'Each box is a token: the pieces in which a model reads.',
  earlier: 'Earlier rows',
  later: 'Later rows',
  needModel: 'Choose a model first: each model reads text with its own tokens and chat template.',
  needModelAction: 'Choose a model',

  doctor: 'Data doctor',
  doctorRunning: 'Examining the rows',
  doctorClean: 'Nothing found: the rows look healthy.',
  doctorCount: (n: number) => `${plural(n, 'finding')}, the most harmful first`,
  severity: { harm: 'harmful', warning: 'worth a look', note: 'good to know' },
  rowsAffected: (rows: number, share: number) => `${plural(rows, 'row')} (${smallPercent(share)})`,
  examples: 'Examples',
  previewOfFix: 'What the fix would change',
  leftOut: 'left out',
  fix: (does: string) => `Fix: ${plainFlags(does)}`,
  fixed: (kept: number, changed: number, dropped: number) =>
    `${plural(kept, 'row')} kept, ${number(changed)} changed, ${number(dropped)} left out`,
  mendedTitle: (n: number) => `${plural(n, 'fix', 'fixes')} applied to a copy`,
  mendedAbout: 'Your own file is unchanged; the run uses the mended copy.',
  undoAll: 'Undo all fixes',
  undo: (name: string) => `Undo: ${name}`,
  undone: 'Undone: your own file is used again',
  undoneOne: (name: string) => `Undone: ${name}`,
  safeFixes: (n: number) => `Make all ${number(n)} safe fixes`,
  checkAgain: 'Check again',
  fixName: (name: string) => name.replaceAll('-', ' '),

  lengths: 'Length of the rows',
  lengthsAbout: (median: number, most: number, counted: boolean) =>
    `${counted ? 'Counted' : 'Estimated'}: half of the rows have up to ${plural(median, 'token')}, the longest ${number(most)}.`,
  limit: 'Length limit',
  limitHint: 'Rows with more tokens are cut off there. A lower limit saves memory and time.',
  limitUnit: 'tokens',
  cutNone: 'No row is cut off.',
  cutSome: (least: number, most: number) =>
    least === most
      ? `${share(least)} of the rows are cut off at the limit.`
      : `Between ${share(least)} and ${share(most)} of the rows are cut off at the limit.`,
  bar: (above: number, upTo: number, rows: number) =>
    `${number(above + 1)} to ${number(upTo)} tokens: ${plural(rows, 'row')}`,
  axis: 'tokens in a row',
  limitLine: (limit: number) => `limit ${number(limit)}`,
  histogramLabel: 'Histogram of row lengths',

  measure: 'Rows to measure on',
  heldOut: 'Held out',
  heldOutHint:
    'This share of the rows is not trained on: it shows whether the model learned, or only memorised.',
  heldOutUnit: '% of the rows',
  heldOutRows: (train: number, held: number) =>
    `${plural(train, 'row')} to train on, ${number(held)} to measure on.`,
  heldOutShare: (share: number) => `${percent(share)} of the text is held out to measure on.`,
  heldOutNone: 'Nothing is held out: whether the model learned cannot be measured.',
  ownHeldOut: (name: string, rows: number | null) =>
    rows === null
      ? `Measured on the rows of ${name}.`
      : `Measured on ${plural(rows, 'row')} of ${name}; all of your rows are trained on.`,
  ownHeldOutDrop: 'Hold out a share instead',
  ownHeldOutAdd: 'Use a file of its own',
  seed: 'Seed',
  seedHint: 'The same seed holds out the same rows and repeats the same run.',
  trainOn: 'What is learned',
  trainOnOptions: { answers: 'Answers only', all: 'Everything, questions too' },

  prompts: 'Your own questions during training',
  promptsAbout: 'The model answers them at every evaluation, so that you see it change. Up to three.',
  prompt: (n: number) => `Question ${n}`,
  promptPlaceholder: 'For example a question that your data answers',
  fromData: 'Take one from the data',
  addPrompt: 'Add a question',
  removePrompt: (n: number) => `Remove question ${n}`,
} as const;

/** What the doctor says for the command line, as it reads in a window: `--max-length` is the length limit. */
export function plainFlags(text: string): string {
  return text
    .replace(/--fix ([a-z-]+)/g, (_, name: string) => `the fix "${name.replaceAll('-', ' ')}"`)
    .replaceAll('--max-length', 'length limit')
    .replace(/--([a-z]+(?:-[a-z]+)*)/g, (_, flag: string) => flag.replaceAll('-', ' '));
}

function share(value: number): string {
  return percent(value, value > 0 && value < 0.01 ? 1 : 0);
}
