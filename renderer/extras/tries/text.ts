/** The words of forecasting what more rows would bring to a run. */
import { about, number, percent, percentRange } from '../../../common/words/format.ts';
import english from '../../../words/en/pages/tries.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { tries } = texts('tries', english, {
  tries: {
    takes: (seconds: number) => ({ time: about(seconds) }),
    power: (wattHours: number) => ({ energy: number(wattHours, 0) }),
    measured: (score: string, rows: number) => ({ score, rows }),
    part: (share: number, rows: number) => ({ share: percent(share), rows }),
    close: (more: number, share: Parameters<typeof percentRange>[0]) => ({
      more,
      share: percentRange(share),
    }),
    wide: (more: number, { low, high }: Parameters<typeof percentRange>[0]) => ({
      more,
      low: percent(low),
      high: percent(high),
    }),
  },
});
