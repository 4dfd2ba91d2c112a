/** `fettle reranker`: trains a model that reads a question and a passage together, and measures how well it orders what was found. */
import { RERANKER_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import { commandOf } from '../../cli/settings.ts';
import { parserOf } from '../../engine/config/config.ts';
import { trainHere } from './training-command.ts';

const parse = parserOf(RERANKER_SETTINGS);

export const command = commandOf({
  name: 'reranker',
  settings: RERANKER_SETTINGS,
  parse,
  usage: 'reranker --data FILE --model ENCODER --out FOLDER [flags]',
  about:
    'A reranker reads a question and a passage together and says how well the passage answers: slower than comparing vectors, and more exact, so it ' +
    'orders the best passages that words and an encoder find. The rows are those of `fettle vectors`: a query and its passage, or two texts with a ' +
    'score. Test queries are asked of all passages of the rows. The folder opens in sentence-transformers (CrossEncoder) and Transformers, and in ' +
    '`fettle find`, `fettle rank` and `fettle run`. Ctrl-C keeps what it has learned.',
  examples: [
    'fettle reranker --data questions.csv --model models/MiniLM --out rerankers/mine',
    'fettle reranker --data questions.csv --model models/MiniLM --out rerankers/mine --negatives 8 --passes 2',
  ],
  run: (config, args, streams) =>
    trainHere({ trainer: 'reranker', config }, args, streams, {
      order: '1 where scores stand as those of the rows (Spearman)',
    }),
});
