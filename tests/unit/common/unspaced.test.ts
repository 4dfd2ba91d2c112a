/** Words in scripts that have no spaces. */
import { describe, expect, it } from 'vitest';
import { formatMessage } from '../../../common/words/icu.ts';
import { apart, countWords, together } from '../../../common/words/unspaced.ts';
import { detectTask } from '../../../main/engine/eval/assess/task.ts';
import { occludedWords } from '../../../main/engine/eval/rivals/answer-head.ts';
import { comparable, questionKey } from '../../../main/rows/doctor/language.ts';

describe('scripts without spaces', () => {
  it('are taken apart and put together', () => {
    expect(apart('用LoRA训练').trim().split(/\s+/)).toEqual(['用', 'LoRA', '训', '练']);
    expect(apart('plain text')).toBe('plain text');
    expect(together('退 款 of ABC')).toBe('退款 of ABC');
  });

  it.each([
    ['', 0],
    ['two words', 2],
    ['什么时候发货？', 3],
    ['用 LoRA 训练 3 次。', 4],
    ['いつ届きますか', 4],
  ])('%s has %i words', (text, words) => expect(countWords(text)).toBe(words));

  it('have free answers, not short ones, where they are long', () => {
    const answers = Array.from(
      { length: 12 },
      (_, i) => `您好，您的第${i}个订单已经发货，预计三天之内送到，请您耐心等待。`,
    );
    expect(detectTask(answers).kind).toBe('free');
    expect(detectTask(answers.map((_, i) => `第${i}天送到`)).kind).toBe('short');
  });

  it('are left out word by word to see which decided', async () => {
    const asked: string[] = [];
    const words = await occludedWords('我要申请退款', 0, async (texts) => {
      asked.push(...texts);
      return texts.map((text) => Float64Array.of(text.includes('退款') ? 0 : -5));
    });
    expect(asked.length).toBeGreaterThan(3);
    expect(words).toEqual(['退款']);
  });

  it('are compared without their marks', () => {
    expect(comparable('「你好」、世界。')).toBe(comparable('你好 世界'));
    expect(questionKey('《什么时候发货》？')).toBe(questionKey('《什么时候发货》'));
  });
});

describe('a Chinese message', () => {
  it.each([
    ['还剩 {0}', ['约 3 分钟'], '还剩约 3 分钟'],
    ['还剩 {0}', ['3 min'], '还剩 3 min'],
    ['LoRA {0} {1} 完', ['约 3 步', '训练'], 'LoRA 约 3 步训练完'],
    ['打开 {0}', ['/我的 文档/数据.csv'], '打开 /我的 文档/数据.csv'],
  ])('%s has a space beside Latin letters and digits alone', (message, values, text) => {
    expect(formatMessage(message, 'zh-CN', values)).toBe(text);
    expect(formatMessage(message, 'de-DE', values)).toContain(values[0]);
  });
});
