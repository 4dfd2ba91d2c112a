/** The six goals of the wizard: meaning, example, rows, and when something simpler serves better. */
import type { GoalText } from '../page.ts';

export const goals: readonly GoalText[] = [
  {
    id: 'style',
    title: 'Answer in my style',
    short: 'Answer in my style',
    about: 'The tone, length and habits of your own answers.',
    example: 'Example: customers get the calm, short replies that your support team writes.',
    rows: 'Each row is a question and the answer as you would write it. A hundred good pairs show a style; three hundred show it well.',
    gate: {
      title: 'Fewer than about 50 examples? Try them in the prompt first',
      text: 'A large model copies a style from five to ten examples in its prompt, without any training.',
      more: 'Training pays when the prompt would grow too long, when the answers must be the same every time, or when a small model of your own shall do it.',
    },
  },
  {
    id: 'sort',
    title: 'Sort and extract',
    short: 'Sort and extract',
    about: 'Put texts into classes, or pick out names, dates and amounts.',
    example: 'Example: each customer message becomes {"topic":"delivery","urgent":false}.',
    rows: 'Each row is a text and its label, or the fields to pick out. Aim for 50 rows or more of every class.',
    gate: {
      title: 'Only a few classes with plain names? Ask a model first',
      text: 'Many models sort texts into well-known classes when the prompt simply lists them.',
      more: 'Training pays when the classes are your own, the borders are fine, or thousands of texts must be sorted quickly by a small model.',
    },
  },
  {
    id: 'knowledge',
    title: 'Know my documents',
    short: 'Know my documents',
    about: 'Answer questions about handbooks, contracts or notes.',
    example: 'Example: "How many days of leave do I have?" answered from your staff handbook.',
    rows: 'Each row is a question and its answer from the documents, asked in several wordings. Running text works too, but teaches manner more than facts.',
    gate: {
      title: 'Document search serves better here',
      text: 'For facts from documents, a search that puts the right passages into the prompt (called RAG) is usually the better tool.',
      more: 'Fine-tuning teaches manner well and facts badly: the model mixes them up, cannot say where an answer is from, and has to be trained again at each change of a document. With search the answer quotes the passage, and a changed document counts at once. Training helps beside it, for the tone and form of the answers.',
    },
  },
  {
    id: 'format',
    title: 'Follow a format',
    short: 'Follow a format',
    about: 'Always the same structure: JSON, a form, a template.',
    example: 'Example: a free-text order always becomes the same five lines.',
    rows: 'Each row is an input and the output in exactly the wanted form. The form must be the same in every row.',
    gate: {
      title: 'Need only valid JSON? There is a simpler way',
      text: 'Most programs that run models can force valid JSON with a schema (called structured output).',
      more: 'Training pays when the content of the fields is the difficult part, or when the prompt that explains the form has become too long.',
    },
  },
  {
    id: 'character',
    title: 'Chat as a character',
    short: 'Chat as a character',
    about: 'A persona with its own voice and habits.',
    example: 'Example: a dry, kind lighthouse keeper who answers everyday questions.',
    rows: 'Each row is a conversation in which the character speaks as it always should. Two hundred answers give a steady voice.',
    gate: {
      title: 'A description in the prompt may be enough',
      text: 'A large model plays a character from a page that describes it and a few lines of dialogue.',
      more: 'Training pays when the voice must not slip in long conversations, or when a small model of your own shall carry it.',
    },
  },
  {
    id: 'continue',
    title: 'Continue my text',
    short: 'Continue my text',
    about: 'Write on in the manner of a body of text.',
    example: 'Example: the next paragraph of a story, after 30 chapters by the same author.',
    rows: 'Running text without questions and answers: files of a few thousand words or more.',
    gate: {
      title: 'Have only a few pages? Put them in the prompt',
      text: 'A model with a long context goes on with a few pages that stand in its prompt.',
      more: 'Training pays when there is much more text than fits into a prompt, or when a base model shall take over the manner as a whole.',
    },
  },
];
