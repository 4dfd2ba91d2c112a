/** Still more ways to write about a login or personal details: keys, names, lists, families, settings, quiet phones. */
import type { Situation } from '../../types.ts';
import { broaderAccountSafety } from './account-safety.ts';

export const broaderAccount: readonly Situation[] = [
  ...broaderAccountSafety,
  {
    happened: 'The customer cannot sign in.',
    wants: 'They want to sign in again.',
    reply: 'I am sorry that you cannot sign in. We will send you a new password.',
    texts: [
      'Yesterday I was a regular, today your site treats me like thin air. Same email, same secret word, same laptop.',
      'Whenever I press "continue" it jumps to the start page and asks who I am. {Six times before breakfast.|It never ends.}',
      'It insists that my capitals key is on. It is not. I have even borrowed another keyboard.',
      'You made everybody choose a new one after the update. I did, it was accepted, and from that minute on nothing opens.',
      'All I need is the bill for my [thing], but I do not get past the page with the email and the eight dots. The bill I can print myself once I am in.',
      'I would gladly return the [thing] through your site if it knew me. "Unknown customer", after forty orders! I need no label, I need to be let in.',
      'wont let me in. not with the old one not with the new one. help',
      'Finger, face, key, pattern: I am a retired baker. Which of them opens my page, and why did none of them do so this week?',
      'I wanted to cancel my [box] with the button in my profile, as one should. The profile does not open. Getting in is all I am asking for.',
      'I typed the long number from my customer card, with gaps and without, and your screen just shakes its head.',
    ],
  },
  {
    happened: 'The customer has lost the password.',
    wants: 'They want to sign in again.',
    reply: 'We will send you a new password.',
    texts: [
      'My passwords live in a little red book, and the book has been through the wash. Can you let me in {some other way|without it}?',
      'To see where my parcel is I must sign in, for that I need a password, and that I last knew in 2019. How do I get a fresh one?',
    ],
  },
  {
    happened: 'The account is locked after too many tries.',
    wants: 'They want to sign in again.',
    reply: 'We will open your account again.',
    texts: [
      'My phone {filled in|sent you} the wrong word so often that you have put a bolt on the door. Please slide it back.',
      'Too many attempts, come back later, it says. How late is later? It has been two days.',
    ],
  },
  {
    happened: 'The customer helps others who cannot sign in.',
    wants: 'They want others to be able to sign in.',
    reply: 'We will help them to sign in.',
    texts: [
      'A colleague set up the access for our firm and has left us. None of us knows the word. How does a company get back inside?',
      'My mother is 84 and your page wants her to draw a pattern with her finger. She cannot. Is there a simpler door for her?',
    ],
  },
  {
    happened: 'The customer is signed out again and again.',
    wants: 'They want to stay signed in.',
    reply: 'I am sorry. We will see why you are signed out.',
    texts: [
      'Every Sunday the app throws me out, and every Sunday I have to prove that I am me. Can that be stopped?',
    ],
  },
  {
    happened: 'The customer cannot register.',
    wants: 'They want to register.',
    reply: 'We will send you the mail once more.',
    texts: [
      'The mail with the link to finish registering is nowhere, not {in the junk folder|among the junk} either.',
    ],
  },
  {
    happened: 'The code for signing in does not come.',
    wants: 'They want to sign in again.',
    reply: 'We will send the code again.',
    texts: [
      'The six digits are read out by a robot on the line of my old workplace. My former boss is not amused.',
      '"We wrote to the number ending in 88". I have no number ending in 88, so how do I get past that?',
      'There is no signal in our valley, so each text means a walk up the hill. Can the numbers for logging in come by email?',
    ],
  },
  {
    happened: 'The customer cannot use the code for signing in.',
    wants: 'They want to sign in again.',
    reply: 'We will help you to sign in without it.',
    texts: [
      'The app that makes my sign-in numbers was on the phone I dropped down a lift shaft, and the spare ones with it. How do I prove that I am me?',
      'By the time my old fingers have copied the digits they are no good any more. Could they last longer?',
      'It is quick to come and I type it as it stands, yet each time the page says that my visit has ended. Back to square one.',
    ],
  },
  {
    happened: 'The customer has a new name.',
    wants: 'They want to change their name.',
    reply: 'We will change your name.',
    texts: [
      'Since the wedding I am a Stone, but your greeting still uses the name I was born with. How do I become official with you as well?',
      'I am Mr now and no longer Ms. The court papers are here. What do you need to set my record straight?',
      'Our business has become a limited company. Please alter the name in your customer file, the tax number stays.',
      'May I drop my user name "hotlegs77"? I was young. I would like to go by my real name.',
    ],
  },
  {
    happened: 'The customer wants to change their address.',
    wants: 'They want to change their address.',
    reply: 'We will change your address.',
    texts: [
      'We move to [town] in [month]. From then on everything should carry the new street. No parcel is on its way, it is only for your files.',
      'Of the five addresses in my list four belong to people I send nothing to any more. The little bin beside them does nothing.',
      'Your driver always finds us, it is only the profile that has number 12 where we have 21. When I correct it, it asks for a postcode and rejects mine.',
    ],
  },
  {
    happened: 'The customer wants to change their phone number or email.',
    wants: 'They want to change their details.',
    reply: 'We will change your details.',
    texts: [
      'Landline gone, mobile only. Could you strike out the first number and keep the second?',
      'I see a slip in my email with you: two letters are swapped. So all you write goes into the void.',
      'The mail address I am known by belongs to a provider who wants money from [month] on. I have a free one now. Where do I hand it in?',
    ],
  },
  {
    happened: 'The customer wants to change their details.',
    wants: 'They want to change their details.',
    reply: 'We will change your details.',
    texts: [
      'Your system thinks I was born on the first of January 1970. That was the day my parents met.',
      'How do I clear out the bank card that ended in [month]? It still sits in my profile. I pay by invoice these days anyway.',
      'Please note for good that I am deaf: no calls, only writing. Is there a place for that in my file?',
      'There are two of me in your system, one with the points and one with the orders. Could they be married?',
      'I have taken over the café from {old Mrs Lowe|the two sisters}. The customer number should stay, the person behind it is me now.',
    ],
  },
  {
    happened: 'The customer wants to share or divide an account.',
    wants: 'They want to change who can use the account.',
    reply: 'We will change who can use the account.',
    texts: [
      'From [month] on my assistant does the ordering. She should have her own key to our firm account, without the right to change bank details.',
      'Since we split up we each want our own. Can what we ordered together be cut in two?',
      'My flatmate has moved out. I would like her off our profile and a fresh password. We are still friends, it is just tidier.',
      'Whatever my husband searches for turns up on my screen. How do we keep the two of us apart?',
    ],
  },
  {
    happened: 'The customer looks after the account of somebody else.',
    wants: 'They want to take over the account.',
    reply: 'We will tell you which papers we need.',
    texts: [
      'My late husband gathered points for thirty years. May they move over to me, and what papers do you want to see?',
      'I am the guardian of my uncle now. What do I send you so that I may look after his page with you?',
    ],
  },
  {
    happened: 'The customer asks about a setting.',
    wants: 'They want to know where to set something.',
    reply: 'We will tell you where to set it.',
    texts: [
      'The site has talked to me in Dutch since my holiday. {Pretty, but|Charming, but} how do I get English again?',
      'A white page at night hurts my eyes, and the dark one is gone. Where {did you put|is} the switch?',
      'The letters in the app are made for ants. Can I make them bigger on my side?',
      'I would like to be asked for my password before each purchase. Is there a box to tick for it?',
      'We share one tablet at the club. Can the time after which it forgets me be made shorter?',
      'Everything shows in dollars when I am signed in, and in pounds when I am not. It must be something I once chose. Where?',
    ],
  },
  {
    happened: 'The customer asks what others can see.',
    wants: 'They want to keep their details to themselves.',
    reply: 'We will tell you how to hide it.',
    texts: [
      'Your app wants to know where I am, day and night. Where can I tell it no?',
      'My locked phone shows everyone what I have bought from you, and my wife is to be surprised at Christmas. How do I hide that?',
      'How do I stop others from seeing what I reviewed, my full name is above it? First name only would be plenty.',
    ],
  },
  {
    happened: 'The customer asks what the shop knows about them.',
    wants: 'They want to know what is kept about them.',
    reply: 'We will tell you what we keep about you.',
    texts: [
      'Before I join: do you pass on to other firms what I enter?',
      'Kindly let me have in writing all that you have stored about our family. Paper will do.',
      'Your till asked for my postcode. What becomes of that?',
      'My orders from before 2020 have left the overview. I need none of them, I am just curious whether they still exist.',
      'Why does the app want to hear me through the microphone? I only look at curtains.',
      'Your letter says I am "customer since 1899". I feel old, but not that old. What {else|other nonsense} is in my file?',
    ],
  },
  {
    happened: 'The customer asks about their account.',
    wants: 'They want to know about their account.',
    reply: 'We will explain your account to you.',
    texts: [
      'Does my gold level fall if I buy nothing for a year?',
      'There is a green shield beside my name now. {What does it tell me?|Have I done something good?}',
      'An email and a postcode are enough to look at my orders? That seems rather little to me. Can it be made stricter?',
      'I gave a heart to some forty things. Since the new look I cannot find the place where they are kept.',
      'May a girl of fourteen have a customer card of her own?',
      'Is it really you who asks me to "confirm my data" by mail? I have clicked on nothing and would rather ask first.',
      'How long does {a basket|what I put in the basket} stay as I left it if I am not signed in?',
    ],
  },
  {
    happened: 'The customer is loud about a small thing in the account.',
    wants: 'They want help with their account.',
    reply: 'We will look at your account and help you.',
    texts: [
      'PLEASE HELP!!! My wish list is EMPTY!!! There were forty things on it, and my birthday is in {half a year|eleven months}!!!',
      'Alarm! The app calls me "valued guest" and no longer by my name! I have never been so insulted by a telephone!',
      'I thought I had been hacked and nearly had a heart attack. It was only my wife, she has told me so. How do we each get a login of our own?',
      'A SCANDAL! You moved the button for logging in and I looked for it for an HOUR! And where, please, are my settings now?',
    ],
  },
  {
    happened: 'The customer wants their data deleted.',
    wants: 'They want their data deleted.',
    reply: 'We will delete your account and your data.',
    texts: [
      'Wipe me, please. Name, street, orders, the lot.',
      'I am old and putting my affairs in order. Soon there should be nothing of me left in your computers.',
      'I take back my consent to the use of my data. Kindly confirm when nothing of it is left.',
      'I only joined for the welcome gift. Now I would like to un-join.',
      'There is no box and no order any more that I could end, just the login that is left over. It may go too.',
    ],
  },
  {
    happened: 'The customer wants one thing about them removed.',
    wants: 'They want it removed.',
    reply: 'We will remove it.',
    texts: [
      '{Our boy|My nephew} of eleven made himself a profile with an invented age. Please remove it.',
      'The photo with my review shows my child. Please take it off your page, and my name with it.',
      'How do I empty what the site remembers of my searches? Nobody needs to know about the garden gnomes.',
    ],
  },
  {
    happened: 'The customer does not want the newsletter.',
    wants: 'They want no more newsletters.',
    reply: 'We will send you no more newsletters.',
    texts: [
      'Under the mail it says "manage your wishes". I managed them: none at all. {Today there were three more.|Three more since lunch.}',
      'Once a month, fine. Every morning, no. {Can I choose?|Where can one set that?}',
      'How do I keep the {news|notes} about parcels and lose the adverts?',
      'My boss asks me to get my work address off your list. She is tired of sofas.',
      'I love the shop and hate the post from it. {Less of it, please.|Could there be none?}',
    ],
  },
  {
    happened: 'The customer does not want calls or messages.',
    wants: 'They want no more messages.',
    reply: 'We will send you no more messages.',
    texts: [
      'At a funeral my pocket rang, and it was your app with news about towels. Where do I silence it?',
      'Is that a real person on my answering machine with the spring offers? Either way, no more, please.',
      '"Your basket misses you", every two hours. My basket and I have parted. Let me be.',
      'STOP STOP STOP. I have answered STOP eleven times and you keep texting me!',
    ],
  },
  {
    happened: 'Messages for somebody else come to the customer.',
    wants: 'They want no more messages for somebody else.',
    reply: 'We will take your address out of that account.',
    texts: [
      'I keep getting order mails for a lady in [town] who is fond of cushions. I think she mistyped her email. Can you part us?',
      'Your texts begin with a friendly "Hi {Derek|Marvin}". My number was his before me, I suppose. Could you take it out of his file?',
      'Somebody has registered with my email, by a slip, as nothing was ever bought. Please set it free, I want to join with it myself.',
      'Letters from you for the people who had this flat before me: please correct your file, they left in [month].',
    ],
  },
];
