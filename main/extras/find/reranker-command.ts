/** `fettle reranker`: trains a model that reads a question and a passage together, and measures how well it orders what was found. */
import { RERANKER_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import { EXIT } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { commandOf } from '../../cli/settings.ts';
import { parserOf } from '../../engine/config/config.ts';
import { encoderIn } from '../../hub/local.ts';
import { trainAndMeasure, trainedText } from './training-command.ts';

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
  async run(config, args, streams) {
    const work = trainAndMeasure(
      (engine, asking) => engine.trainReranker(config, asking),
      async (engine) => ({
        encoders: await findersOf(config.model, engine),
        reranker: { name: 'the reranker', path: config.out },
      }),
    );
    await printResult(args, streams, work, (result) =>
      trainedText(result, {
        command: 'reranker',
        config,
        order: '1 where scores stand as those of the rows (Spearman)',
        next: (out) => [
          'To find with it, to serve it, and to save it for other programs:',
          `  fettle find FOLDER "question" --reranker ${out}`,
          `  fettle run --model ${out}`,
          `  fettle export --model ${out} --as onnx --out reranker-onnx`,
        ],
      }),
    );
    return EXIT.ok;
  },
});

/** The encoder that it was made of; beside a reranker that learned more, the smallest that is here. */
async function findersOf(
  model: string,
  engine: { encoders(): Promise<readonly { readonly name: string; readonly path: string }[]> },
) {
  if ((await encoderIn(model)) === 'known') return [{ name: 'the encoder', path: model }];
  return (await engine.encoders()).slice(0, 1);
}
