/** Signing in, personal data, settings. Urgent where somebody else is in the account or data is exposed. */
import type { Topic } from '../topic.ts';

export const account: Topic = {
  name: 'account',
  calm: [
    'I {cannot log in|can\'t sign in|am locked out}. {The password reset email never arrives.|The site keeps saying "wrong password".|}',
    'How do I change the email address {of my account|I log in with}? {I lose my work address in [month].|The old one no longer exists.}',
    'I seem to have {two accounts|two profiles}, one with my {old|work} email. Can {you merge them|they be put together}?',
    'Please {delete my account|remove my account and my data}. {I do not shop online any more.|Nothing is on order.}',
    'My {surname|last name} has changed and {I cannot edit it in my profile|the name field is greyed out}.',
    'Where can I {see|find} my {old|previous} orders? The list in my account {stops at [month]|is empty since the redesign}.',
    'The code {by text message|for two-step login} {never comes|arrives after it has expired}. {I have a new phone number, maybe that is why.|}',
    'I want to {stop|turn off} the newsletter but the setting in my account {keeps switching itself on again|does not save}.',
    'Can I add [relative] to my account so that {both of us|we both} can {order|see the orders}?',
    'My loyalty points {have vanished|are gone} since {I changed my email|the app was updated}. There were {about 400|over a thousand} of them.',
    'The app logs me out {every time I close it|every few minutes}. {On the website it works.|I have already reinstalled it.}',
    'What {data|personal information} do you {store|keep} about me? I would like {a copy|to see it}.',
    'I registered {yesterday|last week} and the confirmation link says {it is no longer valid|"page not found"}.',
    'How do I remove {an old delivery address|a saved address} from my profile? {There is no button for it.|}',
    'When I log in with {Google|Apple} I land in {an empty|a different} account, not in the one with my [percent] member discount.',
    'Is it possible to change my username? I {made a typo|spelled my own name wrong} when I signed up.',
  ],
  pressing: [
    'Somebody {has got into|is in|hacked} my account: {the email address was changed {an hour ago|this morning}|there is a new order to [town] that is not mine}. Please lock it.',
    'I just got a {notice|mail} that my password was changed. {It was not me|I did not do that} and {my card is saved there|now I cannot get in}.',
    "When I log in I see {the orders and the address of a complete stranger|another customer's name, phone number and address}. {So can they probably see mine.|What do they see of me?}",
    'I am getting {a login code every minute|dozens of login codes} and have not asked for any. Someone is trying to {get in|log in as me} right now.',
    "My ex {knows|still has} the password and {is watching where my parcels go|has just looked up my new address}, I {cannot log him out|can't change it because the code goes to his phone}. I am {afraid|worried for my safety}.",
    'I clicked a link in a mail that looked like yours and {typed in my password|entered my login and card number}. {It was fake.|Only then I saw that the address was wrong.} What now?',
    'There are [weeks] gift cards {being bought with my account as I write this|ordered with my account in the last ten minutes} and I am {locked out|not doing it}.',
  ],
  details: [
    'My customer number is [order].',
    'The account is under {the name|} [name].',
    'I {mostly|usually} use the {Android|iPhone} app.',
    'Sorry if this is the wrong place to ask.',
  ],
  asks: [
    '{Can you|Could you} {help|fix that|do that for me}{?|, please?}',
    'What {can|should} I do?',
    '{Please let me know|Tell me} {if you need anything|how}.',
  ],
};
