/** What must be called off at once: vans that leave, plans that renew, visits today, blades that cut, danger, money. */
import type { Situation } from '../../types.ts';

const STOP = 'They want the order stopped.';
const AT_ONCE = 'We will stop it at once.';

export const broaderCancellationUrgent: readonly Situation[] = [
  {
    happened: 'An order must be stopped before it is sent today.',
    urgent: 'it is sent today',
    wants: STOP,
    reply: AT_ONCE,
    texts: [
      'I have just seen that order [order] says 1000 instead of 10. Your mail: "leaves us at four today". Please run to the loading bay!',
      'The lorry is being packed as I write, says your app. In it are [count] [things] for a shop that went bankrupt this morning. Unload them, please.',
      'You dispatch at noon. It is half past ten. I do not want the [thing]. Can somebody with legs go and take the label off?',
      'picked the wrong country. its flying out tonight!! pull it pull it pull it, i will order new',
      "Sorry for the short notice: the [thing] in this evening's collection is not to go. The flat it was for burnt down last night. We are fine, but there is no door to bring it to.",
      'I put in my old address out of habit and a stranger lives there. It is handed to the post within the hour, so keep it back and wipe the order. I shall start over.',
      'A quiet request, but by six please, because then the parcel is on its way and you can no longer get at it: the [thing] is not to be sent.',
    ],
  },
  {
    happened: 'A subscription must be ended before it renews.',
    urgent: 'it renews today or tomorrow',
    wants: 'They want the subscription ended.',
    reply: AT_ONCE,
    texts: [
      'At midnight I am yours for another twelve months, unless you read this first. I do not want to be.',
      'Today is the last day of my notice period, I found the letter under the sofa. Take this as my notice.',
      'The trial of your recipe app bites tomorrow morning: [amount] for a year. The off switch is grey. Would somebody flip it for me?',
      'My reminder popped up: "[box], last chance to leave, TODAY". So here I am, leaving. Please write back before twelve tonight that it counts.',
      'It is the thirtieth. On the first you lock me in for another quarter of filters for a machine we no longer have. Your site is down, so I quit here and now.',
      'no more boxes!!! the next one locks in at 8 tonight and then i have to take it',
      'Without a word from me by tomorrow noon the care plan starts anew. Here is the word: no.',
    ],
  },
  {
    happened: 'An appointment today or tomorrow must be called off.',
    urgent: 'the appointment is today or tomorrow',
    wants: 'They want the appointment stopped.',
    reply: 'We will cancel your appointment at once.',
    texts: [
      'Your two men are due at eight tomorrow. I am writing from the maternity ward, eleven days early. No one can let them in, and no one needs a wardrobe built.',
      'The fitter should turn round if he has already set out. There is chickenpox in the house.',
      'Tomorrow at nine someone comes to measure, from two hours away, and tonight the deal for the house fell apart. Spare him the drive.',
      'I cannot get to the sushi class tonight, I am stuck in [town] with no trains. Give my place away before the door closes, or I pay the full fee.',
      'A missed visit costs [amount], says your text. The visit is at two today. My mother has been taken to hospital and I am with her. Please take it out of the book.',
      'Tell the kitchen planner not to get up early: we shall not be there tomorrow at seven, nor any other day.',
      'I lie in bed with a fever and your video call about curtains is in one hour. I shall not be on. Please let the lady know.',
      'The old sofa is to be fetched this afternoon, but the new tenant wants it. If the men come for nothing, you charge me. Hold them back!',
    ],
  },
  {
    happened: 'Something must be called off because it would be dangerous.',
    urgent: 'somebody could be hurt',
    wants: 'They want it called off.',
    reply: 'We will call it off at once.',
    texts: [
      'Your man wants to drill above the sink tomorrow. The plumber says a gas pipe runs right there. He must not come and drill, we give up on the shelf.',
      'There is asbestos in the ceiling, we learned it an hour ago. Nobody may touch it, so the fitting of the lamp this afternoon cannot take place.',
      'The balcony has cracked under its own weight. If you bring the stone table tomorrow, it goes down with your men on it. We do not want it any more.',
      "A nut cake was to come for the children's party tomorrow. One child may not even breathe near nuts. Do not bake it, do not bring it.",
      'Our old wiring would catch fire, says the electrician. Please keep the fitter of the hob away today, we have given up on the hob.',
      "Dad, who has dementia, got himself a chainsaw from you. It arrives tomorrow when he is alone. For heaven's sake, undo the sale before he has it in his hands.",
      'The dog is not herself and has bitten twice since yesterday. The man for the blinds is due in an hour. Send him home.',
    ],
  },
  {
    happened: 'An order must be stopped before the work on it begins.',
    urgent: 'the work on it begins today or tomorrow',
    wants: STOP,
    reply: AT_ONCE,
    texts: [
      'At six tomorrow morning your workshop cuts the oak for my table, and once cut it is mine. I have been let go today. Please do not let them cut.',
      'The engraver has my bowl for this afternoon. The wedding has just been called off. If his tool touches it I must pay [amount], so catch him!',
      'You print tonight: 500 napkins "Anna and Tom". There is no more Anna and Tom.',
      'The dye for my curtains is mixed today, so said the lady. I am getting out while it is still free. Pass it on to the workshop before they start.',
      'They are sewing my sofa cover from this afternoon on, and there is no going back after the first cut. We have sold the sofa.',
    ],
  },
  {
    happened: 'An order can be stopped free of charge only today.',
    urgent: 'after today it costs money',
    wants: STOP,
    reply: AT_ONCE,
    texts: [
      'Free of charge until 18:00 today, after that 80 percent: so your terms on hiring the tent. It is now 17:10. We are not hiring it.',
      'My fourteen days end tonight. I have not even had the goods yet. Count this as my withdrawal and please confirm today.',
      'From tomorrow I owe you half the price, whether I take the [thing] or not. I do not. Is this enough?',
      'Until closing time today I can still get off lightly, the man said. My bus gets in after that, so here in writing: I will not take the [thing].',
      'The course fee falls due tomorrow for all who have not said no. I say no. My leg is in plaster.',
      'ten minutes left on the free cancel thing and ur app crashes every time. order [order]!!!',
    ],
  },
  {
    happened: 'An order must be stopped before money is taken.',
    urgent: 'the money is taken today or tomorrow',
    wants: STOP,
    reply: AT_ONCE,
    texts: [
      'You will debit [amount] tomorrow for the [thing], and with that my rent bounces. It has not been sent. I have to get out of it today.',
      'My son, nine, has put a trampoline, a drum kit and a hot tub on my [card]. It is all charged at midnight. Please undo the lot before then.',
      'My wages did not come. What you take in the morning for the [box] is the food money. I beg you, end it today.',
      'My mother has been talked into a [thing] for four thousand on the phone. Her bank pays it tomorrow, and then her savings are gone. She wants out of the contract.',
      'The [box] is paid for tonight, there are six euros on my account and each bounce costs me ten. Let me leave now, before the machine runs.',
    ],
  },
  {
    happened: 'An order for today or tomorrow must be stopped.',
    urgent: 'it would come today or tomorrow',
    wants: STOP,
    reply: AT_ONCE,
    texts: [
      'The flowers for tomorrow were to lie on a coffin. The funeral is put off and we do not know until when. Do not cut them, we shall let the order go.',
      'Fish for thirty, to be brought at noon tomorrow. The guests are stuck at the airport, all of them. No fish, please, or it rots on the steps.',
      'My present goes to her office tomorrow. She has been given the sack today, and a balloon that says "you rock" would be cruel. Do not let it out of the house.',
      'The [thing] is to be brought to the surprise party tonight. He has found out, he is livid, there is no party. Turn the driver round for good.',
      'We fly at five and come back in half a year. The [thing] that arrives tomorrow would stand in the rain in front of the house. I no longer want it, catch it today.',
    ],
  },
];
