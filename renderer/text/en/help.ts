/** The words for whoever is new: the first page with the tour, help, and what is new. */

export const welcome = {
  title: 'Welcome to Fettle',
  lead: 'Teach a language model with your own examples, on your own computer.',
  try: 'Try it in 2 minutes',
  tryAbout:
    'A tiny practice model learns which desk of a made-up shop gets a message. It shows the whole way, not what larger models can do.',
  own: 'Tune a model on my data',
  ownAbout: 'From your file to your own model, step by step. Nothing leaves this computer.',
  example: 'What it learns',
  exampleMessage: 'My kettle arrived with a crack in the lid.',
  exampleAnswer: 'Desk R17, class C',
  exampleNote:
    "R17 takes broken goods, C can wait. The codes are the shop's own: no model knows them before.",
  checking: 'Checking your computer first',
  starting: 'Starting the training',
  skip: 'Skip the check',
  tour: 'Take the tour',
  tourDone: 'Got it',
  tourTitle: 'Four steps to your own model',
  stops: {
    choose: { title: 'Choose', about: 'Pick a goal, a model and your examples.' },
    train: { title: 'Train', about: 'See memory and time first, then start.' },
    see: { title: 'See', about: 'Compare its answers before and after.' },
    use: { title: 'Use', about: 'Chat with it, or save it for other apps.' },
  },
} as const;

export const help = {
  title: 'Help',
  lead: 'Short answers to common questions.',
  questions: [
    {
      question: 'What do I need?',
      answer: 'This computer and your own examples. You need no account and no programming.',
    },
    {
      question: 'Does my data leave this computer?',
      answer: 'No, unless you train on another computer. Fettle goes online only for what you ask for.',
    },
    {
      question: 'How many examples do I need?',
      answer: 'Start with 50 good ones. A few hundred usually give a clearer result.',
    },
    {
      question: 'How long does it take?',
      answer: 'Minutes to hours. The plan shows the time before you start.',
    },
    {
      question: 'Can I pause?',
      answer: 'Yes, or close Fettle and continue later. The result stays the same.',
    },
    {
      question: "It didn't learn. What now?",
      answer: 'The result suggests what to change. Cleaner or more examples help most.',
    },
    {
      question: 'How do I use my model elsewhere?',
      answer: 'Open the run, choose “Use it”, and save the model for Ollama or LM Studio.',
    },
  ],
  more: 'Find out more',
  tour: 'Take the tour',
  learn: 'Learn how it works',
  glossary: 'Look up a term',
  docs: 'Read the documentation',
  report: {
    title: 'Report a problem',
    about: 'Copy the details, then add what you did and what happened.',
    copy: 'Copy details',
    open: 'Report it on GitHub',
  },
  news: {
    title: "What's new",
    lead: 'Changes in each version.',
    unreleased: 'Next version',
    version: (version: string, date: string) => `Version ${version}, ${date}`,
    /** Headings of the changelog, which is written in English. */
    kinds: {
      Added: 'New',
      Changed: 'Changed',
      Fixed: 'Fixed',
      Removed: 'Removed',
      Deprecated: 'Going away',
      Security: 'Security',
    },
    language: null as string | null,
  },
  updates: {
    ask: 'Check for new versions now and then? Fettle asks GitHub for the latest version number and sends nothing else.',
    yes: 'Check',
    no: "Don't check",
    newer: (version: string) => `Fettle ${version} is available.`,
    see: "See what's new",
    later: 'Later',
  },
};
