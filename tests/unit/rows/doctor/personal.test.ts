import { describe, expect, it } from 'vitest';
import {
  entropy,
  type Finder,
  findEmails,
  findKeys,
  findPayment,
  findPhones,
  isCard,
  isIban,
  passesLuhn,
  replaceSpans,
} from '../../../../main/rows/doctor/personal.ts';
import { shownPiece } from '../../../../main/rows/doctor/row-parts.ts';

const found = (find: Finder, text: string) => find(text).map(({ start, end }) => text.slice(start, end));

/** Test numbers that payment companies publish, and others with one digit changed. */
it.each([
  ['4111111111111111', true],
  ['4012888888881881', true],
  ['5555555555554444', true],
  ['2223003122003222', true],
  ['378282246310005', true],
  ['6011111111111117', true],
  ['3530111333300000', true],
  ['30569309025904', true],
  ['6200000000000005', true],
  ['4111111111111112', false],
  ['5555555555554443', false],
  ['9999999999999995', false],
  ['0000000000000000', false],
  ['411111111111111', false],
])('card number %s: %s', (digits, expected) => expect(isCard(digits)).toBe(expected));

it.each([
  ['79927398713', true],
  ['79927398710', false],
  ['0', true],
  ['', false],
])('Luhn %s: %s', (digits, expected) => expect(passesLuhn(digits)).toBe(expected));

/** The examples of the IBAN registry, and faults in them. */
it.each([
  ['GB29 NWBK 6016 1331 9268 19', true],
  ['DE89 3704 0044 0532 0130 00', true],
  ['FR14 2004 1010 0505 0001 3M02 606', true],
  ['NL91ABNA0417164300', true],
  ['CH93 0076 2011 6238 5295 7', true],
  ['NO9386011117947', true],
  ['MT84MALT011000012345MTLCAST001S', true],
  ['GB29 NWBK 6016 1331 9268 18', false],
  ['DE89 3704 0044 0532 0130', false],
  ['ZZ89 3704 0044 0532 0130 00', false],
  ['DE98 3704 0044 0532 0130 00', false],
])('IBAN %s: %s', (iban, expected) => expect(isIban(iban)).toBe(expected));

describe('finders', () => {
  it('take exactly the number or address out of a sentence', () => {
    const text =
      'Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFF, mail anna@mail.net, +49 30 1234 5678.';
    expect(found(findPayment, text)).toEqual(['4111 1111 1111 1111', 'DE89 3704 0044 0532 0130 00']);
    expect(found(findEmails, text)).toEqual(['anna@mail.net']);
    expect(found(findPhones, text)).toEqual(['+49 30 1234 5678']);
    expect(replaceSpans(text, findPayment(text), ({ placeholder }) => placeholder)).toContain(
      'Card [CARD], IBAN [IBAN] BIC COBADEFF',
    );
  });

  it.each([
    ['客服电话是13812345678，早上九点开始。', ['13812345678']],
    ['请拨打 021-5888 1234 找我', ['021-5888 1234']],
    ['手机号：138 1234 5678', ['138 1234 5678']],
    ['携帯は090-1234-5678です', ['090-1234-5678']],
    ['订单号：13812345678', []],
    ['快递单号13812345678已签收', []],
    ['共有 13812345678 个', ['13812345678']],
    ['The sum is 13812345678.', []],
  ])('find phone numbers in texts without spaces: %s', (text, numbers) =>
    expect(found(findPhones, text)).toEqual(numbers),
  );

  it('take a whole private key block, and one that was cut off', () => {
    const body = Array.from({ length: 5 }, (_, i) => 'MIIEowIBAAKCAQEAx7Vb'.repeat(3) + i).join('\n');
    const block = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
    expect(found(findKeys, `Before\n${block}\nafter`)).toEqual([block]);
    expect(found(findKeys, block.slice(0, 150))).toEqual([block.slice(0, 150)]);
  });

  it('find nothing in what they have replaced', () => {
    const text =
      'postgres://anna:Xk29dLq0Zz@db/shop token="a8Fk2Lq9ZxC0vB7nM4" 4111111111111111 max.m@web.de 0171 2345678';
    for (const find of [findKeys, findPayment, findEmails, findPhones]) {
      const clean = replaceSpans(text, find(text), ({ placeholder }) => placeholder);
      expect(clean).not.toBe(text);
      expect(find(clean)).toEqual([]);
    }
  });

  it('are quick on long texts that look alike', () => {
    for (const piece of ['1234 ', 'a.b@', '0-', '(0', 'sk-', '+1 ', 'a@a.', 'eyJ', 'AA00 ', 'tel: ']) {
      const text = piece.repeat(20_000);
      for (const find of [findKeys, findPayment, findEmails, findPhones]) find(text);
    }
  });
});

it('measures entropy in bits a character', () => {
  expect(entropy('aaaa')).toBe(0);
  expect(entropy('abab')).toBe(1);
  expect(entropy('abcdefgh')).toBe(3);
});

describe('excerpts', () => {
  it('never show a whole secret', () => {
    const secrets = [
      'sk-proj-Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6lM9',
      '4111 1111 1111 1111',
      'DE89 3704 0044 0532 0130 00',
      'anna.keller@mail.net',
      '+49 30 1234 5678',
    ];
    for (const secret of secrets) {
      for (const before of [0, 5, 29, 31, 200]) {
        const text = `${'word '.repeat(before)}${secret} and more`;
        for (const at of [0, text.indexOf(secret), Math.max(0, text.indexOf(secret) - 40)])
          expect(shownPiece(text, at)).not.toContain(secret.slice(0, Math.ceil(secret.length * 0.6)));
      }
    }
    expect(shownPiece('Mail anna.keller@mail.net now', 5)).toBe('Mail ann…[EMAIL] now');
  });

  it('spell out what cannot be seen and stay in one line', () => {
    expect(shownPiece('a\u0007b\u200bc\nd')).toBe('a\\u0007b\\u200bc⏎d');
    expect(shownPiece('x'.repeat(500)).length).toBeLessThanOrEqual(121);
    const long = `${'a '.repeat(300)}HERE${' b'.repeat(300)}`;
    expect(shownPiece(long, long.indexOf('HERE'))).toContain('HERE');
  });
});
