/** Ending what comes again and again or stands in the calendar: boxes, clubs, services, visits, courses, hires. */
import type { Situation } from '../../types.ts';

const NO_VISIT = 'They want the appointment stopped.';
const VISIT_ENDED = 'We will cancel your appointment.';

export const broaderCancellationPlans: readonly Situation[] = [
  {
    happened: 'The customer wants to end a box.',
    wants: 'They want the box stopped.',
    reply: 'We will stop your box.',
    texts: [
      'Three of us have become two, and neither can keep up with the [box]. It has had its day with us.',
      'Please let the one in [month] be the final [box]. I say so with a tear.',
      'The [box] piles up by the door like old newspapers. Turn off the tap.',
      'I have learned all that the recipe box could teach me. Time to cook on my own! When does it run out if I say so now?',
      'You write that I am locked in until [month]. So be it. From then on, not a single [box] more.',
      'What I have been getting every month, I do not wish to get any longer.',
      'My dog, for whom the treats came, is no more. I cannot bear another box at the door.',
      'Sixteen razor blades a month for a man with a beard. That has to end.',
      'We had signed for two boxes a month, one is ample. Discontinue the second.',
      'Would you stop the repeat order for cat litter? She has found herself a richer family.',
      'The nappies that come by themselves: he is out of them! Hurrah! No further ones.',
      'Filters come every quarter for a machine that I sold. Please take me off the automatic refill.',
      'It is me, not you. I am breaking up with the [box].',
      'I only joined the [box] for the free pan, I admit it. The minimum time is up in [month]. Farewell.',
    ],
  },
  {
    happened: 'The customer wants to stop a box for some time.',
    wants: 'They want the box stopped for some time.',
    reply: 'We will stop your box for that time.',
    texts: [
      'We shall be on a boat in [month] with no letter box. Leave us out that once and carry on afterwards.',
      'Can the [box] go to sleep for the summer? It would only stand on the doorstep.',
      'I am behind with what came in the last [few] boxes. Skip me twice, and then we shall see.',
    ],
  },
  {
    happened: 'The customer does not want to go on after a trial.',
    wants: 'They want the trial to end.',
    reply: 'We will let your trial end.',
    texts: [
      'Thirty days of the recipe app have shown me that I like my old cookbook. Please see that it does not turn into a paid one.',
      'My trial month is up in [weeks] weeks. I am telling you early, because I know myself: no follow-up, no renewal.',
      'The first box for one pound was a nice try. I pass on the ones at full price.',
      'I took the free delivery pass to save [fee] once. Do not make it a yearly one.',
    ],
  },
  {
    happened: 'The customer wants to leave a club.',
    wants: 'They want to leave the club.',
    reply: 'We will end your membership.',
    texts: [
      'Being a gold member has brought me a mug and a lot of mail. I hand the gold back. My login and my orders stay as they are.',
      'I resign from the wine circle at the end of the quarter and ask for a written acknowledgement.',
      'Does leaving the savings plan take a letter, or will this do? I am leaving either way.',
      'I turn ninety and shall do without a loyalty club. Kindly let me go.',
      'The tool library was a fine thing while I had a garden. Now I have a balcony. From [month] on somebody else may have my place.',
    ],
  },
  {
    happened: 'The customer wants to end a service.',
    pool: 'plug battery',
    wants: 'They want the service stopped.',
    reply: 'We will stop the service.',
    texts: [
      'What I insured, I no longer own: the [thing] went with the old flat. So what am I insuring? End it.',
      'No renewal of the maintenance contract, please. You have this notice three months ahead, as the terms demand.',
      'You lend us the water dispenser at work by the month. We all bring bottles now. Please wind up the agreement.',
      'The plant care people need not come any more. All plants are dead. No hard feelings.',
      'The garden man you send every second week does good work, but my grandson wants to earn pocket money. So this is where we part.',
      'I hire my [thing] from you, and now I have bought one at a flea market. Which is the last month I must take?',
      'It is about the three-year cover that the girl at the till put on top of the [thing]. I have thought it over within the fortnight and will do without.',
    ],
  },
  {
    happened: 'The person who ordered has died or is too ill.',
    wants: 'They want it stopped.',
    reply: 'I am sorry to hear that. We will stop it.',
    texts: [
      'My brother passed away on [weekday]. In his papers I find an order for a [thing] that is still to come. Nobody will be there to open the door.',
      'I am going through the things of my late aunt. She had a [box] from you. Would you let it rest, too?',
      'As executor of the late Mr Fox I give notice on all running contracts with your house. A copy of the certificate can be sent.',
      'Mother has moved to a home and forgets what she ordered. Whatever comes to her on a regular basis must come no more; I am allowed to sign for her.',
    ],
  },
  {
    happened: 'The customer does not need the fitter.',
    pool: 'furniture',
    wants: NO_VISIT,
    reply: VISIT_ENDED,
    texts: [
      'Two cousins, one evening, one crate of beer: the [thing] is standing. Your fitter may have the morning off.',
      'You pencilled me in for measuring the [room]. Rub me out again, we are going to leave it as it is.',
      'The building inspector has other ideas, and so there is no wall for you to hang the cupboards on. We do not need a new date.',
      'The chimney is not fit for a stove, says the sweep. Then the visit by your stove man in [month] has no point.',
      'Next week you were going to show me at home how one uses the sewing machine. Not required, my nephew knows it all.',
    ],
  },
  {
    happened: 'A repair is no longer needed.',
    pool: 'plug',
    wants: NO_VISIT,
    reply: VISIT_ENDED,
    texts: [
      'The noise in the dishwasher was a cherry stone. I have got it out. No mechanic needed on [weekday], thank you.',
      'I reported a fault in the [thing] and you kindly arranged a visit. It was the fuse. How embarrassing. Send nobody.',
      'Remember the broken [thing] that your man was to look at? We have said goodbye to it. He would find an empty corner.',
    ],
  },
  {
    happened: 'The customer keeps something and ends the collection.',
    pool: 'furniture textile',
    wants: 'They want the collection stopped.',
    reply: 'We will stop the collection.',
    texts: [
      'We would like to keep the [thing] after all. So the men who were going to fetch it on [weekday] can save themselves the trip.',
      'I had asked to give the [thing] back for the money. My daughter has fallen in love with it, so forget that I asked, and let the pick-up lapse.',
      'Your collection of our old [thing] has become pointless. The bin men were quicker.',
    ],
  },
  {
    happened: 'The customer calls off a talk with an adviser.',
    wants: NO_VISIT,
    reply: VISIT_ENDED,
    texts: [
      'On [weekday] at ten I was to talk about kitchens with [staff]. We have split up and there will be no kitchen. My apologies to your colleague.',
      'Your planner was to ring me next week. Tell him not to, please, we have signed elsewhere.',
      'With regret I give back the slot for the colour advice. My knee is being operated on, and afterwards I shall not want new walls.',
      'We have a video call in the calendar for [weekday]. The bank has turned us down, so there is nothing left to talk about.',
    ],
  },
  {
    happened: 'The customer does not come to a course.',
    wants: 'They want their place given up.',
    reply: 'We will take you off the list.',
    texts: [
      'A seat will be free at the bread class in [month]. Mine.',
      'I had put down four ladies for the wreath evening. One has a cold, two have a quarrel, and I shall not go alone.',
      'The knife skills course: I have cut my thumb, at home, before learning how. Count me out.',
      'Grandchildren all weekend! Please let my place at the pottery day go to the next in line.',
      'My son was signed up for the bird box workshop. He has gone off birds.',
      'Two tickets for the evening with the designer, order [order]. We shall be elsewhere. If there is a waiting list, make someone happy.',
      'Our club wanted the room above your shop in [month]. The club is no more. Please free the date.',
    ],
  },
  {
    happened: 'The customer wants to end a hire.',
    wants: 'They want the hire stopped.',
    reply: 'We will cancel the hire.',
    texts: [
      'Our summer ball has shrunk to a cup of coffee for two. So no marquee, no benches, no hundred cups.',
      'I booked the carpet cleaner for a weekend in [month]. We are tearing the carpet out instead.',
      'The van I wanted to hire from you on [weekday]: a friend is lending me his.',
    ],
  },
];
