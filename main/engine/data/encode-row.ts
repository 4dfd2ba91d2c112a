/** Binds the rows of a data file to a tokenizer: which encoder reads which kind of row, and what of it is trained on. */
import { AppError } from '../../errors.ts';
import { NOT_TRAINED } from './batch.ts';
import { encodeChat, encodePromptCompletion, encodeText, type TrainOn } from './encode-chat.ts';
import type { ChatRow, CompletionRow, TrainingRow } from './schema.ts';
import type { EncodedRow, Tokenizer } from './tokenizer-types.ts';

/**
 * The `encodeRow` for `buildTokenStore`. With `answers` only what the assistant says is trained on (a completion, the
 * assistant's turns that are not context), with `all` the whole row; plain text is always trained on entirely.
 */
export function rowEncoder(tokenizer: Tokenizer, trainOn: TrainOn): (row: TrainingRow) => EncodedRow {
  return (row) => {
    switch (row.kind) {
      case 'chat':
        return encodeChatRow(tokenizer, row, trainOn);
      case 'completion':
        return encodeCompletionRow(tokenizer, row, trainOn);
      case 'text':
        return encodeText(tokenizer, row.text);
    }
  };
}

function encodeCompletionRow(tokenizer: Tokenizer, row: CompletionRow, trainOn: TrainOn): EncodedRow {
  const { prompt, completion, system } = row;
  const encoded = encodePromptCompletion(
    tokenizer,
    prompt,
    completion,
    system === undefined ? {} : { system },
  );
  return trainOn === 'all' ? { ids: encoded.ids, labels: [...encoded.ids] } : encoded;
}

function encodeChatRow(tokenizer: Tokenizer, row: ChatRow, trainOn: TrainOn): EncodedRow {
  const encoded = encodeChat(tokenizer, row.messages, { trainOn });
  const context = row.messages.slice(0, row.contextMessages ?? 0);
  if (trainOn === 'all' || context.length === 0) return encoded;
  const answers = (messages: ChatRow['messages']): number =>
    messages.filter((message) => message.role === 'assistant').length;
  return dropAnswers(encoded, answers(context), answers(row.messages));
}

/** Takes the labels off the first `dropped` of `answers` answers; each answer is one unbroken run of labels. */
function dropAnswers({ ids, labels }: EncodedRow, dropped: number, answers: number): EncodedRow {
  let runs = 0;
  const kept = labels.map((label, t) => {
    if (label >= 0 && (t === 0 || labels[t - 1]! < 0)) runs++;
    return runs > dropped ? label : NOT_TRAINED;
  });
  if (runs === answers) return { ids, labels: kept };
  throw new AppError(
    'bad-row',
    `expected ${answers} separate answers in the rendered conversation, got ${runs}`,
    "The model's chat template merges or drops turns; give the row as prompt and completion texts instead.",
  );
}
