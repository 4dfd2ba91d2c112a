/** Returns and money back as small stories, each of its own kind; what goes back is whole. */
import type { Situation } from '../../types.ts';

const BOTH = 'They want to send it back and get their money.';
const LABEL = 'You may send it back. We will mail you a label and pay your money back.';

export const refundStories: readonly Situation[] = [
  {
    happened: 'The customer wants to send something back.',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'In the shop it was sage, at home it is hospital. The armchair would like to come back to you.',
      'My wife and I do not often agree. We agree on this rug. When will you fetch it?',
      'It turns out that I am not a hat person. The label still dangles from it.',
      'We sat on it, lay on it, slept on it, and it is simply not our sofa. You promised a hundred nights.',
      'Three friends, one idea: I was given three fondue sets. I would like to turn two of them into money.',
      'I cannot look my old kettle in the eye. The new one has not been out of its carton. What do I have to do?',
      'The dress is a dream and I am not the one dreaming it. It has been on for three minutes. Back, please.',
      'We bought for a cellar of two metres ten and have one of one metre ninety-five. The shelves are still in film.',
      'My son has outgrown the skates between the order and the doorstep. Unused. Will you have them again?',
      'The piano stool is fine. There will be no piano. May I hand it in at your branch?',
      'The wallpaper looks like {jail|a jungle} once there is more than one strip of it. Nine rolls, eight of them sealed.',
      'I am told that you take back what has not been worn. It has not, apart from in front of the mirror.',
      'She said no. The ring is in its little box. How does one go about giving it back?',
      'The grandchildren are afraid of the clown clock. It works, that is the trouble.',
      'It would be perfect for somebody with larger {hands|feet|windows}. Money rather than an exchange, please.',
      'Bought two paints to compare, used one, the other is as you sealed it. Do you take that?',
      'I live on the fifth floor and cannot get it down again on my own. Does somebody collect the cabinet that we do not want to keep?',
      'I have got used to neither the taste nor the noise of it, and your leaflet says "no risk for 30 days".',
      'I bought the telescope for a clear sky. Then they built a car park with lamps. It goes back in mint condition.',
      'The book for my nephew was already on his shelf. The bill is in my hand, the cellophane is on the book.',
      'My bank statement and I have had a talk. The handbag, unused, has to go home.',
      'Thirty metres of fence too many, still in bundles, behind our barn. At what price do you take them again?',
      'On the screen it was the size of a shoe box. It is the size of a matchbox. It is my fault for not reading, but I would like to return it.',
    ],
  },
  {
    happened: 'The money for a return has not come.',
    wants: 'They want their money back.',
    reply: 'I am sorry that your money has not come. We will pay it now.',
    texts: [
      'The boots went home to you on the second. My money has not found its way to me.',
      'Your warehouse has my coat, your accounts have my [amount], and I have a piece of paper.',
      'I counted the working days on my fingers, then on my toes. Where is the sum for the lamp that you have had again since [month]?',
      'I was told "it is in the system". Could it please be in my bank?',
      'You thanked me for my return twice. Once would have done, with the money.',
      'We handed four chairs to your driver in [month], and all that we got was a nod.',
      'The bank says that nothing was refused and nothing has come in. So it must still be with you, my [amount] for the returned cot.',
      'The refund mail came to me, the refund itself seems to have gone to somebody called Rob.',
      'I got back what the shoes cost, but not the [fee] for sending them, which is what we had agreed.',
    ],
  },
  {
    happened: 'The shop did not accept the return.',
    wants: BOTH,
    reply: 'We will look at your return once more.',
    texts: [
      'Your scanner says "no". It is a tablecloth, in its bag, with its bill. What is there to say no to?',
      'I was sent away at the counter because I had paid with my phone. That phone is in my pocket, and the sandals are in the box.',
      'My parcel came back to me with a sticker. So now I have a coat that I do not want for the second time, and no money.',
      'They say that I have opened it. How else can one see that it is the wrong one for my car?',
    ],
  },
  {
    happened: 'The customer got credit and wants money.',
    wants: 'They want money and not a voucher.',
    reply: 'We will pay the money instead of the voucher.',
    texts: [
      'You gave me a plastic card for what I brought back. I paid with real money.',
      'Shop credit is kind, but I am moving to {Peru|New Zealand}, and you are not. A transfer would be better for the returned grill.',
      'I do not want to choose something else. I want what I paid for the fur hat that I gave back.',
    ],
  },
  {
    happened: 'The money is needed very soon.',
    urgent: 'the money is needed very soon',
    wants: 'They want their money back.',
    reply: 'We will pay your money back today.',
    texts: [
      'Tomorrow they come for the car. You owe me [amount] for the bed that I returned, and that is exactly what is missing.',
      'I stand in a pharmacy and the card is empty, since you have been sitting on my refund for a month. My son needs his inhaler tonight.',
      'Our wedding hall wants its second half by six this evening. It was to come from the suits that you took back in [month].',
    ],
  },
  {
    happened: 'The time for sending it back ends today.',
    urgent: 'the time ends today',
    wants: BOTH,
    reply: 'We will keep your right to return it. Please send it when you can.',
    texts: [
      'It is the hundredth night tonight, and we still do not like the mattress. From tomorrow on we own it. Please write down that we gave it back in time.',
      'The parcel counter has closed early because of the snow, and midnight is my limit for the unworn coat.',
    ],
  },
];
