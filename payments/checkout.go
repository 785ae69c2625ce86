package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation"
	"amiable/negotiation/money"
)

// Order is what a debtor wants to pay.
type Order struct {
	Of          Portion      // what it pays of a plan; else Amount counts
	Line        int64        // the line of the plan that was to be paid first on the page that was read; 0: not checked
	Amount      money.Amount // zero: the whole
	Claims      []string     // which to pay first; none: by law
	Recognition string       // version of the text whose box was ticked; needed for a part outside a plan
	Seen        money.Amount // the sum on the page that was read again; zero: not checked
	Language    string
	Charges     string // version of the text whose box was ticked: the card is kept, and charged for the plan's instalments

	// Holds is asked under the case's lock whether what let the payer in still
	// holds; nil: nothing is asked.
	Holds func(t *negotiation.Tx) error
}

// Quote is what a payment would be, for the page on which it is read again.
type Quote struct {
	Amount    money.Amount
	Whole     bool
	Total     money.Amount // the most that may be paid today: all that is owed, or what clears a settlement
	Plan      *InPlan      // nil: none runs
	Least     money.Amount // the least part that the creditor takes
	PartsOK   bool
	GoodUntil negotiation.Day
	PerDay    money.Amount // what a day later adds; zero when no interest runs
	Account   *Account     // nil, or without charges: no payment by card
	Methods   []Method     // how it can be paid on the gateway's page
}

// CanPayByCard says whether the creditor's account takes payments.
func (q *Quote) CanPayByCard() bool { return q.Account != nil && q.Account.ChargesEnabled }

// Quote works out what a payment would be today; it refuses what could not be
// paid.
func (s *Service) Quote(ctx context.Context, c *negotiation.Case, o Order) (*Quote, error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return nil, err
	}
	account, err := s.AccountOf(ctx, c.CreditorID)
	if err != nil {
		return nil, err
	}
	onItsWay, err := onItsWay(s.db.Read(ctx), c)
	if err != nil {
		return nil, err
	}
	q, err := quote(c, o, today, account, onItsWay)
	if q != nil {
		q.Methods = s.Offered(account, q.Amount, "")
	}
	return q, err
}

// onItsWay is what was submitted and is not here yet.
func onItsWay(tx *gorm.DB, c *negotiation.Case) (money.Amount, error) {
	sum := money.New(0, c.Currency)
	err := tx.Model(&Payment{}).Select("COALESCE(SUM(amount), 0)").Where("case_id = ? AND state = ?", c.ID, Processing).Scan(&sum.Minor).Error
	if err != nil {
		return sum, fmt.Errorf("payments on their way of case %s: %w", c.ID, err)
	}
	return sum, nil
}

// payable refuses where nothing may be paid on a case whose total is owed.
func payable(c *negotiation.Case, total money.Amount, today negotiation.Day) error {
	switch {
	case c.State != negotiation.CaseOpen && c.State != negotiation.CaseInPlan:
		return negotiation.Refuse(negotiation.Conflict, "nothing_to_pay_now")
	case !total.IsPositive():
		return negotiation.Refuse(negotiation.Conflict, "nothing_left_to_pay")
	}
	return c.Gate(today).Check(negotiation.Payment)
}

// quote works out what an order would be. What is on its way already is not
// asked for a second time.
func quote(c *negotiation.Case, o Order, today negotiation.Day, account *Account, onItsWay money.Amount) (*Quote, error) {
	statement, err := c.Statement(today)
	if err != nil {
		return nil, err
	}
	q := &Quote{Amount: o.Amount, GoodUntil: statement.GoodUntil, PerDay: statement.PerDay, Account: account}
	if q.Total, err = most(c, statement.Total, today); err != nil {
		return nil, err
	}
	if q.Plan, err = inPlan(c, onItsWay, today); err != nil {
		return nil, err
	}
	q.Least, q.PartsOK = q.partMinimum(c)
	if err := payable(c, q.Total, today); err != nil {
		return q, err
	}
	asked, err := q.sum(o)
	if r := negotiation.AsRefusal(err); r != nil && r.Code == "nothing_to_pay_now" && onItsWay.IsPositive() {
		return q, negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
	}
	if err != nil {
		return q, err
	}
	q.Amount = asked
	if asked.IsZero() || asked.Cmp(q.Total) == 0 {
		q.Amount, q.Whole = q.Total, true
	}
	if onItsWay.IsPositive() && q.Amount.Add(onItsWay).Cmp(q.Total) > 0 {
		return q, negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
	}
	switch {
	case q.Whole, o.Of != ByAmount:
	case !q.PartsOK:
		return q, negotiation.Refuse(negotiation.Invalid, "part_not_taken").On("amount")
	case asked.IsNegative():
		return q, negotiation.Refuse(negotiation.Invalid, "amount_not_positive").On("amount")
	case asked.Cmp(q.Total) > 0:
		return q, negotiation.Refuse(negotiation.Invalid, "amount_above_owed").On("amount").With("most", q.Total)
	case asked.Cmp(q.Least) < 0:
		return q, negotiation.Refuse(negotiation.Invalid, "amount_below_least").On("amount").With("least", q.Least)
	}
	return q, nil
}

