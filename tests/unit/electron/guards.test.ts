/** Which addresses are the app's own, and which may leave it. */
import { describe, expect, test, vi } from 'vitest';
import { isOwn, isOwnBlob, isPage, outsideLink, pageAt } from '../../../main/electron/guards.ts';

vi.mock('electron', () => ({}));

describe('addresses', () => {
  test.each([
    ['app://fettle/', true],
    ['app://fettle/index.html?x=1#/history', true],
    ['app://fettle/assets/a.js', false],
    ['app://fettle.example.com/', false],
    ['app://fettle@example.com/', false],
    ['app:fettle', false],
    ['https://fettle/', false],
    ['not an address', false],
  ])('%s is the page: %s', (address, is) => {
    expect(isPage(address)).toBe(is);
  });

  test('what is in the origin is its own, page or not', () => {
    expect(isOwn('app://fettle/assets/a.js')).toBe(true);
    expect(isOwn('app://other/assets/a.js')).toBe(false);
    expect(isOwnBlob('blob:app://fettle/123')).toBe(true);
    expect(isOwnBlob('blob:app://fettle.example.com/123')).toBe(false);
    expect(isPage(pageAt('history'))).toBe(true);
  });

  test.each([
    ['https://huggingface.co/settings/tokens', 'https://huggingface.co/settings/tokens'],
    ['http://huggingface.co/', null],
    ['file:///etc/passwd', null],
    ['javascript:alert(1)', null],
    ['ms-settings:privacy', null],
    ['https://huggingface.co@example.com/', null],
    ['https://', null],
  ])('%s leaves as %s', (address, link) => {
    expect(outsideLink(address)).toBe(link);
  });
});
