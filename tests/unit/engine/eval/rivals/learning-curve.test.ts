import { describe, expect, it } from 'vitest';
import { forecastOf } from '../../../../../main/engine/eval/rivals/forecast.ts';
import {
  curveRows,
  fieldsCurve,
  learningCurve,
  wordsCurve,
} from '../../../../../main/engine/eval/rivals/learning-curve.ts';

const ANSWERS = ['parcel', 'invoice', 'account'];
/** Words whose letters say nothing of each other. */
const madeUp = (n: number) => (((n + 1) * 2_654_435_761) % 2 ** 32).toString(36);

const rows = Array.from({ length: 120 }, (_, i) => ({
  text: `${madeUp(i % 24)} about something ${i}`,
  answer: ANSWERS[i % 3]!,
}));

/** Scores that are sure of the answer at a place. */
const sureOf = (place: number) => Float64Array.from(ANSWERS, (_, i) => (i === place ? -0.1 : -3));

describe('a learning curve', () => {
  it('asks each row once for each part, never one that was learned, and parts lie within each other', async () => {
    const calls: { taught: Set<number>; asked: readonly number[] }[] = [];
    const way = (taught: readonly number[], asked: readonly number[]) => {
      calls.push({ taught: new Set(taught), asked });
      return asked.map(() => sureOf(0));
    };
    const { points } = await learningCurve(ANSWERS, rows, way, { seed: 1 });
    expect(points.map((point) => point.rows)).toEqual([12, 24, 48, 96]);
    expect(points.map(({ asked, wrong }) => [asked, wrong])).toEqual(points.map(() => [120, 80]));
    for (let part = 0; part < 4; part++) {
      const of = calls.filter((_, i) => i % 4 === part);
      expect(new Set(of.flatMap(({ asked }) => asked)).size).toBe(120);
    }
    for (const [i, { taught, asked }] of calls.entries()) {
      expect(asked.filter((row) => taught.has(row))).toEqual([]);
      if (i % 4 > 0) expect([...calls[i - 1]!.taught].every((row) => taught.has(row))).toBe(true);
      expect(new Set([...taught].map((row) => rows[row]!.answer)).size).toBe(3);
    }
  });

  it('names the categories with the most to gain, and none that is right already', async () => {
    // parcels are always known, half of the invoices where there are many rows, accounts never
    const given = (row: number, taught: number) => {
      const { answer } = rows[row]!;
      const place = ANSWERS.indexOf(answer);
      const isRight = answer === 'parcel' || (answer === 'invoice' && taught > 60 && row % 2 === 0);
      return isRight ? place : (place + 1) % 3;
    };
    const way = (taught: readonly number[], asked: readonly number[]) =>
      asked.map((row) => sureOf(given(row, taught.length)));
    const { gains } = await learningCurve(ANSWERS, rows, way, { seed: 1 });
    expect(gains).toEqual([
      { answer: 'invoice', rows: 40, wrong: 20 },
      { answer: 'account', rows: 40, wrong: 40 },
    ]);
  });

  it('forecasts less where rows were guessed by luck, and more where by bad luck', async () => {
    // invoices and accounts are known; parcels could be anything
    const guessing = async (guess: number) => {
      const even = Float64Array.from(ANSWERS, (_, i) => (i === guess ? -1 : -1.000001));
      const way = (_: readonly number[], asked: readonly number[]) =>
        asked.map((row) => (row % 3 === 0 ? even : sureOf(row % 3)));
      const { points, forecast } = await learningCurve(ANSWERS, rows, way, { seed: 1 });
      const counted = forecastOf(points).at(192).value;
      return { wrong: points.at(-1)!.wrong, more: forecast.at(192).value - counted };
    };
    const [lucky, unlucky] = [await guessing(0), await guessing(1)];
    expect([lucky.wrong, unlucky.wrong]).toEqual([0, 40]);
    expect(lucky.more).toBeLessThan(-0.05);
    expect(unlucky.more).toBeGreaterThan(0.03);
  });

  it('rises with words that are learned, and foresees that', async () => {
    const curve = (await wordsCurve(ANSWERS, rows, { seed: 1 }))!;
    expect(curve.points.at(-1)!.wrong).toBeLessThan(curve.points[0]!.wrong);
    expect(curve.taught).toBe(120);
    expect(curve.forecast.at(480).value).toBeGreaterThan(curve.forecast.at(240).value);
  });

  it('ends where nobody waits any longer, between two fits', async () => {
    const stop = new AbortController();
    let fits = 0;
    const way = (_: readonly number[], asked: readonly number[]) => {
      fits++;
      setImmediate(() => stop.abort(new Error('no longer')));
      return asked.map(() => sureOf(0));
    };
    const curve = learningCurve(ANSWERS, rows, way, { seed: 1, stop: stop.signal });
    await expect(curve).rejects.toThrow('no longer');
    expect(fits).toBeLessThan(20);
  });
});

