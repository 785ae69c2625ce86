package negotiation

// source is where things of a kind live: everything there waits, and nothing
// else does. The text ends in a condition, so that one on the case can be added.
// Columns that a source does not name stay empty: subject_id, since, due_on,
// amount, again, note.
type source struct {
	sql    string
	byCase string // the column of the case
	days   []int  // after today, that its placeholders stand for: what only time brings
}

// stillOpen are the states in which a case still asks something of somebody.
const stillOpen = "('watched', 'placed', 'open', 'in_plan', 'referred')"

// talkedSince says that an agent called or wrote to the debtor of a case after
// an instant: whoever did has taken the thing up.
func talkedSince(caseID, instant string) string {
	return `(EXISTS (SELECT 1 FROM calls t WHERE t.case_id = ` + caseID + ` AND t.at > ` + instant + `)
		OR EXISTS (SELECT 1 FROM messages g WHERE g.case_id = ` + caseID + ` AND g.side = 'agency' AND g.audience IN ('all', 'debtor') AND g.at > ` + instant + `))`
}

// heldFor is a hold of a reason that no one has ended, on a case, or on a person
// in each of their cases.
func heldFor(reason Reason) []source {
	const open = " AND c.state IN " + stillOpen
	return []source{
		{byCase: "h.case_id", sql: `SELECT h.case_id, h.id AS subject_id, h.created_at AS since, h.until_on AS due_on FROM holds h JOIN cases c ON c.id = h.case_id
			WHERE h.reason = '` + string(reason) + `' AND h.lifted_at IS NULL` + open},
		{byCase: "p.case_id", sql: `SELECT p.case_id, h.id AS subject_id, h.created_at AS since, h.until_on AS due_on FROM holds h
			JOIN parties p ON p.person_id = h.person_id AND p.role <> 'adviser' JOIN cases c ON c.id = p.case_id
			WHERE h.case_id IS NULL AND h.reason = '` + string(reason) + `' AND h.lifted_at IS NULL` + open},
	}
}

// untilTalked leaves out of holds what an agent has taken up since.
func untilTalked(sources []source) []source {
	for i := range sources {
		sources[i].sql += " AND NOT " + talkedSince(sources[i].byCase, "h.created_at")
	}
	return sources
}

// holding are the events by which holds come and go.
var holding = []EventKind{HoldPlaced, HoldLifted, HardshipTold, NotMeDeclared, MessageWritten, CallLogged}

// The sources stand apart from the table, which is read for its order.
func init() {
	for kind, lives := range workSources {
		for i := range workRules {
			if workRules[i].Kind == kind {
				workRules[i].after, workRules[i].from, workRules[i].stays, workRules[i].may = lives.after, lives.from, lives.stays, lives.may
			}
		}
	}
}

