// Judge O7: what stripe-node, Stripe's second official client, makes of a
// Stripe. It creates, pages through, meets a decline, repeats a call, and
// verifies a delivered event. The first thing that is not as Stripe's users
// know it ends the script with 1 and a sentence.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [folder] = process.argv.slice(2);
const { base, key, version, deliveries } = JSON.parse(readFileSync(0, 'utf8'));
const Stripe = createRequire(folder + '/')('stripe');
const { hostname, port } = new URL(base);

const settings = { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0, timeout: 10_000 };
if (version) settings.apiVersion = version;
const stripe = new Stripe(key, settings);

function must(holds, sentence) {
  if (!holds) throw new Error(sentence);
}

async function creates() {
  const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { run: 'second client' } });
  must(customer.object === 'customer' && customer.id.startsWith('cus_'), 'a new customer is not a customer');
  must(customer.metadata.run === 'second client', 'metadata is lost');
  must(customer.lastResponse.requestId.startsWith('req_'), 'the answer has no request id');
  const again = await stripe.customers.retrieve(customer.id);
  must(again.email === 'ada@example.com', 'a customer is not kept');

  const paid = await stripe.paymentIntents.create({
    amount: 1234, currency: 'eur', customer: customer.id, payment_method: 'pm_card_visa',
    payment_method_types: ['card'], confirm: true, expand: ['latest_charge.balance_transaction'],
  });
  must(paid.status === 'succeeded' && paid.amount_received === 1234, `a good card left the payment ${paid.status}`);
  const entry = paid.latest_charge.balance_transaction;
  must(entry.amount === 1234 && entry.net === entry.amount - entry.fee, 'the balance transaction does not add up');
}

async function pages() {
  const made = [];
  for (let i = 0; i < 7; i++) {
    made.push((await stripe.products.create({ name: `thing ${i}` })).id);
  }
  const first = await stripe.products.list({ limit: 3 });
  must(first.data.length === 3 && first.has_more, 'a first page of three is not one');
  const seen = [];
  for await (const product of stripe.products.list({ limit: 3 })) {
    seen.push(product.id);
    must(seen.length <= 1000, 'the pages do not end');
  }
  must(new Set(seen).size === seen.length, 'a row is on two pages');
  must(made.every((id) => seen.includes(id)), 'a row is on no page');
  const newestFirst = seen.filter((id) => made.includes(id)).reverse();
  must(newestFirst.join() === made.join(), 'rows do not come newest first');
  const back = await stripe.products.list({ limit: 3, ending_before: seen[3] });
  must(back.data.map((p) => p.id).join() === seen.slice(0, 3).join(), 'paging back leads elsewhere');
}

async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('a call that had to fail succeeded');
}

async function declines() {
  const error = await refused(stripe.paymentIntents.create({
    amount: 500, currency: 'eur', payment_method: 'pm_card_chargeDeclined', payment_method_types: ['card'], confirm: true,
  }));
  must(error instanceof Stripe.errors.StripeCardError, `a decline is a ${error.type}`);
  must(error.statusCode === 402 && error.code === 'card_declined' && error.decline_code === 'generic_decline', 'a decline without its code');
  must(error.payment_intent.status === 'requires_payment_method', 'a decline without its payment');
  const missing = await refused(stripe.customers.retrieve('cus_nobody'));
  must(missing.statusCode === 404 && missing.code === 'resource_missing', 'an unknown customer is not missing');
  const stranger = await refused(new Stripe('sk_nobody', { ...settings, apiVersion: version || undefined }).customers.create());
  must(stranger instanceof Stripe.errors.StripeAuthenticationError, `a wrong key is a ${stranger.type}`);
}

async function repeats() {
  const idempotencyKey = `second-client-${process.hrtime.bigint()}`;
  const one = await stripe.customers.create({ name: 'once' }, { idempotencyKey });
  const two = await stripe.customers.create({ name: 'once' }, { idempotencyKey });
  must(one.id === two.id, 'a repeated call acted twice');
  const other = await refused(stripe.customers.create({ name: 'twice' }, { idempotencyKey }));
  must(other instanceof Stripe.errors.StripeIdempotencyError, `a key with other parameters is a ${other.type}`);
}

async function verifies() {
  must(deliveries.length > 0, 'nothing was delivered');
  for (const { body, signature, secret } of deliveries) {
    const event = stripe.webhooks.constructEvent(body, signature, secret);
    must(event.object === 'event' && event.id.startsWith('evt_'), 'a delivery is not an event');
    const forged = await refused(Promise.resolve().then(() => stripe.webhooks.constructEvent(body + ' ', signature, secret)));
    must(forged instanceof Stripe.errors.StripeSignatureVerificationError, 'a changed body was accepted');
  }
}

try {
  await verifies();
  await creates();
  await pages();
  await declines();
  await repeats();
} catch (error) {
  console.error(error.stack);
  process.exit(1);
}
