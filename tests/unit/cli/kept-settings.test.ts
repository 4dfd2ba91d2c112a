/** `fettle settings`: what is set once holds for every later plan, in the window as well. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../main/cli/cli.ts';
import { openStore } from '../../../main/store/open.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const home = temporaryFolder();
const before = process.env.FETTLE_HOME;
beforeAll(() => {
  process.env.FETTLE_HOME = home.folder;
});
afterAll(() => {
  process.env.FETTLE_HOME = before;
  home.remove();
});

async function settings(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(['settings', ...args], {
    out: { write: (text: string) => out.push(text) },
    err: { write: (text: string) => err.push(text) },
  });
  return { code, out: out.join(''), err: err.join('') };
}

const kept = async (...args: string[]) => JSON.parse((await settings(...args, '--json')).out);

describe('fettle settings', () => {
  it('shows what holds, and how to set what is missing', async () => {
    expect(await kept()).toEqual({ watts: null, pricePerKwh: 0.3, currency: 'EUR' });
    expect((await settings()).out).toBe(
      'Power    not known: set it with fettle settings --watts 150\nPrice    0.3 EUR per kWh\n',
    );
  });

  it('keeps what is named, leaves the rest, and takes the power away again', async () => {
    await settings('--watts', '150', '--currency', 'CHF');
    expect(await kept('--price-per-kwh', '0.25')).toEqual({ watts: 150, pricePerKwh: 0.25, currency: 'CHF' });
    expect((await settings()).out).toBe('Power    150 W while it trains\nPrice    0.25 CHF per kWh\n');
    const store = await openStore();
    expect(store.settings.get()).toMatchObject({ watts: 150, pricePerKwh: 0.25, theme: 'system' });
    store.close();
    expect(await kept('--watts', 'none')).toEqual({ watts: null, pricePerKwh: 0.25, currency: 'CHF' });
  });

  it.each([
    ['--watts', '0', 'a number from 1 to 10000'],
    ['--watts', '', 'a number from 1 to 10000'],
    ['--price-per-kwh', 'much', 'a number from 0 to 100'],
    ['--currency', 'far too long', 'at most 8 letters'],
  ])('refuses %s "%s", and keeps what was there', async (flag, value, words) => {
    const { code, err } = await settings(`${flag}=${value}`);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(await kept()).toEqual({ watts: null, pricePerKwh: 0.25, currency: 'CHF' });
  });
});
