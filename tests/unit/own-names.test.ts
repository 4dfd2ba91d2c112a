import { describe, expect, it } from 'vitest';
import { isCalledBy, isLocal, isPageOf, ownNames } from '../../main/own-names.ts';

const names = ownNames('127.0.0.1', 4886);

it('takes an address for this computer only where nothing stands behind it', () => {
  expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'].every(isLocal)).toBe(true);
  expect(['127.0.0.1.evil.example', '127.evil.example', 'localhost.evil.example'].some(isLocal)).toBe(false);
});

describe('a server of this computer', () => {
  it.each(['127.0.0.1:4886', 'localhost:4886', 'LOCALHOST:4886', '[::1]:4886'])('answers to %s', (host) => {
    expect(isCalledBy(names, { headersDistinct: { host: [host] } })).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '127.0.0.1:1',
    'evil.example:4886',
    'localhost.evil.example:4886',
    'localhost.:4886',
    '',
  ])('does not answer to %s', (host) => {
    expect(isCalledBy(names, { headersDistinct: { host: [host] } })).toBe(false);
  });

  it('has no port in its names where that is the usual one', () => {
    expect(isCalledBy(ownNames('127.0.0.1', 80), { headersDistinct: { host: ['localhost'] } })).toBe(true);
    expect(isCalledBy(names, { headersDistinct: {} })).toBe(false);
  });

  it('is not meant by who names two hosts', () => {
    const host = ['localhost:4886', 'evil.example'];
    expect(isCalledBy(names, { headersDistinct: { host } })).toBe(false);
  });

  it('knows its own pages by their origin', () => {
    expect(isPageOf(names, { origin: 'http://localhost:4886' })).toBe(true);
    for (const origin of [
      'https://localhost:4886',
      'localhost:4886',
      'null',
      'http://localhost:4886/',
      'http://evil.example',
    ])
      expect(isPageOf(names, { origin })).toBe(false);
    expect(isPageOf(names, {})).toBe(false);
  });
});
