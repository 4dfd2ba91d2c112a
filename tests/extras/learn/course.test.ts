/** The course: progress on the disk, figures from the computations of the lessons, sheets of paper, plans. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COURSE, isDone, LESSON_IDS } from '../../../common/extras/learn/course.ts';
import type { Sheet } from '../../../common/extras/learn/course-calls.ts';
import { LANGUAGE_CODES } from '../../../common/words/language.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { FIGURES } from '../../../main/extras/learn/course.ts';
import { sheetHtml } from '../../../main/extras/learn/sheet.ts';
import { lessonsWith } from '../../../renderer/extras/learn/course/lessons.ts';
import { PLANS, planRows } from '../../../renderer/extras/learn/course/plans.ts';
import { solutions, worksheet } from '../../../renderer/extras/learn/course/sheets.ts';
import { textsIn } from '../../../renderer/text/texts.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

const NOT_RUN = { ...FIGURES, gentle: null, hard: null };
const RUN = {
  ...FIGURES,
  gentle: { taskBefore: 0.02, taskAfter: 0.88, taskRows: 100, words: 0.85, quizAfter: 0.86 },
  hard: { quizBefore: 0.9, quizAfter: 0, taskAfter: 0.88 },
};

let opened: TestParts;
let router: ApiRouter;
beforeEach(async () => {
  opened = await testParts();
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

describe('progress', () => {
  it('is kept: the first prediction, each answer, and that the right one was given', async () => {
    await call(router.learn.courseStep, { lesson: 'memory', predicted: 'twice' });
    await call(router.learn.courseStep, { lesson: 'memory', predicted: 'four' });
    await call(router.learn.courseStep, { lesson: 'memory', answered: 'weights' });
    const wrong = (await call(router.learn.course, undefined)).progress;
    expect(wrong).toEqual({ memory: { predicted: 'twice', answers: ['weights'] } });
    expect(isDone('memory', wrong)).toBe(false);
    await call(router.learn.courseStep, { lesson: 'memory', answered: 'activations' });
    // as another start of the program would read it
    const again = apiRouter(opened.parts, opened.log);
    const { progress } = await call(again.learn.course, undefined);
    expect(progress.memory?.answers).toEqual(['weights', 'activations']);
    expect(isDone('memory', progress)).toBe(true);
    expect((await call(router.learn.restartCourse, undefined)).progress).toEqual({});
  });

  it.each([
    { lesson: 'memory', predicted: 'no such choice' },
    { lesson: 'memory', answered: 'style' },
    { lesson: 'cooking', predicted: 'twice' },
  ])('refuses %o', async (step) => {
    await expect(call(router.learn.courseStep, step as never)).rejects.toThrow();
    expect((await call(router.learn.course, undefined)).progress).toEqual({});
  });

  it('of a lesson that cannot be read is that of one not begun', async () => {
    opened.store.kept.set('course', { memory: { predicted: 7 }, time: { predicted: 'half', answers: [] } });
    const { progress } = await call(router.learn.course, undefined);
    expect(progress).toEqual({ time: { predicted: 'half', answers: [] } });
    opened.store.kept.set('course', 'nonsense');
    expect((await call(router.learn.course, undefined)).progress).toEqual({});
  });
});

describe('the lessons', () => {
  it('have words for each choice, and one right answer', () => {
    for (const lesson of lessonsWith(NOT_RUN)) {
      const { predictions, answers } = COURSE[lesson.id];
      expect(lesson.predictions.map(({ title }) => title.length > 0)).toEqual(predictions.map(() => true));
      expect(lesson.answers.filter(({ isRight }) => isRight)).toHaveLength(1);
      expect(new Set(lesson.answers.map(({ feedback }) => feedback)).size).toBe(answers.length);
      expect(lesson.sections.every((section) => section !== undefined)).toBe(true);
    }
    expect(lessonsWith(NOT_RUN).map(({ id }) => id)).toEqual(LESSON_IDS);
  });

  it('say what came true by the computed figures, and nothing of an experiment that was not made', () => {
    const came = (facts: typeof RUN | typeof NOT_RUN) =>
      lessonsWith(facts).map(({ outcome }) => outcome?.choice ?? null);
    expect(came(NOT_RUN)).toEqual([null, 'four', 'two-thirds', null, 'hundredth', 'some']);
    expect(came(RUN)).toEqual(['few-most', 'four', 'two-thirds', 'little', 'hundredth', 'some']);
    for (const { predictions, outcome } of lessonsWith(RUN))
      expect(predictions.map(({ value }) => value)).toContain(outcome!.choice);
  });

  it('have the figures of the calculators', async () => {
    const { textbook } = await call(router.learn.memory, {});
    const { machines } = await call(router.learn.time, {});
    const { facts } = await call(router.learn.course, undefined);
    expect(facts.memory.totalBytes).toBe(textbook.totalBytes);
    expect(facts.time.fullSeconds).toBe(machines.find(({ name }) => name === facts.time.card)!.seconds);
    const { right, rows, few } = facts.judged;
    expect(few).toEqual(await call(router.learn.judge, { right, rows }));
    const [, memory, , , lora, judging] = lessonsWith(NOT_RUN);
    expect(memory!.outcome!.sentence).toMatch(/14\s?GB, training it 56\s?GB: 4 times/);
    expect(lora!.outcome!.sentence).toContain('131,072 weights, 0.78%');
    expect(judging!.outcome!.sentence).toContain(`between ${(100 * few.low).toFixed(1)}%`);
  });

  it('cannot have more rows right than there are', async () => {
    await expect(call(router.learn.judge, { rows: 10, right: 11 })).rejects.toThrow();
  });

  it.each(LANGUAGE_CODES.filter((code) => code !== 'en'))(
    'are told in %s, with every value',
    async (code) => {
      const { courseText } = (await textsIn(code)) as { courseText: Record<string, unknown> };
      const lessons = courseText.lessons as Record<string, Record<string, unknown>>;
      const told = (words: unknown, facts: unknown) => (words as (facts: unknown) => string)(facts);
      expect(told(lessons.memory!.happened, RUN)).toMatch(/14.*56/);
      expect(told(lessons.tuning!.happened, RUN.gentle)).toMatch(/88.*85/);
      expect(told((lessons.forgetting!.feedback as Record<string, unknown>)['lower-rate'], RUN)).toContain(
        '86',
      );
    },
  );
});

describe('plans', () => {
  it('last as long as they say', () => {
    expect(PLANS.map(({ minutes }) => minutes)).toEqual([45, 90]);
    for (const { minutes, items } of PLANS)
      expect(items.reduce((sum, [each]) => sum + each, 0)).toBe(minutes);
    expect(planRows(PLANS[0]!, lessonsWith(NOT_RUN)).at(-1)!.minutes).toBe('40–45');
  });
});

describe('sheets', () => {
  it('ask on one and answer on the other', () => {
    const lessons = lessonsWith(RUN);
    const [asked, answered] = [worksheet(lessons), solutions(lessons)];
    const marked = (sheet: Sheet) =>
      sheet.parts.flatMap(({ blocks }) =>
        blocks.flatMap(({ choices }) => choices.filter(({ isRight }) => isRight)),
      );
    expect(marked(asked)).toEqual([]);
    expect(marked(answered)).toHaveLength(2 * LESSON_IDS.length);
    expect(JSON.stringify(asked)).not.toContain(lessons[1]!.outcome!.sentence);
    expect(JSON.stringify(answered)).toContain(lessons[1]!.answers[2]!.feedback);
  });

  it('become a page in which nothing is markup', () => {
    const evil = '<script>alert("1")</script>&';
    const html = sheetHtml({
      ...{ title: evil, lead: evil },
      parts: [{ title: evil, blocks: [{ text: evil, choices: [{ text: evil, isRight: true }], lines: 2 }] }],
    });
    expect(html).not.toContain('<script');
    expect(html.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;/g)).toHaveLength(6);
    expect(html.match(/class="line"/g)).toHaveLength(2);
  });

  it('are written as PDF by a host that can, and refused with a way out by one that cannot', async () => {
    const out = path.join(opened.folder, 'sheet');
    const given = { sheet: worksheet(lessonsWith(NOT_RUN)), out };
    const hostWith = (printPdf: TestParts['parts']['host']['printPdf']) =>
      apiRouter({ ...opened.parts, host: { ...opened.parts.host, printPdf } }, opened.log);
    await expect(call(hostWith(null).learn.sheetPdf, given)).rejects.toMatchObject({
      data: { code: 'no-pdf' },
    });
    const printed: string[] = [];
    const able = hostWith(async (page, file) => {
      printed.push(readFileSync(page, 'utf8'), file);
    });
    expect(await call(able.learn.sheetPdf, given)).toEqual({ path: `${out}.pdf` });
    expect(printed[0]).toContain('Worksheet');
    expect(printed[1]).toBe(`${out}.pdf`);
  });
});
