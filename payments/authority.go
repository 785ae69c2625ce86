package payments

import (
	"fmt"
	"strings"
	"time"

	"amiable/negotiation"
)

// AuthorityState is where the life of a leave to charge stands.
type AuthorityState string

const (
	AuthorityWaiting AuthorityState = "waiting" // the box was ticked, the card is not saved yet
	AuthorityLive    AuthorityState = "live"    // the card may be charged
	AuthorityEnded   AuthorityState = "ended"
)

// authorityMoves is the life of a leave to charge. One that ended stays so: a
// debtor who wants it again gives it again.
var authorityMoves = map[AuthorityState][]AuthorityState{
	AuthorityWaiting: {AuthorityLive, AuthorityEnded},
	AuthorityLive:    {AuthorityEnded},
	AuthorityEnded:   {},
}

// Why a leave to charge ended.
type Why string

const (
	WhyRevoked       Why = "revoked"         // by the debtor
	WhyRevokedAtBank Why = "revoked_at_bank" // by the debtor, who told their bank
	WhyReplaced      Why = "replaced"        // by a new card
	WhyCardRefused   Why = "card_refused"    // the card can never be charged again
	WhyCardGone      Why = "card_gone"       // the gateway keeps it no longer
	WhyPlanOver      Why = "plan_over"
	WhyNotSaved      Why = "not_saved" // no card was saved on the page
)

// tells says whether the debtor is written to when a leave ends so.
func (w Why) tells() bool { return w != WhyReplaced && w != WhyPlanOver && w != WhyNotSaved }

// Authority is the leave that a debtor gave to have the instalments of a plan
// charged: which text they ticked, apart from everything else, and the card
// that they saved with proof of who they are. A plan has one live authority at
// most.
type Authority struct {
	ID                 string
	CreditorID         string
	CaseID             string
	PlanID             string
	PartyID            string
	State              AuthorityState
	TextVersion        string
	Language           string
	AskedAt            time.Time // when the box was ticked
	CustomerID         string
	MethodID           string
	Method             Method // card, or sepa_debit: an account
	MandateID          string // of an account, as are those below
	MandateReference   string
	MandateURL         string // for the debtor alone
	CreditorIdentifier string
	Brand              string
	Last4              string
	ExpMonth           int64
	ExpYear            int64
	SessionID          *string
	SessionURL         string
	Request            string // JSON of the CardPage, until its page is known
	ExpiresAt          *time.Time
	GivenAt            *time.Time // since when the card may be charged
	WarnedOf           string     // the expiry that the debtor was warned of, as Expiry writes it
	EndedAt            *time.Time
	EndedRole          negotiation.Role
	Why                Why
	ForgottenAt        *time.Time
	CreatedAt          time.Time
}

// TableName names the table for gorm.
func (Authority) TableName() string { return "authorities" }

// Card names the card, or the account, as payments name what they were paid with.
func (a *Authority) Card() string {
	if a.Method == DebitMethod {
		return strings.TrimSpace(string(DebitMethod) + " " + a.Last4)
	}
	return strings.TrimSpace("card " + strings.TrimSpace(a.Brand+" "+a.Last4))
}

// named says whether it is known what the card is.
func (a *Authority) named() bool { return a.Last4 != "" }

// charged is what the plan is told that it is charged to.
func (a *Authority) charged() negotiation.Charged {
	return negotiation.Charged{Means: a.Card(), Mandate: a.MandateReference, Creditor: a.CreditorIdentifier}
}

// ready says whether all is known that each charge must name.
func (a *Authority) ready() bool { return a.Method != DebitMethod || a.MandateReference != "" }

// Expiry is the last month of the card, YYYY-MM; empty where it is not known.
func (a *Authority) Expiry() string {
	if a.ExpYear == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", a.ExpYear, a.ExpMonth)
}

// GoodOn says whether the card is still good on a day, as far as is known.
func (a *Authority) GoodOn(on negotiation.Day) bool {
	return a.Expiry() == "" || string(on)[:7] <= a.Expiry()
}

// customer is as whom the gateway knows a party.
type customer struct {
	PartyID    string `gorm:"primaryKey"`
	CustomerID string
	CreatedAt  time.Time
}

// TableName names the table for gorm.
func (customer) TableName() string { return "gateway_customers" }

func (a *Authority) move(to AuthorityState) bool {
	for _, allowed := range authorityMoves[a.State] {
		if allowed == to {
			a.State = to
			return true
		}
	}
	return false
}