describe('the rows of a curve', () => {
  it('are drawn where they are many, and none where they are few', () => {
    const many = Array.from({ length: 9000 }, (_, i) => ({ text: `t${i}`, answer: ANSWERS[i % 3]! }));
    expect(curveRows(ANSWERS, many, 1)!.rows).toHaveLength(2000);
    expect(curveRows(ANSWERS, rows.slice(0, 39), 1)).toBeNull();
  });

  it('leave out answers that come once, which nothing can be learned of', () => {
    const once = [...rows, { text: 'one', answer: 'once' }];
    const drawn = curveRows([...ANSWERS, 'once'], once, 1)!;
    expect(drawn.answers).toEqual(ANSWERS);
    expect(drawn.rows).toHaveLength(120);
  });

  it('are none where a quarter of the rows has such answers: as many are yet to come', () => {
    const own = Array.from({ length: 40 }, (_, i) => ({ text: `own ${i}`, answer: `own ${i}` }));
    expect(curveRows([...ANSWERS, ...own.map(({ answer }) => answer)], [...rows, ...own], 1)).toBeNull();
  });
});

describe('the curve of JSON answers', () => {
  const KINDS = ['parcel', 'invoice', 'account', 'return'];
  const PLACES = ['Ulm', 'Jena', 'Kiel'];
  const json = Array.from({ length: 160 }, (_, i) => ({
    text: `${madeUp(i % 16)} about something from ${PLACES[i % 3]}, number ${i}`,
    answer: JSON.stringify({
      kind: KINDS[i % 4],
      ...(i % 5 > 0 && { place: PLACES[i % 3] }),
      number: i,
      form: 1,
    }),
  }));

  it('is of the fields whose values come back, and names the others that vary', async () => {
    const curve = (await fieldsCurve(json, { seed: 1 }))!;
    expect([...curve.fields].sort()).toEqual(['kind', 'place']);
    expect(curve.others).toEqual(['number']);
    expect(curve.taught).toBe(160);
    expect(curve.points.at(-1)!.wrong).toBeLessThan(curve.points[0]!.wrong);
    expect(curve.points.every(({ asked, wrong }) => asked === 160 && wrong > 0 && wrong < 160)).toBe(true);
    expect(curve.forecast.at(320).value).toBeGreaterThan(curve.forecast.at(160).value);
  });

  it('says which field gains most: the one that words tell better and better', async () => {
    // the place is told by a word of its own from the first rows on, where it is named at all
    const sure = json.map(({ answer }, i) => ({
      text: `${madeUp(i % 80)} about something from ${PLACES[i % 3]}, number ${i}`,
      answer: JSON.stringify({ ...(JSON.parse(answer) as object), place: PLACES[i % 3] }),
    }));
    const { gains } = (await fieldsCurve(sure, { seed: 1 }))!;
    expect(gains[0]?.answer).toBe('kind');
  });

  it('is none for other answers, few rows, or values that are new in most fields', async () => {
    const free = json.map(({ text }, i) => ({ text, answer: `Dear Mx ${i}, it is on its way to you.` }));
    const fresh = json.map(({ text, answer }, i) => ({
      text,
      answer: JSON.stringify({ ...(JSON.parse(answer) as object), place: `p${i}`, kind: `k${i}` }),
    }));
    expect(await fieldsCurve(free, { seed: 1 })).toBeNull();
    expect(await fieldsCurve(json.slice(0, 39), { seed: 1 })).toBeNull();
    expect(await fieldsCurve(fresh, { seed: 1 })).toBeNull();
  });
});