// Start opens the gateway's page for a payment and returns its address. The
// same debtor and sum get the page that is already open; another sum first
// closes it. However often and however many at once ask, one page is open.
func (s *Service) Start(ctx context.Context, by negotiation.Actor, caseID string, o Order) (url string, err error) {
	customerID := ""
	if o.Charges != "" {
		if customerID, err = s.customerFor(ctx, by, caseID, o.Charges, o.Language); err != nil {
			return "", err
		}
	}
	transfers, err := s.transferAccount(ctx, by, caseID, o)
	if err != nil {
		return "", err
	}
	for range 3 {
		p, checkout, stale, err := s.prepare(ctx, by, caseID, o, customerID, transfers)
		if err != nil {
			return "", err
		}
		if stale != nil {
			if err := s.close(ctx, stale); err != nil {
				return "", err
			}
			continue
		}
		if p.AnnouncedAt != nil { // its page is over: where the transfer goes is shown by ours
			return s.returnURL(p), nil
		}
		if p.SessionURL != "" {
			return p.SessionURL, nil
		}
		url, err := s.open(ctx, p, checkout)
		if !errors.Is(err, ErrRefused) {
			return url, err
		}
		// There will be no such page. One that was prepared a while ago, and
		// can no longer be opened as it was, makes room for a new one.
		if err := s.cancel(ctx, p); err != nil {
			return "", err
		}
		if now, clock := s.negotiation.Now(ctx); clock != nil || now.Sub(p.CreatedAt) < checkoutMargin {
			return "", errors.Join(err, clock)
		}
	}
	return "", negotiation.Refuse(negotiation.Conflict, "payment_being_started")
}

// prepare decides, under the case's lock, which payment is to be opened: the
// one already open, or a new one. An open one that does not fit comes back as
// stale and is to be closed first.
func (s *Service) prepare(ctx context.Context, by negotiation.Actor, caseID string, o Order, customerID, transfers string) (p *Payment, checkout Checkout, stale *Payment, err error) {
	opener, err := door(by, caseID)
	if err != nil {
		return nil, checkout, nil, err
	}
	err = s.negotiation.OnCase(ctx, opener, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if err := mayStart(t, c, by, o); err != nil {
			return err
		}
		account, err := accountOf(t.DB, c.CreditorID)
		if err != nil {
			return err
		}
		onItsWay, err := onItsWay(t.DB, c)
		if err != nil {
			return err
		}
		q, err := quote(c, o, t.Today, account, onItsWay)
		if err != nil {
			return err
		}
		switch {
		case !q.CanPayByCard():
			return negotiation.Refuse(negotiation.Conflict, "card_not_possible")
		case q.Amount.Cmp(leastCharge) < 0:
			return negotiation.Refuse(negotiation.Conflict, "too_little_for_a_card").With("least", leastCharge)
		case !o.Seen.IsZero() && o.Seen.Cmp(q.Amount) != 0:
			return negotiation.Refuse(negotiation.Conflict, "amount_changed").With("amount", q.Amount)
		case q.NeedsRecognition() && o.Recognition == "" && by.Role != negotiation.RolePayer:
			return negotiation.Refuse(negotiation.Invalid, "recognition_not_ticked").On("recognise")
		}
		var open []Payment
		err = t.Where("case_id = ? AND ((kind = ? AND state = ?) OR (kind = ? AND (state = ? OR (state = ? AND closed_at IS NULL))))",
			c.ID, CheckoutPayment, Started, Collection, Started, FailedFor).Order("kind DESC").Limit(1).Find(&open).Error
		if err != nil {
			return fmt.Errorf("open payment of case %s: %w", c.ID, err)
		}
		if len(open) == 1 {
			old := &open[0]
			if old.Kind == Collection || !fits(old, by, q, o, t.Now) {
				stale = old
				return nil
			}
			p = old
			checkout, err = old.checkout()
			return err
		}
		if held, err := somethingHeld(t, c.ID); err != nil || held { // it is taken in first, and changes what is owed
			return errors.Join(err, negotiation.Refuse(negotiation.Conflict, "payment_being_checked"))
		}
		if p, err = s.newCheckout(t, c, by, q, o, customerID, transfers); err != nil {
			return err
		}
		if checkout, err = p.checkout(); err != nil {
			return err
		}
		return c.Event(t, by, negotiation.CheckoutStarted, map[string]any{"payment": p.ID, "amount": p.Asked()})
	})
	return p, checkout, stale, err
}

