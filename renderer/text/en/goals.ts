/** The seven goals of the wizard: meaning, example, rows, and when something simpler serves better. */
import type { GoalText } from '../page.ts';

export const goals: readonly GoalText[] = [
  {
    id: 'sort',
    title: 'Sort and extract',
    short: 'Sort and extract',
    about: 'Sort text into categories, or pick out details.',
    example: 'My parcel is late → delivery',
    rows: 'Each row is a text and its category. Aim for 50 rows per category.',
    gate: {
      title: 'Just a few plain categories? Ask a chat model first.',
      text: 'Many models sort well when the prompt lists the categories.',
      more: 'Training pays for categories of your own, fine distinctions, or thousands of texts.',
    },
  },
  {
    id: 'format',
    title: 'Follow a format',
    short: 'Follow a format',
    about: 'A fixed structure: JSON, a form.',
    example: 'An order in free text → the same five lines',
    rows: 'Each row is an input and the output in exactly your format.',
    gate: {
      title: 'Need only valid JSON? There is a simpler way.',
      text: 'Most programs that run models can enforce a JSON schema (structured output).',
      more: 'Training pays when the content is hard, or the prompt has become too long.',
    },
  },
  {
    id: 'style',
    title: 'Answer in my style',
    short: 'Answer in my style',
    about: 'Your own tone and length.',
    example: 'A complaint → the calm reply your team writes',
    rows: 'Each row is a question and your answer. 100 good pairs show a style, 300 show it well.',
    gate: {
      title: 'Fewer than 50 examples? Try them in a prompt first.',
      text: 'A large model copies a style from five to ten examples.',
      more: 'Training pays when answers must stay the same, or a small model of your own must do it.',
    },
  },
  {
    id: 'prefer',
    title: 'Prefer better answers',
    short: 'Prefer better answers',
    about: 'Answers of the kind you prefer.',
    example: 'A complaint → the kind reply',
    rows: 'Each row is a question, a better and a worse answer. 100 to 200 pairs show a habit.',
    gate: {
      title: 'Can you write the answer you want? Teach that instead.',
      text: 'Examples of right answers teach what to say, and need only one answer a row.',
      more: 'Pairs pay when the better answer is easier to recognise than to write, or a habit must go.',
    },
  },
  {
    id: 'character',
    title: 'Chat as a character',
    short: 'Chat as a character',
    about: 'A persona with its own voice.',
    example: 'How are you? → Dry, apart from my boots.',
    rows: 'Each row is a conversation with the character. 200 answers give a steady voice.',
    gate: {
      title: 'A description in the prompt may be enough.',
      text: 'A large model plays a character from one page and a few lines of dialogue.',
      more: 'Training pays when the voice must hold in long chats, or a small model must carry it.',
    },
  },
  {
    id: 'knowledge',
    title: 'Know my documents',
    short: 'Know my documents',
    about: 'Answers about handbooks, contracts or notes.',
    example: 'How many days of leave? → Thirty.',
    rows: 'Each row is a question and its answer from your documents.',
    gate: {
      title: 'Document search works better for facts.',
      text: 'Search puts the right passage into the prompt (RAG) and can quote it.',
      more: 'Training teaches manner well and facts badly: the model mixes them up and cannot name a source. It helps beside search, for tone and form.',
    },
  },
  {
    id: 'continue',
    title: 'Continue my text',
    short: 'Continue my text',
    about: 'Writes on in your manner.',
    example: 'Thirty chapters → the next paragraph',
    rows: 'Running text without questions and answers, a few thousand words or more.',
    gate: {
      title: 'Just a few pages? Put them in a prompt.',
      text: 'A model with a long context continues from a few pages.',
      more: 'Training pays when your text is longer than a prompt can hold.',
    },
  },
];
