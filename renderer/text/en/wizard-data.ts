/** The words of the wizard's data step. */

import type { GoalId } from '../../../common/settings/suits.ts';
import { number, percent, plural } from '../../../common/words/format.ts';
import { toolRows } from '../page.ts';

export const dataText = {
  title: 'What should the model learn from?',
  lead: 'A few hundred good examples are enough.',
  drop: 'Drop files here',
  dropHint: 'CSV, Excel, JSON, Parquet or plain text. Your file stays as it is.',
  accept: '.jsonl,.json,.csv,.tsv,.xlsx,.parquet,.txt,.md,.gz',
  paste: 'Paste text',
  pasteTitle: 'Paste your examples',
  pasteLabel: 'Text',
  pasteHint: 'A table copied from a spreadsheet, CSV, JSON lines or plain text.',
  pasteUse: 'Use this text',
  reading: 'Reading your data',
  change: 'Choose other data',
  answer: (rows: number | null, name: string) => (rows === null ? name : `${plural(rows, 'row')}, ${name}`),
  summary: (rows: number, bad: number) =>
    bad === 0
      ? `${plural(rows, 'usable row')}`
      : `${plural(rows, 'usable row')}, ${number(bad)} with problems`,
  badRows: 'First problems',
  noRows: 'Choose the columns below, correct the file, or choose another one.',
  nothingLost: 'Correct these rows in your file, edit them here, or let the data check leave them out.',
  failedTitle: 'What you can do',
  failed: [
    'Choose other columns below.',
    'Save the file again as CSV (UTF-8) or Excel.',
    'Choose another file.',
  ],

  sheet: 'Sheet',
  sheetFound: 'It has the most usable rows.',
  sheetRows: (rows: number) => plural(rows, 'filled row'),

  tableCaption: (shown: number) => `First ${plural(shown, 'row')}`,
  showMore: (n: number) => `Show ${number(n)} rows`,
  showFewer: 'Show fewer',
  columns: 'Columns',
  columnsFound: (kind: string) => `Columns: ${kind}`,
  columnsTable: 'Columns and their use',
  detected: (percentSure: number) => `Detected, ${percent(percentSure)} sure`,
  chosen: 'Chosen by you',
  backToDetected: 'Detect again',
  because: (reason: string) => `Because ${reason}.`,
  column: 'Column',
  example: 'Example',
  filled: 'Filled',
  use: 'Use',
  useOf: (column: string) => `Use of the column ${column}`,
  roles: {
    none: { label: 'Not used', about: 'Left out' },
    prompt: { label: 'Question', about: 'What the model is asked' },
    answer: { label: 'Answer', about: 'What it learns to say' },
    system: { label: 'Instructions', about: 'How it should behave (system message)' },
    text: { label: 'Text', about: 'Learned as a whole' },
    messages: { label: 'Conversation', about: 'A list of messages' },
  },
  mapProblems: {
    nothing: 'Choose a question and an answer column, or a text column.',
    'no-answer': 'Choose the answer column.',
    'no-prompt': 'Choose the question column.',
    mixed: 'A row is a question with its answer, a text, or a conversation.',
    'several-messages': 'Only one column can hold the conversation.',
  },
  alternatives: 'Read as',
  kinds: {
    messages: 'conversations',
    sharegpt: 'conversations',
    alpaca: 'instructions and answers',
    'prompt-completion': 'questions and answers',
    'question-answer': 'questions and answers',
    label: 'texts with a category',
    preference: 'preferred answers',
    text: 'plain text',
    mixed: 'several kinds of rows',
  } as Readonly<Record<string, string>>,
  promptTemplate: 'Question template',
  templateHint: (columns: readonly string[]) =>
    `Write column names in braces: ${columns.map((column) => `{${column}}`).join(' ')}`,
  templateUnknown: (names: readonly string[]) => `No such column: ${names.join(', ')}.`,
  templateUse: 'Combine columns',
  system: 'Instructions for every row',
  systemHint: 'For example "Sort the messages of customers."',

  edit: {
    open: 'Edit rows',
    title: 'Edit rows',
    about: 'Your file stays as it is. Changes go into a copy.',
    caption: 'Rows of your data',
    number: 'Row',
    roles: { user: 'Question', assistant: 'Answer', system: 'Instructions', text: 'Text' } as Readonly<
      Record<string, string>
    >,
    turn: (role: string, place: number) => `${role} ${place}`,
    row: (n: number) => `Row ${number(n)}`,
    newRow: (n: number) => `New row ${number(n)}`,
    optional: 'Optional.',
    tooLong: 'This row is too long to edit here.',
    add: 'Add a row',
    remove: 'Remove row',
    putBack: 'Undo',
    showAll: 'Show all rows',
    noneFound: 'The data no longer has these rows.',
    takenFor: 'Taken for',
    mixedUp: 'Rows that were mixed up',
    mixedUpAbout: 'Is each answer right? Change wrong ones, or add clearer rows.',
    states: { changed: 'changed', removed: 'removed', added: 'new' },
    done: 'Done',
    keep: (changes: number) => `Save ${plural(changes, 'change')}`,
    saved: (changes: number) => `${plural(changes, 'change')} saved in a copy`,
    left: (rows: number) => `${plural(rows, 'unreadable row')} left out of the copy`,
    undone: 'Changes undone',
    edited: 'Edited copy',
    original: 'Back to the original',
  },

  hub: {
    open: 'Search Hugging Face',
    title: 'Data from Hugging Face',
    search: 'Search data sets',
    hint: 'A topic, a name or a page address.',
    find: 'Search',
    nothing: 'Nothing found. Try another word.',
    results: 'Data sets found',
    downloads: (n: number) => plural(n, 'download'),
    gated: 'Needs consent',
    licence: (name: string) => `Licence: ${name}`,
    noLicence: 'No licence named',
    checkLicence: 'Ask the owner before you use it.',
    part: 'Part',
    partFiles: (files: number, size: string) => `${plural(files, 'file')}, ${size}`,
    preview: 'First rows',
    noPreview: 'No preview for this data set.',
    noFiles: 'It has no files that Fettle can read.',
    get: (size: string) => `Download ${size}`,
    getting: 'Downloading',
    kept: 'If you stop, what has arrived is kept.',
    stop: 'Stop',
    back: 'Back to the results',
  },
  address: {
    open: 'Open a link',
    title: 'Data from a web address',
    label: 'Address',
    placeholder: 'https://',
    hint: 'A CSV or JSON file, or a Google Sheet that anyone with the link can see.',
    get: 'Download',
    getting: 'Downloading',
  },
  template: {
    get: 'Download a template',
    name: 'fettle-template.csv',
    /** A header and two rows for each goal. */
    rows: {
      style: [
        ['question', 'answer'],
        [
          'Can I still change my order?',
          'Of course! Reply with the new items by noon, and they will be swapped.',
        ],
        ['Do you ship on Saturdays?', 'Gladly. Order by Friday evening and it leaves on Saturday morning.'],
      ],
      sort: [
        ['text', 'label'],
        ['My parcel arrived broken.', 'damage'],
        ['Where do I find my invoice?', 'billing'],
      ],
      knowledge: [
        ['question', 'answer'],
        ['How many days of leave do I have?', 'You have 30 days of leave a year (handbook, page 12).'],
        ['Who approves travel?', 'Your team lead approves travel of up to three days.'],
      ],
      format: [
        ['question', 'answer'],
        [
          'Two large pizzas to 5 Mill Lane at seven, please.',
          'Item: large pizza\nNumber: 2\nAddress: 5 Mill Lane\nTime: 19:00',
        ],
        ['One soup, I will pick it up at noon.', 'Item: soup\nNumber: 1\nAddress: pick up\nTime: 12:00'],
      ],
      character: [
        ['question', 'answer'],
        ['How was your day?', 'Quiet. Two ships, one seal, and a kettle that never stops singing.'],
        ['What should I cook tonight?', 'Fish soup. The sea gives, the pot decides.'],
      ],
      prefer: [
        ['prompt', 'chosen', 'rejected'],
        [
          'My kettle came with a crack.',
          'I am sorry. A new one leaves tomorrow.',
          'That happens. A new one leaves tomorrow.',
        ],
        [
          'Where is my parcel?',
          'Thank you for waiting. It comes on Friday.',
          'You have to wait. It comes on Friday.',
        ],
      ],
      tools: toolRows('heating', { room: 'string', degrees: 'number' }, [
        ['Make the study 22 degrees.', { room: 'study', degrees: 22 }],
        ['Thank you!', 'You are welcome.'],
      ]),
      think: [
        ['question', 'answer'],
        [
          'Four boxes hold six cups each. Three cups break. How many are left?',
          '<think>\nFour boxes of six are 24 cups. 24 - 3 = 21.\n</think>\n\n21 cups are left.',
        ],
        [
          'A train leaves at 9:50 and takes 25 minutes. When does it arrive?',
          '<think>\nTen minutes to 10:00, and 15 more.\n</think>\n\nAt 10:15.',
        ],
      ],
      continue: [
        ['text'],
        ['The first paragraph of your story. Put a page or more into each row.'],
        ['The next passage. The model learns to continue in this style.'],
      ],
    } satisfies Record<GoalId, readonly (readonly string[])[]>,
  },

  preview: 'What the model sees',
  better: 'Better answer',
  worse: 'Worse answer',
  previewWhere: (where: string, tokens: number, trained: number) =>
    `${where}: ${plural(tokens, 'token')}, ${number(trained)} learned`,
  previewCut: (cut: number) => `${plural(cut, 'token')} cut off`,
  legend: { trained: 'learned (underlined)', context: 'only read', cut: 'cut off (struck through)' },
  toolsFolded:
    "This model wasn't made to use tools, so they go into the instructions. Qwen2.5 and SmolLM3 were.",
  systemFolded: "This model doesn't read instructions separately, so they go before the first question.",
  tokens: 'Show tokens',
  tokensHint: 'Each box is a token, the unit in which a model reads.',
  earlier: 'Earlier rows',
  later: 'Later rows',
  needModel: 'Choose a model first. Each model reads text in its own way.',
  needModelAction: 'Choose a model',

  doctor: 'Data check',
  doctorRunning: 'Checking your rows',
  counter: {
    offer: (values: number | null) =>
      `A sorter learns these ${values === null ? '' : `${number(values)} `}categories in seconds, without a language model.`,
    train: 'Train a sorter',
  },
  doctorClean: 'Nothing found. Your rows look good.',
  severity: { harm: 'Harmful', warning: 'Worth a look', note: 'Good to know' },
  details: 'Details',
  examples: 'Examples',
  previewOfFix: 'What the fix changes',
  leftOut: 'left out',
  fixed: (kept: number, changed: number, dropped: number) =>
    `${plural(kept, 'row')} kept, ${number(changed)} changed, ${number(dropped)} left out`,
  mendedTitle: (n: number) => `${plural(n, 'fix', 'fixes')} made in a copy`,
  mendedAbout: 'Your own file is unchanged.',
  undoAll: 'Undo all',
  undo: (name: string) => `Undo: ${name}`,
  undone: 'Your own file is used again',
  undoneOne: (name: string) => `Undone: ${name}`,
  safeFixes: 'Make all safe fixes',
  checkAgain: 'Check again',
  /** Buttons, by what the doctor calls its fixes. */
  fixes: {
    'conflicting-answers': 'Keep the most frequent answer',
    'conflicting-questions': 'Remove all of them',
    'contradictory-pairs': 'Remove rows',
    'control-characters': 'Remove characters',
    'cut-answers': 'Remove long rows',
    'email-addresses': 'Hide addresses',
    'empty-answers': 'Remove rows',
    'equal-answers': 'Remove rows',
    'exact-duplicates': 'Remove copies',
    leaks: 'Remove from training',
    'lost-characters': 'Remove rows',
    'mixed-languages': 'Remove other languages',
    mojibake: 'Repair characters',
    'near-duplicates': 'Remove near copies',
    'one-word-answers': 'Remove short answers',
    'payment-numbers': 'Hide numbers',
    'phone-numbers': 'Hide numbers',
    secrets: 'Hide secrets',
    'template-tokens': 'Remove marks',
    'too-many-tokens': 'Remove long rows',
    'unusable-rows': 'Remove rows',
    'wrong-calls': 'Remove rows',
    'wrong-roles': 'Repair turns',
  } as Readonly<Record<string, string>>,
  fix: 'Fix',

  lengthsFit: 'Row lengths: nothing is cut off',
  lengthsCut: (least: number, most: number) => `Row lengths: ${shares(least, most)} cut off`,
  lengthsAbout: (median: number, most: number, counted: boolean) =>
    `Half of the rows have up to ${plural(median, 'token')}, the longest ${number(most)}${counted ? '' : ' (estimated)'}.`,
  limit: 'Length limit',
  limitHint: 'Longer rows are cut off. A lower limit saves memory and time.',
  limitUnit: 'tokens',
  cutNone: 'No row is cut off.',
  cutSome: (least: number, most: number) => `${shares(least, most)} of the rows are cut off.`,
  bar: (above: number, upTo: number, rows: number) =>
    `${number(above + 1)} to ${number(upTo)} tokens: ${plural(rows, 'row')}`,
  axis: 'tokens in a row',
  limitLine: (limit: number) => `limit ${number(limit)}`,
  histogramLabel: 'Histogram of row lengths',

  measure: 'Test rows',
  measureRows: (test: number, rows: number) => `Test rows: ${number(test)} of ${number(rows)}`,
  measureShare: (share: number) => `Test rows: ${percent(share)} of the text`,
  measureNone: 'Test rows: none',
  measureFile: (name: string) => `Test rows: ${name}`,
  heldOut: 'Share of test rows',
  heldOutHint: 'The model never learns from them. They show what it learned and what it only memorised.',
  heldOutUnit: '% of the rows',
  heldOutRows: (train: number, held: number) =>
    `${plural(train, 'row')} to learn from, ${number(held)} to test with.`,
  heldOutShare: (share: number) => `${percent(share)} of the text is kept for testing.`,
  heldOutNone: 'Without test rows you cannot see what the model learned.',
  ownHeldOut: (name: string, rows: number | null) =>
    rows === null
      ? `Tested with the rows of ${name}.`
      : `Tested with ${plural(rows, 'row')} of ${name}. The model learns from all of your rows.`,
  ownHeldOutDrop: 'Use a share of the rows',
  ownHeldOutAdd: 'Use a separate file',
  seed: 'Seed',
  seedHint: 'The same seed picks the same test rows.',
  thinking: 'Thinking',
  thinkingOptions: { train: 'Learned', keep: 'Read, not learned', 'leave-out': 'Left out' },
  trainOn: 'What is learned',
  trainOnOptions: { answers: 'Answers only', all: 'Questions and answers' },

  promptsCount: (n: number) => (n === 0 ? 'Your test questions' : `Your test questions: ${number(n)}`),
  promptsAbout: 'The model answers them during training, so you see it change.',
  prompt: (n: number) => `Question ${n}`,
  promptPlaceholder: 'A question that your data answers',
  fromData: 'Take one from the data',
  addPrompt: 'Add a question',
  removePrompt: (n: number) => `Remove question ${n}`,
} as const;

function shares(least: number, most: number): string {
  return least === most ? share(least) : `${share(least)} to ${share(most)}`;
}

function share(value: number): string {
  return percent(value, value > 0 && value < 0.01 ? 1 : 0);
}
