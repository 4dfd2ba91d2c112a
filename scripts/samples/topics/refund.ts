/** Money back for something returned or not wanted (and intact). Urgent where the money is needed within two days. */
import type { Topic } from '../topic.ts';

export const refund: Topic = {
  name: 'refund',
  calm: [
    'I {sent|posted|brought} the [item] back [weeks] weeks ago and {have not seen the money yet|the [amount] is not back on my card}.',
    'The [wear] {is too small|is not my size|does not suit me}. I would like to {return it for a refund|send it back and get my money back}.',
    'How long does {a refund take|it take to get my money} after you have {received|got} the return? {Mine reached you on [date].|You signed for it on [weekday].}',
    'You {refunded|gave me back} [fee] but the [item] cost [amount]. {Where is the rest?|The rest is still missing.}',
    'I {changed my mind about|do not need} the [item] {after all|any more}, it is {still sealed|unused and in its box}. How do I {give it back|return it} for my money?',
    'Can I return {a gift|the [item] I was given} without the receipt and get the money {back|for it}?',
    'The refund for return [order] went to {a card that I no longer have|my old bank account}. {Can it be paid to a different one?|What happens now?}',
    'I would rather have {my money|the [amount]} back than the voucher you {sent|offered} for the returned [item].',
    'Is the {shipping|postage} of [fee] {refunded as well|part of the refund} when I return {everything|the whole order}?',
    'The [furniture] {does not fit|is too wide for} {the corner it was meant for|our stairwell}. {We have not put it together.|It is still in the flat pack.} We want to {return it and get the money back|hand it back for a refund}.',
    'Your email says "refund processed" on [date], but {my bank has no record of it|nothing has arrived}.',
    'I returned {two things|a [item] and a [other]} in one box and only {one has been refunded|got the money for one of them}.',
    'Could you {send me|email} a return label for the [item]? I {want|would like} a refund{, not an exchange|}.',
    'Am I still within the {30 days|return period} for the [item] I {got|received} on [date]? I would like my money back{ if so|}.',
    'The [soft] looks {nothing like the picture|much duller than online}. {Not faulty, just not for me.|Nothing wrong with it otherwise.} I want to send it back for a refund.',
  ],
  pressing: [
    'The refund of [amount] you promised has not come, my rent goes out [soon] and {I will be overdrawn|the account does not cover it}.',
    'You are about to send my refund of [amount] to a bank account that {is being closed|I am closing} [soon]. {Please hold the payment|It must be stopped today}.',
    'My return window for the [item] ends {tonight|today} at midnight and {your return page gives an error|the label will not print}. I {do not want to lose|would lose} [amount] because of that.',
    "The refund went to the wrong account number, {a stranger's|someone in [town]'s}, and the bank says {it can only be called back today|you have until [hour] today to recall it}.",
    'I need the [amount] for the returned [item] by [soon], {it is the deposit for my new flat|I have to pay for medication with it}. It was due {last week|[days] days ago}.',
  ],
  details: [
    'I paid by {card|PayPal|bank transfer}.',
    'It was order [order].',
    'I spoke to [staff] {about this|} on [weekday].',
    'This is about order [order].',
  ],
  asks: [
    'Please let me know.',
    '{Could you|Can you} {check|look into this}{?|, please?}',
    'What do I {have to|need to} do?',
  ],
};
