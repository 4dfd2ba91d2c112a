/** Charges, invoices, prices, ways to pay. Urgent where money is going out wrongly right now or a date forces it. */
import type { Topic } from '../topic.ts';

export const billing: Topic = {
  name: 'billing',
  calm: [
    'I {need|would like} an invoice {with our VAT number|made out to my company} for order [order]. {The accountant asks for it.|The one in the parcel only has my private name.}',
    'The {discount code|voucher} [code] was {not taken off|ignored} when I {paid|checked out}. {I should have paid [percent] less.|It was accepted on the page before.}',
    'There is a charge of [fee] on my {statement|card} from you that I {do not understand|cannot place}. {What is it for?|}',
    'The price of the [item] was [amount] on the {website|page}, but {the receipt says more|I was charged [fee] more}.',
    'Can I pay {by invoice|in instalments|by bank transfer|with PayPal}? {I only see cards at the checkout.|}',
    'You {charged|billed} me {in dollars|in the wrong currency} and my bank took [fee] on top.',
    'Where do I find the {receipt|invoice} for [month]? {I need it for my tax return.|It is not in the download area.}',
    'I was charged [fee] for {delivery|postage} though it {said|says} free over [currency]40 and my order was {well above|nearly twice} that.',
    'My {gift card|voucher} {shows|has} a balance of zero, but I {have not used it|only used half of it}.',
    'How do I {change|replace} the card that my monthly box is {paid with|charged to}? {The old one expires in [month].|}',
    'The invoice for [order] has {the wrong address|a typo in our company name} on it. {Could you correct that?|}',
    'I {got a reminder|received a reminder} for an invoice that I paid on [date]. {I can show you the transfer.|The reference was [order].}',
    'What does the line "{service|handling}" over [fee] on my bill {mean|stand for}?',
    'Two days after I bought the [item] the price {dropped|went down} by [percent]. Do you {match|give back} the difference?',
    'The payment for [order] {failed|was declined} at first and {worked the second time|then went through}. I {just want to be sure|want to check} that it was {only taken|charged} once.',
    'Our {school|club|office} would like to order the [item] {ten|fifteen|twenty} times. {Can we get one bill|Is there one bill} with {30 days to pay|a purchase order number}?',
  ],
  pressing: [
    'You have {taken|charged} [amount] {four|five|six} times {today|since this morning} and {it keeps going|it does not stop}. {My account is empty.|I cannot pay for food.} Stop it please.',
    'My card is being charged {every few minutes|again and again} for the same order [order]. {The bank told me to reach you at once.|It was five times in the last hour.}',
    '[amount] was {debited|taken} twice, {my account is overdrawn now|there is nothing left} and {the mortgage|my rent} is collected [soon].',
    'The debt collectors you {passed|gave} my bill to are {coming|sending a bailiff} [soon], for [amount] that I paid on [date]. You have to call them off.',
    'Someone used my {card|card number} {in your shop|with you} {within the last hour|just now}: [amount] for a [item] that I never bought. {It is not shipped yet according to the mail.|Please block the payment.}',
    'The corrected invoice for [order] has to be {in our books|with the auditor} [deadline] at the latest, otherwise {we lose the grant|the claim for the whole year is lost}.',
    'I typed an extra zero on the {gift card|voucher}: {[currency]2,500 instead of [currency]250|[currency]3,000 instead of [currency]300}. The payment {is taken|goes out} [soon] and {will bounce|my wages are not in yet}.',
  ],
  details: [
    'It is about order [order].',
    'I usually pay {with a Visa card|by debit card|with Mastercard}.',
    'I can send {the statement|a screenshot} if needed.',
    'My customer number is [order].',
  ],
  asks: [
    '{Could you|Can you} {check|explain that|have a look at this}{?|, please?}',
    'Who {can help me with|deals with} that?',
    'Please {reply by email|get back to me}.',
  ],
};
