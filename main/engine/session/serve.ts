/** The endpoint with all that it can serve: what chat/ computes, and the sorters of the history. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type EndpointOptions, serveModel } from '../chat/endpoint.ts';
import type { Decisions, Sorts } from '../chat/sorts.ts';
import { probabilities } from '../eval/classify/calibration.ts';
import { placeIn } from '../eval/classify/closed-set.ts';
import { type OpenDecisions, openDecisions } from './decisions.ts';
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
  const several = await openDecisions(folder, { encoder, threads });
  // the first column's categories are what a request for labels gets
  const open = several ?? (await kept.open({ encoder, threads }));
  const first = several?.answers[0];
  const set = first?.type === 'several' ? first : null;
  return {
    ...(several && { decisions: decisionsOf(several) }),
    ...(set && { from: set.from }),
    labels: set?.categories ?? labels,
    kind: kept.encoder?.name ?? 'word counter',
    bytes: (await stat(path.join(folder, file))).size,
    async of(texts, stop) {
      const scores = await open.score(texts, stop);
      return {
        probabilities: scores.map((one, text) =>
          set ? set.decide(text).chances! : Array.from(probabilities(one, calibration.temperature)),
        ),
        tokens: texts.reduce((sum, text) => sum + open.lengthOf(text), 0),
      };
    },
    close: () => open.close(),
  };
}

function decisionsOf(open: OpenDecisions): Decisions {
  const questions = open.columns.map(({ name, type, labels, levels, yes }) => ({
    name,
    type,
    options: levels ?? (yes === undefined ? labels : [yes, ...labels.filter((label) => label !== yes)]),
  }));
  const places = questions.map(({ options }, i) => options.map(placeIn(open.columns[i]!.labels)));
  const sets = open.answers.filter(({ type }) => type === 'several');
  return {
    questions: [
      ...questions,
      ...sets.map(({ name, categories, from }) => ({
        name,
        type: 'several' as const,
        options: categories,
        from,
      })),
    ],
    async of(text, stop) {
      await open.score([text], stop);
      const all = places.map((of, column) => {
        const chances = open.chancesOf(column, 0);
        return of.map((place) => chances[place]!);
      });
      const ofSets = sets.map(({ decide }) => decide(0).chances!);
      return { probabilities: [...all, ...ofSets], tokens: open.lengthOf(text) };
    },
  };
}
