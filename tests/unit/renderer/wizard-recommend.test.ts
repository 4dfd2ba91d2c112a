import { describe, expect, it } from 'vitest';
import { lengthLimit, sampleChoice, suits } from '../../../renderer/state/recommend.ts';

describe('the limit on rows before they have been counted', () => {
  it('is what the practice model reads, and for others what is usual', () => {
    expect(lengthLimit({ source: 'practice' })).toBe(256);
    expect(lengthLimit({ source: 'hub' })).toBe(1024);
    expect(lengthLimit(null)).toBe(1024);
  });
});

describe('samples', () => {
  it('the messages to sort are read with their system message, others as they are', () => {
    expect(sampleChoice({ name: 'support-messages', path: '/s.jsonl' }).system).toBe(
      'Sort the messages of customers.',
    );
    expect(sampleChoice({ name: 'formal-tone', path: '/f.jsonl' })).toEqual({ paths: ['/f.jsonl'] });
  });

  it('a sample suits the goals that its rows show', () => {
    expect(suits('support-messages', 'sort')).toBe(0);
    expect(suits('support-messages', 'continue')).toBeNull();
    expect(suits('support-messages', undefined)).toBeNull();
    expect(suits('unknown', 'sort')).toBeNull();
  });
});