// mayStart refuses whoever may not start a payment on the locked case.
func mayStart(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, o Order) error {
	if err := c.Permits(by, negotiation.ActPay, t.Today); err != nil {
		return err
	}
	if o.Holds == nil {
		return nil
	}
	return o.Holds(t)
}

func fits(old *Payment, by negotiation.Actor, q *Quote, o Order, now time.Time) bool {
	if old.AnnouncedAt != nil { // awaited for days, and good for as long as it says
		return old.ByID == by.ID && old.OnBehalfOf == by.OnBehalfOf && old.Asked().Cmp(q.Amount) == 0 && old.Whole == q.Whole && o.Charges == "" && old.Claims == strings.Join(o.Claims, ",")
	}
	return old.ByID == by.ID && old.OnBehalfOf == by.OnBehalfOf && old.Asked().Cmp(q.Amount) == 0 && old.Whole == q.Whole &&
		(old.AuthorityID != nil) == (o.Charges != "") && old.Claims == strings.Join(o.Claims, ",") && old.ExpiresAt != nil && now.Before(old.ExpiresAt.Add(-checkoutMargin))
}

func (s *Service) newCheckout(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, q *Quote, o Order, customerID, transfers string) (*Payment, error) {
	expires := t.Now.Add(checkoutLifetime).Truncate(time.Second)
	p := &Payment{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, Kind: CheckoutPayment, State: Started,
		Amount: q.Amount.Minor, Currency: q.Amount.Currency, Whole: q.Whole, Claims: strings.Join(o.Claims, ","),
		AskedOn: t.Today, GoodUntil: laterDay(q.GoodUntil, negotiation.DayOf(expires)), ExpiresAt: &expires,
		ByRole: by.Role, ByID: by.ID, OnBehalfOf: by.OnBehalfOf, CreatedAt: t.Now,
	}
	party := by.ID
	if by.OnBehalfOf != "" {
		party = by.OnBehalfOf
	}
	if c.Party(party) != nil {
		p.PartyID = &party
	}
	if err := underMandate(p, c, o.Claims, t.Today); err != nil {
		return nil, err
	}
	switch held := q.recognised(); {
	case q.Whole, by.Role == negotiation.RolePayer:
	case held != "": // when the plan was accepted
		p.Recognition = held
	default:
		p.Recognition = o.Recognition
		if err := c.Event(t, by, negotiation.DebtRecognised, map[string]any{"payment": p.ID, "text": o.Recognition, "amount": q.Amount}); err != nil {
			return nil, err
		}
	}
	if o.Charges != "" {
		given, err := consent(t, c, by, o.Charges, o.Language, customerID)
		if err != nil {
			return nil, err
		}
		p.AuthorityID = &given.ID
	}
	request := s.checkout(c, p, q.Account, o.Language, customerID)
	request.Methods, request.Transfers = s.Offered(q.Account, q.Amount, o.Charges), transfers
	if transfers == "" {
		request.Methods = withoutTransfer(request.Methods)
	}
	written, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("payment %s: %w", p.ID, err)
	}
	p.Request = string(written)
	return p, t.Insert(p)
}

// checkout is what the gateway is asked for a payment. It was stored with the
// payment, before the first call: the same key must always come with the very
// same words, whoever calls again and whatever changed since.
func (p *Payment) checkout() (Checkout, error) {
	var c Checkout
	if p.SessionURL != "" {
		return c, nil // its page is known: nothing will be asked again
	}
	if err := json.Unmarshal([]byte(p.Request), &c); err != nil {
		return c, fmt.Errorf("payment %s: its request: %w", p.ID, err)
	}
	return c, nil
}

