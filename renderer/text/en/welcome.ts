/** The words of the first page: what Fettle does, the first run in one click, the tour. */
export const welcome = {
  title: 'Welcome to Fettle',
  lead: 'Teach a language model with your own examples, on your own computer.',
  try: 'Try it in 2 minutes',
  tryAbout: 'A small practice model learns to sort messages to a shop. You watch, then see what it learned.',
  own: 'Tune a model on my data',
  ownAbout: 'From your file to your own model, step by step. Nothing leaves this computer.',
  example: 'What it learns',
  exampleMessage: 'My kettle arrived with a crack in the lid.',
  exampleAnswer: 'damage, not urgent',
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
