/** Accounts that cannot wait: strangers inside, passwords given away, details in the open, doors shut on the last day. */
import type { Situation } from '../../types.ts';

const MADE_SAFE = 'They want the account made safe.';
const LOCK = 'We will lock your account at once.';

export const broaderAccountSafety: readonly Situation[] = [
  {
    happened: 'A stranger is in the account.',
    urgent: 'a stranger is using the account',
    wants: MADE_SAFE,
    reply: LOCK,
    texts: [
      'At breakfast I had 900 points, now there are 40, and my tea is still warm. I have not touched anything.',
      'Thank you for buying four phones, you write. I am a pensioner and own one. In my profile there is now a locker in [town].',
      'While I am typing this, the things in my basket change by themselves.',
      'All at once my page is in Spanish and my address is a hotel. Whoever did that is still signed in.',
      'The ex of my daughter has the tablet on which I am logged in. He fills cart after cart out of spite, and one has just gone through.',
      '{My carer|The cleaner} must have copied the password from the slip on the fridge. Things are ordered in my name that never reach me, today again.',
      'I sold my old phone on [weekday]. The man who has it can open your app as me, and he has just helped himself to a speaker.',
      'You ask me to confirm that the new email is mine. It is not, and the old one no longer opens the door.',
      'Three mails in one minute: password changed, number changed, address changed. I was in the bath.',
      'The login of our firm was used last night from a country where we have no one, and the bank details for our credits were replaced.',
      'A man we let go this morning still has the key to our company profile. He is deleting one address after another.',
      'someone is me. they buy stuff. they changed my mail. pls freeze everything now',
      'I do not want to make a fuss, but there is a certain {Kevin|Gareth} in my profile, and he has just put in his own bank for my refunds.',
      'My login is on offer in a group on the internet, with a picture of my orders as proof. A neighbour showed me. The first buyers have tried it out.',
      'I forgot to sign off at the library in [town], and ten minutes ago somebody there bought a gift card with what I had saved in my profile.',
      'I wanted to cancel one order that I had not made and found twelve more, all of today. Somebody else is at work in there.',
      'You ask me to rate a delivery. I had none coming. It was ordered an hour ago under my login by somebody else, and I am shut out.',
      'Dear team, when you find a quiet minute: it seems that a second person reads my messages to you and answers them before I can. He has just told you to send my gold card to [country].',
    ],
  },
  {
    happened: 'The password was given away.',
    urgent: 'a stranger may have the password',
    wants: MADE_SAFE,
    reply: LOCK,
    texts: [
      'I am an idiot. The mail looked like one of yours and I typed it all in: name, password, date of birth. That was five minutes ago.',
      'My bag is gone from the train, and in it the notebook with all my passwords, yours on page one. Bolt the door before somebody tries it.',
      'I put a picture of my desk online, and on the yellow note one can read how to get into my profile with you. Two hundred people have liked it already.',
      'My password was stolen on another site, where I used the same one, and just now you tell me of a try from [country].',
      'The mail with my login was for my wife and went to the whole club. I cannot set a new one, your page hangs. Some of them are jokers.',
      'He said he was from your security team and very polite. I read him the number from my screen. When I rang you, nobody knew him.',
    ],
  },
  {
    happened: 'Private details are open to others.',
    urgent: 'private details are open to strangers',
    wants: 'They want their details hidden.',
    reply: 'We will hide your details at once.',
    texts: [
      'Whoever types my surname into your search gets my street and number. There is a man who must not know them. Take it down now.',
      'On the wish list that all the world can see you print where I live and when I am home. Two strangers have stood at the gate today.',
      'Your mail this morning went to a thousand of us with every address in plain sight. People I do not know are writing to me already.',
      'I clicked on "my orders" and saw the phone numbers of forty other people. At this very moment somebody is looking at mine.',
      'Below the review I wrote as "a mother" you print my full name, my town and the school of my son. It is being shared like mad. Hide it, please.',
    ],
  },
  {
    happened: 'Somebody dangerous can see the details.',
    urgent: 'somebody could be hurt',
    wants: 'They want their details hidden.',
    reply: 'We will hide your details at once.',
    texts: [
      'Since this morning my violent ex gets copies of your mails, and my new address is in them. He says he is coming. Cut him off from my profile at once.',
      'I live in a shelter, and your app has just told my "family group" where I am. He is in that group. Take me out this minute.',
      'A man who has been following me knows the answer to my security question, and my new flat is in that profile. Please close it before he {looks|tries it} tonight.',
    ],
  },
  {
    happened: 'The customer must get into the account today.',
    urgent: 'it is needed today',
    wants: 'They want to sign in again.',
    reply: 'We will let you in at once.',
    texts: [
      'The {tax office|tax man} wants my papers by midnight, and all of them are behind your login, which has thrown me out.',
      'My points for a bicycle end tonight, and because of one slip of the finger you have locked me out until tomorrow.',
      'The number for the door of the holiday flat is in the inbox of your app, the app no longer knows me, and we stand outside with two tired children.',
      'The workshop is at nine tomorrow, my ticket is in my account, and my account is shut. No link, no code, nothing comes.',
      'I board in two hours. What I must show at the gate was sent to my page with you, and the page wants a password that it then does not like.',
      'Just let me in, I can change the rest by myself. Your lorry leaves at six tomorrow with the old street, and my password is dead since noon.',
      'Our firm must place its order before five today or the {builders|painters} stand idle tomorrow. Your site has blocked the only user we have.',
    ],
  },
  {
    happened: 'The account is about to be deleted by mistake.',
    urgent: 'the account will be deleted very soon',
    wants: 'They want to keep their account.',
    reply: 'We will stop it at once. Your account stays.',
    texts: [
      'I pressed "delete everything" instead of "delete card". It takes effect at midnight, you write. Please hold it, the papers of my firm are in there.',
      'My little boy has closed my profile. The clock on the screen says three hours, then all is wiped. How do I stop it?',
      'Tonight you shut my account because it {slept|was idle} so long. There is credit in it, and the button "keep" asks for a phone number I had in 2012.',
      'You thank me for asking that all my data be erased tomorrow morning. I asked for no such thing, it was somebody with the same name. Do not touch my file!',
    ],
  },
  {
    happened: 'Somebody in the family is buying with the account and cannot be stopped.',
    urgent: 'the money is running out',
    wants: 'They want buying switched off in the account.',
    reply: 'We will switch off buying in your account at once.',
    texts: [
      'My four-year-old has the tablet in the back of the car, your app asks for no password, and I get one confirmation after another! Shut off buying in my profile.',
      'Grandad has lost his memory and orders all night through the smart speaker. It is his own login, but his savings are nearly gone. Please switch off buying in it now.',
    ],
  },
];
