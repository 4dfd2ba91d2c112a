/** Which columns of a table can be filled beside the answer, by its first rows; and how a sorter is asked to fill them. */
import type { DataChoice, DataLook } from '../../common/api/contract.ts';
import { mapText, parseMap } from '../../common/words/mapping.ts';

/** More different values, or longer ones, are no categories. */
const MOST_VALUES = 20;
const MOST_CHARS = 40;
/** Fewer rows say nothing. */
const LEAST_ROWS = 6;

/** The column of the answer, and others that hold categories; null where several columns can't be filled. */
export function fillable(
  data: DataChoice,
  { files, raw }: Pick<DataLook, 'files' | 'raw'>,
): { readonly answer: string; readonly map: string; readonly others: readonly string[] } | null {
  const given = data.map ?? files[0]?.map ?? null;
  if (given === null || data.promptTemplate !== undefined) return null;
  const { prompt, answer } = parsed(given);
  if (!prompt || answer?.length !== 1) return null;
  const holdsCategories = (name: string) => {
    const column = raw.columns.indexOf(name);
    const values = raw.rows.map((row) => row[column]?.trim() ?? '').filter((value) => value !== '');
    const different = new Set(values.map((value) => value.toLowerCase())).size;
    return (
      values.length >= LEAST_ROWS &&
      different >= 2 &&
      different <= Math.min(MOST_VALUES, values.length / 3) &&
      values.every((value) => value.length <= MOST_CHARS)
    );
  };
  // one that was taken for a part of the text may be filled as well
  const texts = prompt.filter((name) => !holdsCategories(name));
  const text = texts.length > 0 ? texts : prompt;
  const others = raw.columns.filter(
    (name) => !answer.includes(name) && !text.includes(name) && holdsCategories(name),
  );
  return { answer: answer[0]!, map: mapText({ prompt: text, answer }), others };
}

function parsed(map: string): ReturnType<typeof parseMap> {
  try {
    return parseMap(map);
  } catch {
    return {};
  }
}
