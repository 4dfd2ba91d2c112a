/** The endpoint with all that it can serve: what chat/ computes, and the sorters of the history. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type EndpointOptions, serveModel } from '../chat/endpoint.ts';
import type { Sorts } from '../chat/sorts.ts';
import { probabilities } from '../eval/classify/calibration.ts';
import { openSorterRun } from './sorter.ts';

export function serve(options: EndpointOptions, io: Parameters<typeof serveModel>[1]): Promise<void> {
  return serveModel(options, io, openSorts);
}

/** The sorter in `folder`, open; null where there is none. */
async function openSorts(folder: string, threads: number): Promise<Sorts | null> {
  const sorter = await openSorterRun(folder);
  if (!sorter) return null;
  const { kept, encoder, file } = sorter;
  const { labels, calibration } = kept;
  const open = await kept.open({ encoder, threads });
  return {
    labels,
    kind: kept.encoder?.name ?? 'word counter',
    bytes: (await stat(path.join(folder, file))).size,
    async of(texts, stop) {
      const scores = await open.score(texts, stop);
      return {
        probabilities: scores.map((one) => Array.from(probabilities(one, calibration.temperature))),
        tokens: texts.reduce((sum, text) => sum + open.lengthOf(text), 0),
      };
    },
    close: () => open.close(),
  };
}
