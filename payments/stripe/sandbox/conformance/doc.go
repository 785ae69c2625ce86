// Package conformance holds the judges of our sandbox Stripe and of the
// adapter that talks to it. A stand-in that we write and we test proves only
// that we agree with ourselves, so every judgement here comes from something
// that Stripe made:
//
//   - O1 stripe-mock, in process, refuses requests that are not Stripe's;
//   - O2 Stripe's own OpenAPI document says what an answer must look like, and
//     O2b what an error must look like;
//   - O3 the same document with every object closed finds invented fields, and
//     fields that are expanded although nobody asked;
//   - O4 the same closed document finds invented nested parameters, which
//     stripe-mock lets through;
//   - O5 the resource names of that document find the schema of the object
//     inside an event, which the document itself leaves open;
//   - O6 the official Stripe CLI replays Stripe's own multi-step scenarios;
//   - O7 stripe-node, the second official client, creates, pages and verifies.
//
// Each judge has negative controls: a deliberately wrong answer that it has to
// complain about. A judge that cannot turn red proves nothing.
//
// None of them proves behaviour: a schema does not know that a refund may not
// exceed its charge. The contract (Contract) is therefore written once and runs
// against the sandbox here, and with a user's own test key against Stripe
// itself (TestContractAgainstStripe, by `make stripe-live`). Only that run
// proves what Stripe does.
//
// The package is a module of its own, so that the product does not inherit the
// dependencies of its judges.
package conformance
