/** Where a new window is placed, on the screens that are there. */
import { expect, test, vi } from 'vitest';
import { placeOf } from '../../../main/electron/window.ts';

const { areas } = vi.hoisted(() => ({ areas: [] as object[] }));
vi.mock('electron', () => ({ screen: { getAllDisplays: () => areas.map((workArea) => ({ workArea })) } }));

const LEFT = { x: 0, y: 0, width: 1920, height: 1080 };
const RIGHT = { x: 1920, y: 0, width: 1920, height: 1080 };
const place = (screens: object[], x: number, y: number, width = 1200, height = 800) => {
  areas.splice(0, areas.length, ...screens);
  return placeOf({ bounds: { x, y, width, height }, maximised: false });
};

test('as it was', () => {
  expect(place([LEFT, RIGHT], 2000, 50)).toEqual({ x: 2000, y: 50, width: 1200, height: 800 });
});

test('never smaller than it may be', () => {
  expect(place([LEFT], 10, 10, 300, 200)).toMatchObject({ width: 1024, height: 680 });
});

test.each([
  ['on a screen that is gone', [LEFT], 2000, 50],
  ['beyond the left edge', [LEFT], -1150, 50],
  ['above the screen, where its bar cannot be taken hold of', [LEFT], 100, -300],
  ['below the screen', [LEFT], 100, 1050],
  ['without any screen', [], 100, 100],
])('%s it is put where the system likes', (_, screens, x, y) => {
  expect(place(screens, x, y)).not.toHaveProperty('x');
});

test('the first time too', () => {
  expect(placeOf(null)).toEqual({ width: 1280, height: 820 });
});