var workSources = map[WorkKind]WorkRule{
	WorkIdentity: {after: holding, from: heldFor(HoldNotMe)},
	WorkHardship: {after: holding, from: untilTalked(heldFor(HoldVulnerable))},
	WorkIndebted: {after: holding, from: heldFor(HoldOverindebtednessDeclared)},
	WorkAddress:  {after: holding, from: heldFor(HoldMoved)},
	WorkLimitation: {
		after: []EventKind{LimitationNear, PaymentSucceeded, PaymentRecorded, PaymentReversed, CreditNoteRecorded, ClaimTakenBack, DebtRecognised, FirstLetterRecorded},
		from: []source{{byCase: "k.case_id", days: []int{limitationSoon}, sql: `SELECT k.case_id, k.id AS subject_id, k.created_at AS since, k.limitation_on AS due_on, k.amount - k.paid_before AS amount, k.invoice_number AS note
			FROM claims k JOIN cases c ON c.id = k.case_id WHERE k.limitation_on <= ? AND c.state IN ` + stillOpen}},
		may: func(c *Case, today Day) bool {
			for i := range c.Claims {
				if on := c.Claims[i].LimitationOn; !on.IsZero() && !on.After(today.Add(limitationSoon)) {
					return true
				}
			}
			return false
		},
		stays: func(c *Case, w *WorkItem, _ Day) (bool, error) {
			return c.owed(w.SubjectID).Principal.IsPositive(), nil
		},
	},
	WorkDispute: {
		after: []EventKind{DisputeWasOpened, DisputeWasReopened, DisputeWasAnswered, DisputeStepTaken, DisputeWentToAgency, DisputeClosed},
		from: []source{{byCase: "d.case_id", sql: `SELECT d.case_id, d.id AS subject_id, d.opened_at AS since, d.answer_by AS due_on, COALESCE(d.amount, k.amount - k.paid_before) AS amount, d.round - 1 AS again, k.invoice_number AS note
			FROM disputes d JOIN claims k ON k.id = d.claim_id WHERE d.closed_at IS NULL AND d.answer_side = 'agency'`}},
	},
	WorkOffer: {
		after: []EventKind{OfferMade, OfferWasCountered, OfferRenewed, OfferWasRejected, OfferWasWithdrawn, OfferHasExpired, OfferWentToAgency, PlanAgreed},
		from: []source{{byCase: "o.case_id", sql: `SELECT o.case_id, o.id AS subject_id, o.created_at AS since, o.answer_by AS due_on, o.owed AS amount
			FROM offers o WHERE o.state = 'open' AND o.answer_side = 'agency'`}},
		may: func(c *Case, _ Day) bool { return c.OffersMade > 0 },
	},
	WorkCallback: {
		after: []EventKind{WishRecorded, WishHandled},
		from:  []source{{byCase: "w.case_id", sql: `SELECT w.case_id, w.id AS subject_id, w.created_at AS since, w.callback_when AS note FROM wishes w WHERE w.handled_at IS NULL AND w.callback_to <> ''`}},
	},
	WorkWish: {
		after: []EventKind{WishRecorded, WishHandled},
		from:  []source{{byCase: "w.case_id", sql: `SELECT w.case_id, w.id AS subject_id, w.created_at AS since, w.kind AS note FROM wishes w WHERE w.handled_at IS NULL AND w.callback_to = ''`}},
	},
	WorkMessage: {
		after: []EventKind{MessageWritten, MessagesSettled},
		// The first of those of one side that wait; again counts the others.
		from: []source{{byCase: "m.case_id", sql: `SELECT m.case_id, m.id AS subject_id, m.at AS since, m.side AS note,
			(SELECT COUNT(*) FROM messages l WHERE l.case_id = m.case_id AND l.side = m.side AND l.handled_at IS NULL AND l.id <> m.id) AS again
			FROM messages m WHERE m.handled_at IS NULL AND m.side <> 'agency'
			AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.case_id = m.case_id AND e.side = m.side AND e.handled_at IS NULL AND (e.at < m.at OR (e.at = m.at AND e.id < m.id)))`}},
	},
	WorkSituation: {
		after: holding,
		// Those that stand on the list from the first day have a kind of their own.
		from: []source{{byCase: "s.case_id", days: []int{0, 0}, sql: `SELECT s.case_id, s.id AS subject_id, s.created_at AS since,
			CASE WHEN s.state = 'told' AND s.proof_by IS NOT NULL AND (s.review_on IS NULL OR s.proof_by < s.review_on) THEN s.proof_by ELSE s.review_on END AS due_on
			FROM situations s JOIN cases c ON c.id = s.case_id WHERE s.state <> 'ended' AND s.reason NOT IN ('not_me', 'moved', 'overindebtedness_declared')
			AND (s.review_on <= ? OR (s.state = 'told' AND s.proof_by < ?)) AND c.state IN ` + stillOpen}},
	},
	WorkApproval: {
		after: []EventKind{ApprovalAsked, ApprovalGiven, ApprovalRefused, ApprovalDropped},
		from:  []source{{byCase: "a.case_id", sql: `SELECT a.case_id, a.id AS subject_id, a.created_at AS since, a.amount, a.by_name AS note FROM approvals a WHERE a.state = 'asked'`}},
	},
	WorkApproved: {
		after: []EventKind{ApprovalGiven, ApprovalUsed, ApprovalDropped},
		from:  []source{{byCase: "a.case_id", sql: `SELECT a.case_id, a.id AS subject_id, a.answered_at AS since, a.amount, a.second_name AS note FROM approvals a WHERE a.state = 'given'`}},
	},
	WorkPromise: {
		after: []EventKind{PromiseNoted, PromiseBroken, CallLogged, MessageWritten, PlanAgreed},
		from: []source{{byCase: "p.case_id", sql: `SELECT p.case_id, p.id AS subject_id, p.decided_at AS since, p.amount, CAST(p.due_on AS TEXT) AS note,
			(SELECT COUNT(*) FROM promises b WHERE b.case_id = p.case_id AND b.state = 'broken' AND b.created_at < p.created_at) AS again
			FROM promises p JOIN cases c ON c.id = p.case_id WHERE p.state = 'broken' AND c.state IN ('open', 'in_plan')
			AND NOT EXISTS (SELECT 1 FROM promises q WHERE q.case_id = p.case_id AND q.created_at > p.created_at)
			AND NOT EXISTS (SELECT 1 FROM plans n WHERE n.case_id = p.case_id AND n.accepted_at > p.decided_at)
			AND NOT ` + talkedSince("p.case_id", "p.decided_at")}},
	},
	WorkInstalment: {
		after: []EventKind{InstalmentMissed, PaymentSucceeded, PaymentRecorded, PaymentReversed, CreditNoteRecorded, ClaimTakenBack, HoldPlaced, HoldLifted, PlanAgreed, PlanChanged, PlanTakenUp, PlanWasCompleted, PlanWasReplaced, PlanWasEnded},
		from: []source{{byCase: "p.case_id", sql: `SELECT p.case_id, p.id AS subject_id, n.created_at AS since, i.amount, CAST(n.number AS TEXT) || ' ' || CAST(n.due_on AS TEXT) AS note
			FROM plan_notices n JOIN plans p ON p.id = n.plan_id
			JOIN instalments i ON i.plan_id = p.id AND i.revision = p.revision AND i.number = n.number AND i.due_on = n.due_on AND NOT i.skipped
			WHERE n.kind = 'to_agent' AND p.state = 'active'`}},
		may: func(c *Case, _ Day) bool { return c.OffersMade > 0 },
		// Whether a line is still to pay is the ledger's to say.
		stays: func(c *Case, w *WorkItem, today Day) (bool, error) {
			number, _ := w.Line()
			return c.lateLine(number, today)
		},
	},
	WorkUndelivered: {
		after: []EventKind{LetterBlocked, LetterWasRefused, LetterSent},
		from: []source{{byCase: "l.case_id", sql: `SELECT l.case_id, COALESCE(l.party_id, l.case_id) AS subject_id, l.created_at AS since, l.kind AS note
			FROM letters l WHERE l.case_id IS NOT NULL AND l.recipient = 'party' AND (l.state IN ('failed', 'bounced') OR (l.state = 'blocked' AND l.blocked_by = 'wrong_recipient'))
			AND NOT EXISTS (SELECT 1 FROM letters s WHERE s.case_id = l.case_id AND s.kind = l.kind AND s.state IN ('sent', 'delivered') AND s.created_at > l.created_at)`}},
	},
}
