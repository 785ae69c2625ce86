// Package limitation says until when a claim may still be brought before a
// judge, and when a person must look at it before anything more is asked of
// the debtor. It is pure: the claim, its events and today go in, an Assessment
// comes out, recomputed at each event.
//
// French rules, as dated and sourced rows: Regimes (how long), effects (what
// makes the time start again, rest, or does neither). A claim that is
// time-barred, within 30 days of it, or in doubt is held: no reminder, no plan
// (reference: law, gate 5). Nothing here is ever shown to frighten a debtor.
package limitation
