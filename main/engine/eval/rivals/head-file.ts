/** A head that sorts vectors in a file of its own, with the encoder that it needs by name and content. */
import { z } from 'zod';
import type { Calibration } from '../../../../common/protocol/protocol.ts';
import type { KnownEncoder } from '../../load/find-encoders.ts';
import { calibrate, type KnownRow } from '../classify/calibration.ts';
import type { AnswerHead } from './answer-head.ts';
import {
  isWhole,
  PARTS,
  partRows,
  partWeights,
  readSorterFile,
  SORTER,
  writeSorterFile,
} from './sorter-file.ts';

/** A head, and what it says of rows that it wasn't trained on. */
export interface MeasuredHead {
  readonly head: AnswerHead;
  readonly encoder: KnownEncoder;
  readonly rows: readonly KnownRow[];
  /** Training rows, scored by what was learned without them. */
  readonly crossed: readonly KnownRow[];
}

/** A head with what its test rows say of it. */
export interface KeptHead {
  readonly head: AnswerHead;
  readonly encoder: KnownEncoder;
  readonly calibration: Calibration;
}

/** Keeps a head in `folder`. */
export async function writeHead(
  folder: string,
  { head, encoder, rows, crossed }: MeasuredHead,
): Promise<KeptHead> {
  const { answers, parts } = head;
  const calibration = calibrate(answers, rows, crossed);
  await writeSorterFile(folder, 'vectors', {
    encoder,
    width: parts[0]!.head.width,
    temperature: calibration.temperature,
    answers,
    calibration,
    parts: parts.map(({ field, of, head: { weights, labels } }) => ({
      field,
      of,
      ...partRows(weights, labels.length),
    })),
  });
  return { head, encoder, calibration };
}

const FILE = z.object({
  ...SORTER,
  encoder: z.object({
    name: z.string().min(1),
    files: z
      .array(
        z.object({
          // below the encoder's folder, wherever that is
          name: z.string().regex(/^(?:[\w.-]+\/)?[\w-][\w.-]*$/),
          bytes: z.int().min(0),
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      )
      .min(1)
      .max(1000),
    prompt: z.string().max(100).exactOptional(),
  }),
  width: z.int().min(1).max(65_536),
  parts: PARTS,
});

/** The head kept in `folder`. Throws an AppError where there is none, or where the file is none of Fettle's. */
export async function readHead(folder: string): Promise<KeptHead> {
  const { answers, calibration, encoder, width, parts } = await readSorterFile(
    folder,
    'vectors',
    FILE,
    (found) => isWhole(found.parts, found.answers.length, found.width),
  );
  return {
    head: {
      answers,
      parts: parts.map((part) => {
        const labels = part.intercept.map((_, label) => String(label));
        return { field: part.field, of: part.of, head: { labels, width, weights: partWeights(part) } };
      }),
    },
    encoder,
    calibration,
  };
}