func laterDay(a, b negotiation.Day) negotiation.Day {
	if a.After(b) {
		return a
	}
	return b
}

// checkout says what the gateway's page shows.
func (s *Service) checkout(c *negotiation.Case, p *Payment, account *Account, language, customerID string) Checkout {
	checkout := Checkout{
		Key: p.key(), PaymentID: p.ID, CaseID: c.ID, Reference: c.Reference, Creditor: c.Creditor.Name, Language: language,
		Fee: p.Fees(), Account: account.AccountID, Separate: p.Separate, ExpiresAt: *p.ExpiresAt, Customer: customerID,
		SuccessURL: s.baseURL + "/case/payments/" + p.ID + "/return", CancelURL: s.baseURL + "/case/payments/" + p.ID + "/return?cancelled=1",
	}
	if !p.FeeWithheld {
		checkout.Fee = money.New(0, p.Currency)
	}
	if p.ByPayer() { // an amount and a reference, and nothing else
		checkout.SuccessURL = s.baseURL + "/pay/payments/" + p.ID + "/return"
		checkout.CancelURL = checkout.SuccessURL + "?cancelled=1"
		checkout.Lines = []Line{{Name: negotiation.GroupedReference(c.Reference), Amount: p.Asked()}}
		return checkout
	}
	if party := c.MainParty(); party != nil {
		if mail, ok := party.Contact(negotiation.ContactEmail); ok {
			checkout.Email = mail.Value
		}
	}
	checkout.Lines = lines(c, p)
	return checkout
}

// lines divides the sum among the claims, one line each, as it would be
// allocated; where that cannot be told the whole is one line.
func lines(c *negotiation.Case, p *Payment) []Line {
	one := []Line{{Name: negotiation.GroupedReference(c.Reference), Amount: p.Asked()}}
	statement, err := c.Statement(p.AskedOn)
	if err != nil || !p.Whole || statement.Total.Cmp(p.Asked()) != 0 {
		return one
	}
	var many []Line
	for _, cs := range statement.Claims {
		if total := cs.Total(); total.IsPositive() {
			many = append(many, Line{Name: cs.Claim.InvoiceNumber, Amount: total})
		}
	}
	if len(many) == 0 || len(many) > 50 {
		return one
	}
	return many
}

// open asks the gateway for the page of a payment that is on disk. The key
// makes it the same page, however often it is asked for.
func (s *Service) open(ctx context.Context, p *Payment, checkout Checkout) (string, error) {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	session, err := s.gateway.StartCheckout(calling, checkout)
	if err != nil {
		return "", fmt.Errorf("payment %s: %w", p.ID, err)
	}
	err = s.negotiation.OnCase(ctx, negotiation.System, p.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		now, err := lock(t, p.ID)
		if err != nil || now.SessionID != nil {
			return err
		}
		now.SessionID, now.SessionURL, now.Request = &session.ID, session.URL, ""
		return save(t, now)
	})
	return session.URL, err
}

// close expires an open page, so that it can no longer be paid, and marks its
// payment. Where the payer was faster, what they paid is taken in first and
// the caller is told to look again.
func (s *Service) close(ctx context.Context, p *Payment) error {
	switch {
	case p.Kind == Collection:
		return s.giveUp(ctx, p)
	case p.AnnouncedAt != nil:
		return s.callOff(ctx, p)
	}
	if p.SessionID == nil {
		// Its page may have been opened by a process that died before it wrote
		// the id down: the same key finds it.
		if err := s.recover(ctx, p); errors.Is(err, ErrRefused) {
			return s.cancel(ctx, p)
		} else if err != nil {
			return err
		}
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	err := s.gateway.ExpireCheckout(calling, *p.SessionID)
	if errors.Is(err, ErrCompleted) {
		if _, err := s.Check(ctx, p.ID); err != nil {
			return err
		}
		return negotiation.Refuse(negotiation.Conflict, "payment_being_checked")
	}
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	return s.apply(ctx, p, Fact{PaymentID: p.ID, SessionID: *p.SessionID, Progress: Expired}, nil)
}

func (s *Service) recover(ctx context.Context, p *Payment) error {
	checkout, err := p.checkout()
	if err != nil {
		return err
	}
	if _, err := s.open(ctx, p, checkout); err != nil {
		return err
	}
	fresh, err := s.byID(ctx, p.ID)
	if err != nil {
		return err
	}
	*p = *fresh
	return nil
}
