/** Charges, invoices, prices, codes, gift cards and ways to pay, told in many more voices. */
import type { Situation } from '../../types.ts';
import { billingStories } from './billing-stories.ts';

const RIGHT = 'They want the wrong charge put right.';

export const fartherBilling: readonly Situation[] = [
  ...billingStories,
  {
    happened: 'The customer was charged twice.',
    wants: RIGHT,
    reply: 'I am sorry that you were charged twice. We will pay one of the two back.',
    texts: [
      'Double {charge|charged|booking} on my {statement|[card]}: {[amount] twice|same sum, same day}. {One order only.|Please fix.|}',
      'You {took|debited|withdrew} {the money|[amount]} {two times|twice|again} {for one order|this month|for the same thing}.',
      'I paid {at the door|by transfer} and {you also charged my card|PayPal was charged as well}.',
      'charged me 2x {for order [order]|again}, {pls reverse one|please check|not happy}',
      'My bank shows {three|two} payments to you {on [weekday]|in [month]}. {I made one.|The others are not mine to pay.}',
    ],
  },
  {
    happened: 'The amount is wrong.',
    wants: RIGHT,
    reply: 'We will check the amount and pay back what was too much.',
    texts: [
      'The {invoice|bill|total} {does not add up|is wrong|is too high}. {I make it [amount].|Please recalculate.|Item three was never ordered.}',
      'I was {quoted|promised|told} {one price|[amount]} and {billed|invoiced} {another|more}. {Please correct the invoice.|Which is right?}',
      'The {price|sum} at the {checkout|till} {was higher than|did not match} the {price tag|one on the page}. {Please explain.|}',
      'You {billed|charged} {postage|delivery} although {I spent more than the limit|it said free shipping|I collected it myself}.',
      'My discount {was not taken off|is missing on the bill|has not been applied}. {Ten percent for members.|I am a student.|}',
      'Wrong VAT {rate|number} on invoice [order]. {Please issue a corrected one.|Our accountant sent it back.}',
      'The exchange rate you used {cannot be right|cost me [fee]}. {I paid in euros.|}',
      'Our meter reading was {4821|7730}, you billed {8421|9730}. {Please put it right.|}',
    ],
  },
  {
    happened: 'A fee surprised the customer.',
    wants: 'They want to know what the fee is for.',
    reply: 'We will explain the fee and take it off if it is wrong.',
    texts: [
      'What is the {[fee]|service charge|surcharge|admin fee} on my {bill|invoice} for? {Nobody told me about it.|It is new.|}',
      'A {late fee|reminder fee}! {The bill came after the date to pay.|I paid on time.|Please waive it.}',
      'My {membership|plan|subscription} {went up|costs more} {from [month] on|without a word}. {Why?|I did not agree to a new price.|Is that a mistake?}',
      'Why do I {pay|have to pay} {a deposit|for a bag|an extra charge for Saturday}? {I only ask.|}',
      'Customs {wants|asked for} [amount] at the door. {Your price said all included.|Who pays that?|Will you cover it?}',
    ],
  },
  {
    happened: 'The customer does not know a charge.',
    wants: 'They want to know what the charge is for.',
    reply: 'We will look up the charge and tell you what it is for.',
    texts: [
      "There is a {charge|payment|debit} of {[amount]|[fee]} from you on my {statement|account} {that I cannot place|I know nothing about}. {What is it?|I have not shopped with you this year.|It may be my wife's.}",
      'What did I {pay for|buy} {on the 12th|in [month]}? {The statement only shows your name.|My husband wants to know.|}',
      'A small sum, {1.00|0.50}, was {taken|booked}. {Is that a test?|Does it come back?}',
      'I {never|did not} {sign|signed} up for {premium|a paid plan}, yet {you bill me every month|it is charged to my phone bill}. {Please look into the charges.|}',
    ],
  },
  {
    happened: 'The customer needs a bill.',
    wants: 'They want a bill.',
    reply: 'We will send you the bill.',
    texts: [
      'Please {send|email|forward} {me|us} {the invoice|a receipt|a copy of the bill|a proof of payment} for {order [order]|my last order|[month]}. {It is for my taxes.|My employer pays.|The insurance wants it.}',
      'Where can I {download|print|find} my {invoices|receipts|bills}? {I need all of last year.|The page only shows three.|}',
      'The PDF of the {bill|invoice} {is empty|will not open|is in French}. {Can you send it again?|}',
      'I need the {invoice|bill} {in the name of my firm|made out to [name]|with our VAT number|with the address of the office}.',
      'No {receipt|invoice} {in the box|came with it}. {Our bookkeeper asks for one.|Without it I cannot claim the cost.|}',
      'Kindly provide {a pro forma invoice|a quote in writing|a statement of account} {for twelve [things]|for our records|to accounts}.',
      'Can you put our {purchase order|cost centre} number on the {bill|invoices}? {Otherwise accounts will not pay.|}',
      'Please bill {quarterly|monthly|once a year} {instead of every week|from now on}. {Less paper for both of us.|}',
    ],
  },
  {
    happened: 'The customer got a reminder for a bill that is paid.',
    wants: RIGHT,
    reply: 'I am sorry. We will check the payment and stop the reminders.',
    texts: [
      'A {reminder|second reminder|dunning letter} {came today|arrived}, but {I paid on [weekday]|the bill is settled|I transferred the money in [month]}. {Slip attached.|Please check your books.}',
      'You {say|write} that {[amount] is open|my account is overdue|I owe you money}. {I owe nothing.|Everything has been paid.|For what?}',
      'Has my {payment|transfer} {arrived|reached you|been received}? {I forgot the reference number.|I put the wrong number on it.|It left my bank on [weekday].}',
      'I paid {too much|the wrong sum|the old amount} by {mistake|standing order}. {What happens with the rest?|Can it count for the next bill?}',
    ],
  },
  {
    happened: 'A code does not work.',
    wants: 'They want the price with the code.',
    reply: 'We will take the amount of the code off your price.',
    texts: [
      'Promo code [code]: {"not valid"|"expired"|"conditions not met"}. {It came in your mail today.|The flyer says until Sunday.|What conditions?}',
      'I {forgot|was too quick} to {enter|use} my {voucher|coupon|code}. {Can it be taken off afterwards?|The order is paid already.|}',
      'Can I {combine|use} {two codes|a voucher and the sale price} {together|in one order}?',
      'Where do I {type in|enter} the {discount code|coupon|gift card number}? {I see no field.|It skips that page on my phone.|}',
      'The {welcome discount|birthday voucher|referral bonus} {never came|was not credited|is not in my mails}. {My friend got hers.|}',
      'The barcode on my {coupon|voucher} {would not scan at the till|was refused}. {I paid the full price then.|Will you honour it?}',
    ],
  },
  {
    happened: 'The customer asks about a gift card.',
    wants: 'They want to know about a gift card.',
    reply: 'We will tell you about the gift card.',
    texts: [
      'How much is {left|still} on my {gift card|voucher}? {The number is rubbed off.|It ends in [order].|}',
      'Does a {gift card|voucher} {run out|expire}? {I found one from 2019.|It was in a drawer.|}',
      'The gift card {shows a balance of zero|is empty|is not accepted}, and {nobody has used it|I got it yesterday}.',
      'Can I pay {part with a voucher and part by card|in the shop with an online voucher}?',
      'I would like to {buy|give} a {gift card|voucher} for {[amount]|an odd sum}. {Is that possible?|Can I pay it by invoice?}',
      'My {points|bonus points|loyalty stamps} {are not on the bill|were not counted|have disappeared}. {What are they worth?|How many do I get for [amount]?}',
    ],
  },
  {
    happened: 'The customer asks about a price.',
    wants: 'They want to know the price.',
    reply: 'We will tell you the price.',
    texts: [
      'How much {is|does} {the [thing]|a [thing] with fitting|the big one|it} {cost|come to}{ with everything|}? {No price on the page.|I only see "on request".|}',
      'Do you {give|offer} {a discount|a better price|trade prices} {for students|for pensioners|for schools|if I take ten|for cash|to nurses}?',
      'The [thing] is {cheaper|[fee] less} {now|since yesterday|in the sale} and I paid {the full price|more} {last week|on [weekday]}. {Do I get the difference?|Do you price match?}',
      'Is the {sale|offer|Black Friday price} {still on|valid in the shops too|online as well}? {When does it end?|}',
      'Does the price {include|cover} {VAT|fitting|the batteries|postage|the old one being taken away}?',
      'Another shop {sells|has} it for {less|[amount]}. {Can you match that?|Would you go down?}',
      'What would {[count] of them|a yearly plan|the family plan} cost? {Per month or in one go?|A quote would be nice.|}',
      'Will the {price|fee} {rise|go up} {next year|in [month]}?',
    ],
  },
  {
    happened: 'The customer asks how they can pay.',
    wants: 'They want to know how they can pay.',
    reply: 'We will tell you how you can pay.',
    texts: [
      'Can I pay {by invoice|in instalments|with Klarna|by cheque|cash on delivery|in cash|by bank transfer|with two cards|with Apple Pay|in dollars}?',
      'My {[card]|payment} {is declined|was refused|does not go through} {at the checkout|every time}. {The bank says it is fine.|There is money on it.|Another one works elsewhere.}',
      'Which {account|IBAN|bank details} do I {transfer|send} the money to? {The mail has no number.|I want to pay in advance.|}',
      'Can I {pay later|have until payday|split it in three|pay in three parts}? {Money is short this month.|I get paid on the 28th.|}',
      'Please {change|switch} {my direct debit|the payment} {to another account|to my new card|from monthly to yearly}. {My old card expires.|I have a new bank.|}',
      'When {do you take|will you take} the money? {At once or when it is sent?|I want to have enough on the account.|}',
      'Why do you {hold|block|reserve} [amount] on my [card]? {The order came to less.|When is it free again?|}',
      'The checkout {hangs|crashes} {at the payment step|after I press pay}. {Did it go through or not?|I do not want to pay twice.}',
    ],
  },
  {
    happened: 'The customer is still charged for something that was ended.',
    wants: RIGHT,
    reply: 'I am sorry. We will stop the charges and pay them back.',
    texts: [
      'I {cancelled|ended} in [month], you {confirmed it|wrote that it is over}, and {you still take [fee] every month|another [fee] left my account}. {Why am I being charged?|Please pay back what you took.|}',
      'The trial was {free|one pound}. Now there is {[amount]|a full year} on my bill. {I had ended it in time.|Please correct that.}',
    ],
  },
  {
    happened: 'A stranger is using the card.',
    urgent: 'a stranger is using the card',
    reply: 'We will stop the payment at once and call you.',
    texts: [
      '{Fraud|Theft}! Somebody {is paying with|used} my stolen [card] {at your shop|on your site} {today|right now}. {Stop the payments.|[amount] is gone already.|}',
      'My bank {called|texted}: {four payments to you in ten minutes|[amount] to your shop just now}. {Not mine!|I did not buy anything.} {Please stop them.|}',
      'I do not have my {purse|wallet}, {it was stolen on the bus|it is gone since noon}, and {you have just charged the card in it|I see purchases from your shop}. {Block them at once.|}',
    ],
  },
  {
    happened: 'Money is running out because of a wrong charge.',
    urgent: 'the money is running out',
    wants: RIGHT,
    reply: 'We will put it right today and call your bank.',
    texts: [
      'You {took|charged} {9000 instead of 90|ten times the price|my rent money}. {I cannot buy food for the kids.|My account is in the red and the rent bounces tomorrow.|The wages go out tonight.} {Give it back today.|}',
      'The {direct debit|double booking} has {emptied my account|taken everything}. {I stand at the petrol station and cannot pay.|I have three pounds until Friday and a baby.|}',
      'The {bailiff|debt collector|power cut} comes {tomorrow|today} for a bill that {I paid|is not mine}. {Call them off, please.|Proof attached. Stop it now.}',
      'You will {debit|collect} [amount] {tonight|tomorrow morning} although {the right sum is a tenth|the bill is wrong}. {Stop it before it goes out.|My account cannot take that.}',
    ],
  },
  {
    happened: 'A code ends today and does not work.',
    urgent: 'the time ends today',
    wants: 'They want the price with the code.',
    reply: 'We will take the amount of the code off your price today.',
    texts: [
      'Voucher for [amount] {runs out|expires} {tonight|at midnight|today} and {the page will not take it|your till refused it}. {Please help before it is gone.|}',
      'The offer {ends|closes} in {an hour|two hours} and {my payment hangs|the card page is down}. {I have saved for this for a year.|Can you note my order at that price?}',
      'We need the invoice {by five|today}: {the grant closes|our budget ends tonight}. {Otherwise we get nothing.|Please send it within the hour.}',
      'Our order is {only held until six|given away tomorrow} if the money is not there, and {my bank transfer takes three days|your payment link is dead}. {How can I pay today?|}',
    ],
  },
];