func saveAuthority(t *negotiation.Tx, a *Authority) error {
	return t.Update(a,
		"State", "MethodID", "Method", "MandateID", "MandateReference", "MandateURL", "CreditorIdentifier", "Brand", "Last4", "ExpMonth", "ExpYear", "SessionID", "SessionURL", "Request", "GivenAt", "WarnedOf", "EndedAt", "EndedRole", "Why",
		"ForgottenAt",
	)
}

// authoritiesOf reads the leaves given on a plan that have not ended.
func authoritiesOf(t *negotiation.Tx, planID string) ([]Authority, error) {
	var found []Authority
	err := t.Where("plan_id = ? AND state <> ?", planID, AuthorityEnded).Order("created_at").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("authorities of plan %s: %w", planID, err)
	}
	return found, nil
}

func liveOf(t *negotiation.Tx, planID string) (*Authority, error) {
	found, err := authoritiesOf(t, planID)
	for i := range found {
		if found[i].State == AuthorityLive {
			return &found[i], err
		}
	}
	return nil, err
}

func lockAuthority(t *negotiation.Tx, id string) (*Authority, error) {
	var a Authority
	if err := t.Where("id = ?", id).Take(&a).Error; err != nil {
		return nil, fmt.Errorf("authority %s: %w", id, err)
	}
	return &a, nil
}

// consent writes down that the debtor ticked the box, and waits for a card. A
// leave that was waiting gives way to it.
func consent(t *negotiation.Tx, c *negotiation.Case, by negotiation.Actor, text, language, customerID string) (*Authority, error) {
	plan, err := mayConsent(c, by, text)
	if err != nil {
		return nil, err
	}
	found, err := authoritiesOf(t, plan.ID)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].State == AuthorityWaiting {
			if err := end(t, c, &found[i], by, WhyReplaced); err != nil {
				return nil, err
			}
		}
	}
	a := &Authority{
		ID: newID(), CreditorID: c.CreditorID, CaseID: c.ID, PlanID: plan.ID, PartyID: by.ID, State: AuthorityWaiting, Method: CardMethod, TextVersion: text, Language: language,
		AskedAt: t.Now, CustomerID: customerID, CreatedAt: t.Now,
	}
	if a.Language == "" {
		a.Language = c.Party(by.ID).Person.Language
	}
	return a, t.Insert(a, event(c, t, by, negotiation.AuthorityAsked, map[string]any{"authority": a.ID, "plan": plan.ID, "text": text}))
}

// mayConsent refuses where nobody's leave can be taken: only whoever owes gives
// it, on a plan that runs, to the text of today.
func mayConsent(c *negotiation.Case, by negotiation.Actor, text string) (*negotiation.Plan, error) {
	plan := c.ActivePlan()
	switch {
	case by.Role != negotiation.RoleDebtor || c.Party(by.ID) == nil:
		return nil, negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	case plan == nil:
		return nil, negotiation.Refuse(negotiation.Conflict, "plan_moved_on")
	case text == "":
		return nil, negotiation.Refuse(negotiation.Invalid, "charges_not_ticked").On("charges")
	case text != negotiation.ChargesText && text != negotiation.ChargesDebitText:
		return nil, negotiation.Refuse(negotiation.Conflict, "charges_text_changed")
	}
	return plan, nil
}

// event makes an error of an event that cannot be written, for Insert.
func event(c *negotiation.Case, t *negotiation.Tx, by negotiation.Actor, kind negotiation.EventKind, what any) any {
	if err := c.Event(t, by, kind, what); err != nil {
		return err
	}
	return nil
}

