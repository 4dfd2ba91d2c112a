/** The words of the wizard: its frame, and the steps computer, goal and model. */

import type { PackNow } from '../../common/api/contract.ts';
import {
  speed as byteSpeed,
  bytes,
  count,
  dateTime,
  duration,
  flops,
  measure,
  number,
} from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/wizard.json' with { type: 'json' };
import { byName, composed, texts } from './texts.ts';

type MemoryOf = readonly [method: string, need: number, word: string];

export const { wizard } = texts('wizard', english, {
  wizard: {
    backTo: (name: string) => ({ name }),
    offered: { text: (what: string, when: string) => ({ what, when }), more: (n: number) => ({ n }) },
    touchedNotice: { title: (changed: string) => ({ changed }) },
    willTouch: (names: readonly string[]) => ({ names: names.join(marks().comma) }),
    computer: {
      answer: (free: number) => ({ free: bytes(free) }),
      cores: (cores: number, threads: number) => ({ cores, threads }),
      memory: (free: number, total: number) => ({ free: bytes(free), total: bytes(total) }),
      graphicsMemory: (name: string, memory: number | null) => ({
        hasMemory: memory !== null,
        name,
        memory: bytes(memory),
      }),
      sizes: { timeFor: (examples: number) => ({ examples }) },
      grid: {
        lead: (examples: number, tokens: number, free: number) => ({
          examples,
          tokens: number(tokens),
          free: bytes(free),
        }),
        needs: (peak: number) => ({ peak: bytes(peak) }),
        place: (place: string, vram: number | null) => ({ hasVram: vram !== null, place, vram: bytes(vram) }),
      },
      speeds: {
        productsValue: (middle: number, least: number, most: number) => ({
          middle: flops(middle),
          least: flops(least),
          most: flops(most),
        }),
        unpackedValue: (eight: number, four: number) => ({ eight: flops(eight), four: flops(four) }),
        elementwiseValue: (small: number, large: number) => ({
          small: byteSpeed(small),
          large: byteSpeed(large),
        }),
        fromCache: (value: number) => ({ value: byteSpeed(value) }),
        withValue: (threads: number, executor: string) => ({ threads, executor }),
        step: (seconds: number, tokens: number, width: number) => ({
          time: duration(seconds),
          tokens: number(tokens),
          width: number(width),
        }),
        executors: byName,
      },
      cards: {
        memory: (total: number, sold: string, free: number | null) => ({
          total: bytes(total),
          sold,
          hasFree: free !== null,
          free: bytes(free),
        }),
        driver: (version: string) => ({ version }),
        temperature: (celsius: number) => ({ celsius: number(celsius) }),
        power: (watts: number) => ({ watts: measure(number(watts), 'W') }),
        measureOf: (card: string, through: string) => ({ card, through }),
        measured: (rate: number, ratio: number | null, when: string) => ({
          rate: flops(rate),
          hasRatio: ratio !== null,
          ratio: number(ratio, 1),
          when: dateTime(when),
        }),
        remarks: (n: number) => ({ n }),
      },
      packs: {
        openvino: { removed: (freed: number) => ({ freed: bytes(freed) }) },
        ggml: { removed: (freed: number) => ({ freed: bytes(freed) }) },
      },
      pack: {
        about: (download: number, disk: number) => ({ download: bytes(download), disk: bytes(disk) }),
        size: (download: number) => ({ download: bytes(download) }),
        begun: (here: number) => ({ here: bytes(here) }),
        ready: (contents: string) => ({ contents }),
        test: (isTested: boolean) => ({ isTested }),
        tested: ({ gain, problem }: NonNullable<PackNow['test']>) => ({
          hasProblem: typeof problem === 'string',
          problem,
          times: number(gain ?? 1, 1),
        }),
        states: byName,
      },
      report: (parts: readonly (readonly string[])[], when: Date) => ({
        when: dateTime(when),
        parts: parts.map((lines) => `\n\n${lines.join('\n')}`).join(''),
      }),
      reportCell: (method: string, fits: string, figures: readonly string[]) => ({
        method,
        fits,
        count: figures.length,
        figures: figures.join(marks().comma),
      }),
    },
    model: {
      memoryOf: (need: number, free: number, word: string) => ({
        need: bytes(need),
        free: bytes(free),
        word,
      }),
      memoryMethod: (method: string, lighter: string, place: string | null) => ({
        method,
        hasLighter: lighter !== '',
        lighter,
        hasPlace: place !== null,
        place,
      }),
      memoryOthers: composed(
        ([method, need, word]: MemoryOf) => ({ method, need: bytes(need), word }),
        (one: (of: MemoryOf) => string) => (others: readonly MemoryOf[]) =>
          `${others.map(one).join(marks().stop)}${marks().end}`,
      ),
      showAll: (n: number) => ({ n }),
      hidden: (n: number) => ({ n }),
      toDownload: (size: number, time: string | null) => ({
        hasTime: time !== null,
        size: bytes(size),
        time,
      }),
      lacksTools: (name: string, other: string | null) => ({ name, hasOther: other !== null, other }),
      found: (downloads: number, likes: number) => ({ downloads: count(downloads), likes }),
      added: (name: string) => ({ name }),
      addedReader: (name: string) => ({ name }),
    },
    samples: {
      rows: (n: number) => ({ n }),
      model: (name: string) => ({ name }),
      showAll: (n: number) => ({ n }),
      learned: {
        title: (name: string, learned: string, took: string, before: string, after: string) => ({
          name,
          learned,
          took,
          before,
          after,
        }),
        score: (before: string, after: string, range: string) => ({ before, after, range }),
        quiz: (before: string, after: string, n: number) => ({ before, after, n }),
        fell: (names: string) => ({ names }),
        measured: (date: string, version: string, rows: number, threads: number, processor: string) => ({
          date,
          version,
          rows,
          threads,
          processor,
        }),
      },
      of: byName,
    },
  },
});
