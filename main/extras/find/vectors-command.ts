/** `fettle vectors`: trains an encoder on queries and their passages, and measures how well it finds before and after. */
import { VECTOR_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import { commandOf } from '../../cli/settings.ts';
import { parserOf } from '../../engine/config/config.ts';
import { trainHere } from './training-command.ts';

const parse = parserOf(VECTOR_SETTINGS);

export const command = commandOf({
  name: 'vectors',
  settings: VECTOR_SETTINGS,
  parse,
  usage: 'vectors --data FILE --model ENCODER --out FOLDER [flags]',
  about:
    'Each row has a query and the passage that answers it, such as a question and its answer. The encoder learns to tell that passage from the other ' +
    'passages of a step. A column “negative” has passages that look right and are not; with a column “score” the rows are pairs of texts that are more or ' +
    'less alike. Test queries are asked of all passages of the rows, before and after. The folder opens in sentence-transformers, and in `fettle find`. Ctrl-C keeps what it has learned.',
  examples: [
    'fettle vectors --data questions.csv --model models/MiniLM --out encoders/mine',
    'fettle vectors --data pairs.jsonl --model models/MiniLM --out encoders/mine --hard-negatives 2',
    'fettle vectors --data pairs.csv --map prompt=title,answer=body --model models/MiniLM --out encoders/mine',
  ],
  run: (config, args, streams) =>
    trainHere({ trainer: 'vectors', config }, args, streams, {
      order: '1 where cosines stand as the scores (Spearman)',
    }),
});
