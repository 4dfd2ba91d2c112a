/** Secrets and personal data: what a model has memorised it may say to anybody. */
import { type FindingKind, type RowCheck, textCheck } from '../finding.ts';
import { type Finder, findEmails, findKeys, findPayment, findPhones, replaceSpans } from '../personal.ts';

const WHY = 'A model can repeat what it was trained on to anyone who uses it.';

export const secrets = finderCheck(findKeys, {
  code: 'secrets',
  title: 'Keys and passwords',
  severity: 'harm',
  why: `${WHY} Renew these keys.`,
  rule: 'Keys with the prefixes of known services, private key blocks, passwords in addresses, and random-looking values (at least 3.3 bits of entropy a character) after a name such as api_key, token or password. Examples such as YOUR_KEY are passed over.',
  fix: { name: 'secrets', does: 'Replace with [SECRET]', safe: true },
});

export const paymentNumbers = finderCheck(findPayment, {
  code: 'payment-numbers',
  title: 'Card and account numbers',
  severity: 'harm',
  why: WHY,
  rule: 'Card numbers with a known beginning and length and a right check digit (Luhn), not after words such as order or tracking; IBANs with the length of their country and a right check number (modulo 97).',
  fix: { name: 'payment-numbers', does: 'Replace with [CARD] or [IBAN]', safe: true },
});

export const emailAddresses = finderCheck(findEmails, {
  code: 'email-addresses',
  title: 'Email addresses',
  severity: 'warning',
  why: WHY,
  rule: 'Addresses of people. Those of departments (info, support, orders, …) and of example domains are passed over.',
  fix: { name: 'email-addresses', does: 'Replace with [EMAIL]', safe: true },
});

export const phoneNumbers = finderCheck(findPhones, {
  code: 'phone-numbers',
  title: 'Phone numbers',
  severity: 'warning',
  why: WHY,
  rule: 'Numbers of 8 to 15 digits written as phone numbers are (with a country, an area in brackets, groups), or after a word such as phone or WhatsApp. Free lines (0800, 1-800), dates, prices, and numbers after words such as order or invoice are passed over.',
  fix: { name: 'phone-numbers', does: 'Replace with [PHONE]', safe: true },
});

function finderCheck(find: Finder, kind: FindingKind): RowCheck {
  return textCheck(kind, {
    find: (text) => find(text)[0]?.start ?? -1,
    clean: (text) => replaceSpans(text, find(text), ({ placeholder }) => placeholder),
  });
}
