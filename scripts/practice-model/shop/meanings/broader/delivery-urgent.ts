/** Deliveries that cannot wait: today's wedding, the last tin of milk, a driver at the wrong door, a box in the rain. */
import type { Situation } from '../../types.ts';

const IN_TIME = 'They want the parcel in time.';
const CALL_DRIVER = 'We will call the driver at once and find your parcel.';

export const pressingDelivery: readonly Situation[] = [
  {
    happened: 'The parcel is not there and it is needed very soon.',
    urgent: 'it is needed very soon',
    wants: IN_TIME,
    reply: CALL_DRIVER,
    texts: [
      'He will be six tomorrow, and the one thing he wished for is on a lorry in [town].',
      'The coffin leaves at two. The wreath is not here.',
      'I know that you cannot help the snow, and I have been calm all week, but our choir sings tomorrow at five, its eighty new robes are in a depot where nobody picks up the phone, and we would have to stand there in our coats.',
      'I am the bride, it is nine, church is at eleven, and my dress is "with the driver".',
      'We board in three hours. The travel cot is still "arriving today".',
      'Twenty-eight children start school tomorrow morning and they have no chairs. When do you mean to unload them?',
      'Our bus leaves at dawn, with or without the drums that you have mislaid.',
      'The inspector comes at eight tomorrow. Without the fire blankets that you were to bring we may not open.',
      'The electrician is paid by the hour and is drinking my tea, because your lamps should have been here at eight.',
      'I have the crane from ten to twelve today. Without your beam it lifts air.',
      'Her exam starts tomorrow at nine, the calculator sits in one of your lockers, and the code does not open it.',
      'The fast ends at sunset, sixty people are coming, and our food is in your van in a ditch somewhere.',
    ],
  },
  {
    happened: 'Something that a person or an animal depends on has not come.',
    urgent: 'somebody depends on it',
    wants: IN_TIME,
    reply: CALL_DRIVER,
    texts: [
      'I am on my last pair of lenses. Without the new ones I cannot see to drive to work tomorrow.',
      'The cat has bad kidneys and eats nothing else. Her bag was empty this morning, and yours is three days late.',
      'Mother comes home from hospital this afternoon. The bed she is to lie in has not.',
      'The last scoop of the special milk went into the bottle at six. No shop here has it. Where is my tin?',
      'I test my sugar five times a day and have two strips left. The rest is on a tour of [town].',
      'It is snowing through a hole in our roof, and the "next day" sheet has been next day since [weekday].',
      'No heating, two small children, and the stove you were to bring yesterday is where exactly?',
    ],
  },
  {
    happened: 'The driver is at the wrong place right now.',
    urgent: 'the driver is at the wrong place right now',
    wants: 'They want the driver to be called.',
    reply: 'We will call the driver at once.',
    texts: [
      'I can see him! He is across the river, at the other number 9, unloading my sofa.',
      "He is ringing at my ex-husband's as I write, and that man will put it straight into the skip.",
      'Your lorry is stuck in the lane behind the church. I wave and he does not see me. Tell him left!',
      '"Five minutes", he said on the phone just now. He is in a town of the same name, two hundred miles from here.',
      'The lady in my old flat says she keeps whatever is brought. The van is two stops away from her.',
      'We typed in the wrong street. He is pulling up there now with our [thing], and the house is being knocked down.',
    ],
  },
  {
    happened: 'The parcel is outside and could be lost.',
    urgent: 'the parcel could be lost',
    wants: 'They want the driver to come back.',
    reply: 'We will call the driver at once and send him back.',
    texts: [
      'On the door camera I see my box on the pavement and a man walking round and round it. I am an hour away.',
      'It is pouring, and he leaned the mattress against the hedge. None of us is home before night.',
      'A crate marked "frozen" has been standing in the sun at the wrong house since ten.',
      'Someone is clearing out our post room. I have just watched him carry two boxes with my name to a white car.',
      'Bees! A live colony, three days in your depot. They die without water.',
    ],
  },
  {
    happened: 'The parcel goes back very soon.',
    urgent: 'the parcel goes back very soon',
    wants: 'They want it to be kept for them.',
    reply: 'We will call them at once so that they keep your parcel.',
    texts: [
      'At midnight the locker gives it up, and it does not accept the code you sent me.',
      'Today is the last day they hold it for me, and I am in bed with a fever. Can they not hold it longer?',
      'Customs will destroy it tomorrow unless you show them an invoice before noon.',
      'I am at the gate of the depot, nobody opens, and in half an hour my [thing] is on its way to you again.',
    ],
  },
  {
    happened: 'Something was left where it could harm somebody.',
    urgent: 'somebody could be hurt',
    wants: 'They want it to be taken away.',
    reply: 'We will send somebody at once to take it away.',
    texts: [
      "You swapped two bags. I am holding a stranger's heart tablets, so some stranger is holding mine.",
      'There are peanut bars in the box for the class where nuts are forbidden, and the bell for break goes at ten.',
      'Your pallet stands across the fire exit of our nursery, and the driver is gone.',
      'Two tonnes of gravel on the wrong drive: behind it is our car, and at two my husband must be at his dialysis.',
      'The acid for the pool was handed to my ten-year-old, who is alone at home. I only found out from your text.',
    ],
  },
  {
    happened: 'The customer leaves and the parcel would come too late.',
    urgent: 'they will be gone when it comes',
    wants: 'They want it in time or at another address.',
    reply: 'We will call you at once and find a way.',
    texts: [
      'We sail at five. Cook, crew and captain would all love to have their pots by then.',
      'The key goes to the landlord at noon tomorrow. You are bringing the [thing] at three.',
      'I check out in the morning and fly to [country]. What you were to leave at the front desk is not there.',
      'I go into hospital tonight for a month. If the [thing] comes tomorrow there is nobody to take it in, so let it go to [who].',
    ],
  },
  {
    happened: 'Something wrong or too little came and the right thing is needed very soon.',
    urgent: 'it is needed very soon',
    wants: 'They want the right thing in time.',
    reply: 'I am sorry. We will do all we can to send the right thing in time.',
    texts: [
      'In the bag that should hold my dinner jacket there is a ball gown. The dinner is tonight.',
      '"Enjoy your retirement, Jean", says the banner. He is called John and his party is at three.',
      'Eighty menus were to come, I count forty. We open at six.',
      'I asked for a small life jacket and you sent a large one. My daughter floats out of it, and we cast off at first light tomorrow.',
      'Costume yes, wings no. The curtain goes up in two hours.',
      'Never mind a refund. You sent skirts to a wedding of men in kilts, and the wedding is tomorrow.',
    ],
  },
];
