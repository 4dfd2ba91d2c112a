/** What came is not what was ordered or not all of it, presents on their way to others, loud letters and patient ones. */
import type { Situation } from '../../types.ts';

const WHERE = 'They want to know where the parcel is.';

export const contentsDelivery: readonly Situation[] = [
  {
    happened: 'Something wrong came in the parcel.',
    deadline: true,
    wants: 'They want the right thing.',
    reply: 'I am sorry that the wrong thing came. We will send the right one.',
    texts: [
      'I unwrapped a [other], and somewhere in [town] somebody must be scratching their head over my [thing].',
      'Lovely [other]. Who is it for?',
      'Left shoe 39, right shoe 41.',
      'I asked for decaf. I have been awake since [weekday].',
      'The number on the bag agrees with my list, what is in the bag does not.',
      'We require item 44-B. Unloaded was 44-D, which does not suit our machine.',
      'For a vegetarian box there is a good deal of ham in it.',
      'The engraving says "Happy sixtieth, Karl". We know no Karl.',
      'I chose oak. This is something grey that has met oak once.',
      "Curtains for tall windows, I wrote. These would do for a doll's house.",
      'When the box came I was glad, when I opened it I was puzzled, and when I read the slip I understood: the name is mine, the street is mine, and the [other] was meant for a gentleman at the other end of your alphabet.',
      'My sister rang to thank me for the [other]. I had sent her a [thing].',
      'There is nothing the matter with the [other], it works, it gleams. It is merely not the [thing] that I paid for.',
    ],
  },
  {
    happened: 'Something is missing from the parcel.',
    deadline: true,
    wants: 'They want the rest of their order.',
    reply: 'I am sorry that something was missing. We will send the rest.',
    texts: [
      'Twelve on the invoice, eleven on the table.',
      'One glove. I have, at the last count, two hands.',
      'The tape had been slit and closed again, and of the [thing] nothing but its dent in the foam was left.',
      'Thank you for the nice card. I have unpacked it all, ticked it off against the list and looked under the paper twice, and the one line that I cannot tick is the [thing], which happens to be what I wanted most.',
      'The bed is up! Only, what do we lie on? Do the slats travel by themselves?',
      'Our shopping came without the bread, the butter and whatever should go on it.',
      'Remote, stand and cable: all on the picture, none in the carton.',
      'Your note lists four cartons. The driver unloaded three and wished me to sign for four.',
      'Batteries included, it said. Included in what?',
      'The first chair is a joy, thank you. I now long for the second one, which was on the same order.',
      'The [thing] works a treat and your fitter is a gem. He was to bring a [other] too, though.',
      'The box was crushed and, lucky us, the [thing] in it was not. But there ought to be two.',
      'Your robot offers me [fee] off for "the inconvenience". Keep it and post me the lid that was left out.',
    ],
  },
  {
    happened: 'The customer asks if a present has reached somebody else.',
    deadline: true,
    wants: 'They want to know if it has come.',
    reply: 'We will find out whether it has come and tell you.',
    texts: [
      'Before I make a fool of myself by asking: did the [thing] get to [who]? Not a word from there.',
      'Has anyone at the care home signed for the armchair? My father cannot remember.',
      'Could you check whether the wreath got to the chapel on [weekday]? I could not be there myself.',
      'Three clients have thanked us for the hamper. We sent you a list of nine.',
    ],
  },
  {
    happened: 'The customer is loud about a parcel, but there is no hurry.',
    wants: WHERE,
    reply: 'We will find out where your parcel is and tell you.',
    texts: [
      'WHERE IS IT??? "Two to five days", you wrote, and it is DAY TWO!!!',
      'I am LOSING MY MIND over this [thing]! It is for nothing special, I just cannot wait!',
      'HELP HELP HELP, the little van on the map is going the WRONG WAY!!!',
      'Life or death! (My son would like his toy train some time this month.) Any news?',
      'You had better have a VERY good excuse. My doormat is ONE DAY late!!!',
    ],
  },
  {
    happened: 'The customer waits patiently for a parcel.',
    wants: 'They want to know if it will come.',
    reply: 'We will find out where your parcel is and tell you.',
    texts: [
      'We shall not be in the new house before [month], so any day after that will do. I would only like to know that the [thing] exists.',
      'Whenever your lorry next comes up the coast is early enough for a [thing]. Are we on its list?',
      'I am the last person to nag, and I have another [thing] until then. Still, has mine set off yet?',
    ],
  },
];
