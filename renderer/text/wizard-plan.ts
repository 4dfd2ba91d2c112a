/** The words of the wizard's plan step; those of single settings, and why they are what they are, stand in common/settings/. */

import type {
  DeviceOffer,
  GgmlCard,
  IfYouHad,
  LengthChoice,
  PlanMethod,
  RangedFigure,
  TimePart,
} from '../../common/api/contract.ts';
import { DEVICE_NAMES } from '../../common/settings/computing.ts';
import type { ForgettingForecast } from '../../common/settings/forgetting.ts';
import { METHOD_NAMES } from '../../common/settings/method.ts';
import { smallShare } from '../../common/settings/phrases.ts';
import {
  about,
  bytes,
  bytesRange,
  count,
  duration,
  energy,
  measure,
  money,
  number,
  percent,
} from '../../common/words/format.ts';
import { said } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import english from '../../words/en/pages/wizard-plan.json' with { type: 'json' };
import { libraryOf } from '../state/libraries.ts';
import { composed, texts } from './texts.ts';

/** Shorter times are "under a minute". */
export const MINUTE = 50;

/** Smaller costs are below it: nobody pays in tenths of one. */
export const CENT = 0.01;

/** Whose prices of an hour cards are shown with. */
export type PricesShown = 'yours' | 'some' | 'assumed';

interface TimeOf {
  readonly part: TimePart;
  readonly seconds: number;
}

export const { plan, ifYouHadWords } = texts('wizard-plan', english, {
  plan: {
    answer: (method: PlanMethod, seconds: number | null) => ({
      method: said(METHOD_NAMES[method]),
      hasSeconds: seconds !== null,
      seconds: about(seconds),
    }),
    defaultName: (data: string, model: string) => ({ data, model }),
    wishAbout: { best: undefined, tonight: undefined },
    trained: (trained: number, all: number) => ({
      trained: count(trained),
      all: count(all),
      percentTrained: percent(trained / all, trained / all < 0.1 ? 1 : 0),
    }),
    memoryLine: {
      good: (low: number, high: number, free: number) => ({ low: bytesRange(low, high), free: bytes(free) }),
      warn: (low: number, high: number, free: number) => ({ low: bytesRange(low, high), free: bytes(free) }),
      bad: (low: number, high: number, free: number) => ({ low: bytesRange(low, high), free: bytes(free) }),
    },
    memoryBar: (method: PlanMethod) => ({ method: said(METHOD_NAMES[method]) }),
    cardBar: (name: string) => ({ name }),
    basis: ({ restsOn }: RangedFigure) => ({ restsOn }),
    disk: (needed: number) => ({ needed: bytes(needed) }),
    kept: (needed: number) => ({ needed: bytes(needed) }),
    diskFull: (needed: number, free: number) => ({ needed: bytes(needed), free: bytes(free) }),
    timeLine: (seconds: number, kwh: number | null, cost: number | null, currency: string) => ({
      kind: kwh === null ? 'time' : cost === null ? 'energy' : cost < CENT ? 'little' : 'money',
      time: about(seconds),
      least: measure(number(CENT, 2), currency),
      energy: energy(kwh),
      price: money(cost, currency),
    }),
    look: (seconds: number | null) => ({ hasSeconds: seconds !== null, seconds: duration(seconds) }),
    timeParts: composed(
      ({ part, seconds }: TimeOf) => ({ part, seconds: duration(seconds) }),
      (one: (of: TimeOf) => string) => (parts: readonly TimeOf[]) =>
        parts
          .filter(({ seconds }) => seconds >= 1)
          .map(one)
          .join(marks().comma),
    ),
    timeRange: ({ low, high }: RangedFigure) => ({ low: duration(low), high: duration(high) }),
    tryHint: (seconds: number | null) => ({ hasSeconds: seconds !== null, seconds: duration(seconds) }),
    rows: (training: number, test: number) => ({ training, test }),
    steps: (steps: number, rows: number, length: number) => ({ steps, rows, length }),
    costBasis: (kwh: number, watts: number, price: number, currency: string) => ({
      kwh: energy(kwh),
      watts: measure(number(watts), 'W'),
      price: money(price, currency),
    }),
    fettleChoosesNow: (name: string) => ({ name }),
    deviceName: ({ device, executor, card }: Pick<DeviceOffer, 'device' | 'executor' | 'card'>) => ({
      kind:
        card !== null
          ? 'card'
          : libraryOf(executor)
            ? 'named'
            : executor === 'openvino'
              ? 'openvino'
              : device === 'cpu'
                ? 'cpu'
                : 'unknown',
      card,
      name: libraryOf(executor)?.library ?? null,
      device: libraryOf(executor)?.executor ?? DEVICE_NAMES[device],
    }),
    cardFree: ({ kind, freeBytes, totalBytes }: GgmlCard) => ({
      isShared: kind === 'integrated',
      free: bytes(freeBytes),
      total: bytes(totalBytes),
    }),
    sameCard: (card: string, n: number, count: number) => ({ card, n, count }),
    cardMemory: ({ low, high }: RangedFigure, free: number | null) => ({
      low: bytesRange(low, high),
      hasFree: free !== null,
      free: bytes(free),
    }),
    riskWords: ({ risk, lostShare, isFixedForm }: ForgettingForecast) => ({
      risk,
      isFixedForm,
      losesMost: lostShare > 0.85,
      lostShare: percent(Math.round(10 * lostShare) / 10),
    }),
    riskBasis: ({ risk, lostShare, isFixedForm }: ForgettingForecast) => ({
      risk,
      losesMost: lostShare > 0.85,
      lostShare: percent(Math.round(10 * lostShare) / 10),
      isFixedForm,
    }),
    whyOf: (name: string) => ({ name }),
    cutsNow: (longest: number, limit: number, lost: number) => ({
      fitsAll: limit >= longest,
      longest,
      limit: number(limit),
      isNone: lost === 0,
      lost: smallShare(lost),
    }),
    cutLimit: (limit: number) => ({ limit }),
    cutRows: ({ rowsCut, rowsCutShare }: LengthChoice) => ({
      rowsCut,
      rowsCutShare: smallShare(rowsCutShare),
    }),
    cutShare: (share: number) => ({ isNone: share === 0, share: smallShare(share) }),
    cutTexts: (texts: number) => ({ texts }),
    yours: (n: number) => ({ n }),
    meaning: (name: string) => ({ name }),
    fallback: (value: string) => ({ value }),
    proposedValue: (value: string) => ({ value }),
    reset: (name: string) => ({ name }),
    useNumber: (word: string) => ({ word }),
    startAtButton: (time: string) => ({ time }),
    elsewhere: { goes: (host: string) => ({ host }), start: (name: string) => ({ name }) },
    goTo: (name: string) => ({ name }),
  },
  ifYouHadWords: {
    line: ({ name, fits, memoryBytes, neededBytes, seconds, cost, pricePerHour, currency }: IfYouHad) => ({
      fits,
      name,
      time: about(seconds.value),
      isShort: seconds.value < MINUTE,
      least: measure(number(pricePerHour / 60, 2), currency),
      price: measure(number(cost.value, 2), currency),
      memoryBytes: bytes(memoryBytes),
      neededBytes: bytes(neededBytes),
    }),
    basis: ({ utilisation: { low, high }, waits, pricesFrom }: IfYouHad, prices: PricesShown) => ({
      waits,
      low: percent(low),
      high: percent(high),
      prices,
      pricesFrom,
    }),
  },
});