// keep makes a leave live with the card that was saved; the one before it ends.
// A card saved for a leave that has ended meanwhile is only noted, so that the
// gateway is told to forget it.
func keep(t *negotiation.Tx, c *negotiation.Case, a *Authority, card Card) error {
	if !card.Saved() || (a.CustomerID != "" && card.CustomerID != a.CustomerID) {
		return nil
	}
	known := a.named() && a.MethodID == card.MethodID && !card.Named()
	if a.MethodID == card.MethodID && (known || a.shows(card)) && a.State != AuthorityWaiting && (card.MandateID == "" || card.MandateID == a.MandateID) {
		return nil
	}
	if a.MethodID != "" && a.MethodID != card.MethodID {
		return nil
	}
	a.MethodID = card.MethodID
	if card.MandateID != "" {
		a.MandateID = card.MandateID
	}
	if card.Kind == DebitMethod && a.Method != DebitMethod {
		a.Method = DebitMethod
		account, err := accountOf(t.DB, c.CreditorID)
		if err != nil {
			return err
		}
		if account != nil {
			a.CreditorIdentifier = account.CreditorIdentifier
		}
	}
	if card.Named() {
		if a.ExpYear != card.ExpYear || a.ExpMonth != card.ExpMonth {
			a.WarnedOf = ""
		}
		a.Brand, a.Last4, a.ExpMonth, a.ExpYear = card.Brand, card.Last4, card.ExpMonth, card.ExpYear
	}
	switch a.State {
	case AuthorityEnded:
		return saveAuthority(t, a)
	case AuthorityLive: // its brand and digits came later
		if err := saveAuthority(t, a); err != nil {
			return err
		}
		return c.ChargeTo(t, a.PlanID, a.charged())
	}
	plan := c.Plan(a.PlanID)
	if plan == nil || plan.State != negotiation.PlanActive {
		return end(t, c, a, negotiation.Gateway, WhyPlanOver)
	}
	old, err := liveOf(t, a.PlanID)
	if err != nil {
		return err
	}
	if old != nil {
		if err := end(t, c, old, negotiation.Gateway, WhyReplaced); err != nil {
			return err
		}
	}
	a.move(AuthorityLive)
	a.GivenAt, a.Request = &t.Now, ""
	if err := saveAuthority(t, a); err != nil {
		return err
	}
	if err := c.ChargeTo(t, a.PlanID, a.charged()); err != nil {
		return err
	}
	if err := tryStuck(t, a.PlanID); err != nil {
		return err
	}
	facts := map[string]any{"authority": a.ID, "plan": a.PlanID, "text": a.TextVersion, "card": a.Card(), "replaces": old != nil}
	if err := c.Event(t, negotiation.Gateway, negotiation.AuthorityGiven, facts); err != nil {
		return err
	}
	return tellAuthority(t, c, a, negotiation.LetterAuthorityGiven, facts)
}

// tryStuck lets what waited for the data of a new card be tried again in the
// morning.
func tryStuck(t *negotiation.Tx, planID string) error {
	var stuck []Payment
	err := t.Where("plan_id = ? AND kind = ? AND state = ? AND next_try_at IS NULL", planID, Collection, Started).Find(&stuck).Error
	if err != nil {
		return fmt.Errorf("collections of plan %s: %w", planID, err)
	}
	for i := range stuck {
		on := chargeTime(t.Today.Add(1))
		stuck[i].NextTryAt = &on
		if err := t.Update(&stuck[i], "NextTryAt"); err != nil {
			return err
		}
	}
	return nil
}

// shows says whether the leave knows a card as it is.
func (a *Authority) shows(card Card) bool {
	return !card.Named() || (a.Brand == card.Brand && a.Last4 == card.Last4 && a.ExpMonth == card.ExpMonth && a.ExpYear == card.ExpYear)
}

// end ends a leave, at once. What it was being charged for is given up by
// whoever looks at it next: nothing is charged without a live leave.
func end(t *negotiation.Tx, c *negotiation.Case, a *Authority, by negotiation.Actor, why Why) error {
	was := a.State
	if !a.move(AuthorityEnded) {
		return nil
	}
	a.EndedAt, a.EndedRole, a.Why, a.Request = &t.Now, by.Role, why, ""
	if err := saveAuthority(t, a); err != nil {
		return err
	}
	facts := map[string]any{"authority": a.ID, "plan": a.PlanID, "why": why, "card": a.Card()}
	if err := c.Event(t, by, negotiation.AuthorityEnded, facts); err != nil {
		return err
	}
	if was != AuthorityLive || why == WhyReplaced {
		return nil
	}
	if err := c.ChargeTo(t, a.PlanID, negotiation.Charged{}); err != nil || !why.tells() {
		return err
	}
	return tellAuthority(t, c, a, negotiation.LetterAuthorityEnded, facts)
}

func tellAuthority(t *negotiation.Tx, c *negotiation.Case, a *Authority, kind negotiation.LetterKind, facts map[string]any) error {
	party := c.Party(a.PartyID)
	if party == nil {
		return nil
	}
	_, err := c.Tell(t, negotiation.System, party, kind, facts)
	return err
}
