package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"amiable/negotiation"
	"amiable/negotiation/database"
	"amiable/negotiation/money"
)

// This file is how a leave to charge is given, looked at and taken back; what
// it is stands in authority.go.

// AuthorityOf returns the leave by which the instalments of a plan are charged,
// nil where there is none. The caller has asked whether the case may be seen.
func (s *Service) AuthorityOf(ctx context.Context, planID string) (*Authority, error) {
	return s.authority(ctx, "plan_id = ? AND state = ?", planID, AuthorityLive)
}

// AuthoritiesOf returns every leave that was given on a case, oldest first.
func (s *Service) AuthoritiesOf(ctx context.Context, caseID string) ([]Authority, error) {
	var all []Authority
	if err := s.db.Read(ctx).Where("case_id = ?", caseID).Order("created_at, id").Find(&all).Error; err != nil {
		return nil, fmt.Errorf("authorities of case %s: %w", caseID, err)
	}
	return all, nil
}

func (s *Service) authority(ctx context.Context, where string, values ...any) (*Authority, error) {
	var found []Authority
	if err := s.db.Read(ctx).Where(where, values...).Order("created_at DESC").Limit(1).Find(&found).Error; err != nil {
		return nil, fmt.Errorf("authority %v: %w", values, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// Revoke takes the leave to charge a plan back: from the moment it returns
// nothing is charged any more. It is done once, however often it is asked for.
func (s *Service) Revoke(ctx context.Context, by negotiation.Actor, caseID, planID string) error {
	if !by.May(negotiation.ActPay) || by.Role == negotiation.RolePayer {
		return negotiation.Refuse(negotiation.Forbidden, "not_your_role")
	}
	err := s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		if err := c.Permits(by, negotiation.ActPay, t.Today); err != nil {
			return err
		}
		if c.Plan(planID) == nil {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		given, err := authoritiesOf(t, planID)
		if err != nil {
			return err
		}
		for i := range given {
			if err := end(t, c, &given[i], by, WhyRevoked); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// SaveCard opens the gateway's page on which the debtor saves a card for a plan
// that runs, with the box ticked: the first one, or a new one in the place of
// the old.
func (s *Service) SaveCard(ctx context.Context, by negotiation.Actor, caseID, text, language string) (url string, err error) {
	customerID, err := s.customerFor(ctx, by, caseID, text, language)
	if err != nil {
		return "", err
	}
	var a *Authority
	err = s.negotiation.OnCase(ctx, by, caseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		plan, err := mayConsent(c, by, text)
		if err != nil {
			return err
		}
		account, err := accountOf(t.DB, c.CreditorID)
		if err != nil {
			return err
		}
		if account == nil || !account.ChargesEnabled {
			return negotiation.Refuse(negotiation.Conflict, "card_not_possible")
		}
		given, err := authoritiesOf(t, plan.ID)
		if err != nil {
			return err
		}
		for i := range given {
			if g := &given[i]; g.State == AuthorityWaiting && g.ExpiresAt != nil && t.Now.Before(g.ExpiresAt.Add(-checkoutMargin)) && g.Language == language {
				a = g // its page is open already
				return nil
			}
		}
		if a, err = consent(t, c, by, text, language, customerID); err != nil {
			return err
		}
		expires := t.Now.Add(checkoutLifetime).Truncate(time.Second)
		a.ExpiresAt = &expires
		page := CardPage{
			Key: "card:" + a.ID, AuthorityID: a.ID, CaseID: c.ID, Reference: c.Reference, Customer: customerID, Account: account.AccountID, Language: a.Language,
			Methods:   s.Offered(account, money.New(0, c.Currency), text),
			ExpiresAt: expires, SuccessURL: s.baseURL + "/case/card/" + a.ID + "/return", CancelURL: s.baseURL + "/case/card/" + a.ID + "/return?cancelled=1",
		}
		written, err := json.Marshal(page)
		if err != nil {
			return fmt.Errorf("authority %s: %w", a.ID, err)
		}
		a.Request = string(written)
		return t.Update(a, "Request", "ExpiresAt")
	})
	if err != nil {
		return "", err
	}
	if a.SessionURL != "" {
		return a.SessionURL, nil
	}
	return s.openCardPage(ctx, a)
}

// openCardPage asks the gateway for the page of a leave that is on disk.
func (s *Service) openCardPage(ctx context.Context, a *Authority) (string, error) {
	var page CardPage
	if err := json.Unmarshal([]byte(a.Request), &page); err != nil {
		return "", fmt.Errorf("authority %s: its request: %w", a.ID, err)
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	session, err := s.gateway.StartCardPage(calling, page)
	if err != nil {
		return "", fmt.Errorf("authority %s: %w", a.ID, err)
	}
	err = s.negotiation.OnCase(ctx, negotiation.System, a.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		now, err := lockAuthority(t, a.ID)
		if err != nil || now.SessionID != nil {
			return err
		}
		now.SessionID, now.SessionURL, now.Request = &session.ID, session.URL, ""
		return saveAuthority(t, now)
	})
	return session.URL, err
}

// customerFor makes the debtor known to the gateway, once, so that a card can
// be kept for them. Nothing is asked of it where no leave could be taken.
func (s *Service) customerFor(ctx context.Context, by negotiation.Actor, caseID, text, language string) (string, error) {
	c, err := s.negotiation.Case(ctx, by, caseID)
	if err != nil {
		return "", err
	}
	if _, err := mayConsent(c, by, text); err != nil {
		return "", err
	}
	var known []customer
	if err := s.db.Read(ctx).Where("party_id = ?", by.ID).Limit(1).Find(&known).Error; err != nil {
		return "", fmt.Errorf("customer of party %s: %w", by.ID, err)
	}
	if len(known) > 0 {
		return known[0].CustomerID, nil
	}
	who := Customer{Key: "customer:" + by.ID, PartyID: by.ID, Language: language}
	if mail, ok := c.Party(by.ID).Contact(negotiation.ContactEmail); ok {
		who.Email = mail.Value
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	id, err := s.gateway.KeepCustomer(calling, who)
	if err != nil {
		return "", fmt.Errorf("customer of party %s: %w", by.ID, err)
	}
	err = s.negotiation.OnCase(ctx, negotiation.System, caseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		known = nil
		if err := t.Where("party_id = ?", by.ID).Limit(1).Find(&known).Error; err != nil || len(known) > 0 {
			return err
		}
		return t.Insert(&customer{PartyID: by.ID, CustomerID: id, CreatedAt: t.Now})
	})
	if err == nil && len(known) > 0 {
		id = known[0].CustomerID
	}
	return id, err
}

// applyCard takes in what the gateway says of a kept card, under the lock of
// its case. row is the notification that brought it; nil where we asked.
func (s *Service) applyCard(ctx context.Context, f CardFact, row *notification) error {
	a, err := s.authorityOf(ctx, f)
	if err != nil {
		return err
	}
	if a == nil { // of a card that is not ours to charge
		if row == nil {
			return nil
		}
		return s.file(ctx, row)
	}
	filed := int64(1)
	var along []database.Statement
	if row != nil {
		along = append(along, row.file(&filed))
	}
	return s.negotiation.OnCaseWithin(ctx, negotiation.Gateway, a.CaseID, lockWait, func(t *negotiation.Tx, c *negotiation.Case) error {
		if filed == 0 {
			return nil
		}
		now, err := lockAuthority(t, a.ID)
		if err != nil {
			return err
		}
		switch {
		case f.Gone:
			if now.ForgottenAt == nil {
				now.ForgottenAt = &t.Now
				if err := t.Update(now, "ForgottenAt"); err != nil {
					return err
				}
			}
			return end(t, c, now, negotiation.Gateway, WhyCardGone)
		case f.Revoked:
			return end(t, c, now, negotiation.Gateway, WhyRevokedAtBank)
		case f.Renewed:
			return renewed(t, c, now, f.Card)
		case f.Over && !f.Card.Saved():
			return end(t, c, now, negotiation.Gateway, WhyNotSaved)
		}
		return keep(t, c, now, f.Card)
	}, along...)
}

// authorityOf finds the leave that a fact is about: by our own id, else by the
// gateway's.
func (s *Service) authorityOf(ctx context.Context, f CardFact) (*Authority, error) {
	switch {
	case negotiation.ValidID(f.AuthorityID):
		return s.authority(ctx, "id = ?", f.AuthorityID)
	case f.Card.MethodID != "":
		return s.authority(ctx, "method_id = ? AND state = ?", f.Card.MethodID, AuthorityLive)
	case f.Card.MandateID != "":
		return s.authority(ctx, "mandate_id = ? AND state = ?", f.Card.MandateID, AuthorityLive)
	}
	return nil, nil
}

// renewed writes the new data of a card down; what waited for it is tried again
// in the morning.
func renewed(t *negotiation.Tx, c *negotiation.Case, a *Authority, card Card) error {
	if a.State != AuthorityLive || a.MethodID != card.MethodID {
		return nil
	}
	if err := keep(t, c, a, card); err != nil {
		return err
	}
	return tryStuck(t, a.PlanID)
}

// CheckCard asks the gateway how the page stands on which a card was to be
// saved, and takes in what it says. The return page calls it; so does the sweep.
func (s *Service) CheckCard(ctx context.Context, authorityID string) (*Authority, error) {
	if !negotiation.ValidID(authorityID) {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	a, err := s.authority(ctx, "id = ?", authorityID)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, negotiation.Refuse(negotiation.NotFound, "not_found")
	}
	if a.SessionID == nil || a.State == AuthorityEnded && a.MethodID != "" || a.State == AuthorityLive && a.named() {
		return a, nil
	}
	calling, cancel := context.WithTimeout(ctx, returnDeadline)
	defer cancel()
	fact, err := s.gateway.FetchCardPage(calling, *a.SessionID)
	if err != nil {
		return a, fmt.Errorf("authority %s: %w", a.ID, err)
	}
	fact.AuthorityID = a.ID
	if err := s.applyCard(ctx, fact, nil); err != nil {
		return a, err
	}
	return s.authority(ctx, "id = ?", authorityID)
}

// CheckAuthorities looks after the leaves given: pages on which a card was to
// be saved and of which nothing more was heard, cards of which not all is known,
// plans that are over, cards that will end soon, and cards to be forgotten.
func (s *Service) CheckAuthorities(ctx context.Context, limit int) (int, error) {
	now, err := s.negotiation.Now(ctx)
	if err != nil {
		return 0, err
	}
	did := 0
	var problems error
	for _, job := range []struct {
		what  string
		where string
		args  []any
		do    func(ctx context.Context, a *Authority) (bool, error)
	}{
		{"waiting", "state = ? AND created_at < ?", []any{AuthorityWaiting, now.Add(-checkoutMargin)}, s.checkWaiting},
		{"unnamed", "state = ? AND (last4 = '' OR (mandate_id <> '' AND mandate_reference = ''))", []any{AuthorityLive}, s.nameCard},
		{"over", "state <> ? AND plan_id IN (SELECT id FROM plans WHERE state <> ?)", []any{AuthorityEnded, negotiation.PlanActive}, s.planOver},
		{"to forget", "state = ? AND forgotten_at IS NULL AND method_id <> ''", []any{AuthorityEnded}, s.forget},
	} {
		var found []Authority
		if err := s.db.Read(ctx).Where(job.where, job.args...).Order("created_at").Limit(limit).Find(&found).Error; err != nil {
			return did, errors.Join(problems, fmt.Errorf("authorities %s: %w", job.what, err))
		}
		for i := range found {
			done, err := job.do(ctx, &found[i])
			problems = errors.Join(problems, err)
			if done {
				did++
			}
		}
	}
	warned, err := s.warnOfExpiry(ctx, limit)
	return did + warned, errors.Join(problems, err)
}

// checkWaiting asks about a page of which nothing was heard. It never counts:
// asking twice in a row is no use.
func (s *Service) checkWaiting(ctx context.Context, a *Authority) (bool, error) {
	if a.SessionID != nil {
		_, err := s.CheckCard(ctx, a.ID)
		return false, err
	}
	var paid []Payment
	if err := s.db.Read(ctx).Where("authority_id = ? AND kind = ?", a.ID, CheckoutPayment).Limit(1).Find(&paid).Error; err != nil {
		return false, fmt.Errorf("payment of authority %s: %w", a.ID, err)
	}
	if len(paid) == 0 { // a page that was never opened, or whose opening was not heard of
		_, err := s.openCardPage(ctx, a)
		if errors.Is(err, ErrRefused) {
			err = s.applyCard(ctx, CardFact{AuthorityID: a.ID, Over: true}, nil)
		}
		return false, err
	}
	p := &paid[0]
	switch {
	case p.State == Cancelled || p.State == FailedFor:
		return true, s.applyCard(ctx, CardFact{AuthorityID: a.ID, Over: true}, nil)
	case p.State != Succeeded || p.IntentID == nil:
		return false, nil // CheckUnfinished asks
	}
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	fact, err := s.gateway.FetchPayment(calling, *p.IntentID)
	if err != nil {
		return false, fmt.Errorf("payment %s: %w", p.ID, err)
	}
	return false, s.apply(ctx, p, fact, nil)
}

// nameCard asks what a card is that came without its brand and digits, and how
// the mandate of an account is called.
func (s *Service) nameCard(ctx context.Context, a *Authority) (bool, error) {
	calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
	defer cancel()
	if !a.named() {
		card, err := s.gateway.FetchCard(calling, a.MethodID)
		if err != nil {
			return false, fmt.Errorf("card of authority %s: %w", a.ID, err)
		}
		return card.Named(), s.applyCard(ctx, CardFact{AuthorityID: a.ID, Card: card}, nil)
	}
	mandate, err := s.gateway.FetchMandate(calling, a.MandateID)
	if err != nil {
		return false, fmt.Errorf("mandate of authority %s: %w", a.ID, err)
	}
	return mandate.Reference != "", s.negotiation.OnCase(ctx, negotiation.Gateway, a.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, err := lockAuthority(t, a.ID)
		if err != nil || now.MandateID != mandate.ID || now.MandateReference != "" {
			return err
		}
		now.MandateReference, now.MandateURL = mandate.Reference, mandate.URL
		if err := saveAuthority(t, now); err != nil || now.State != AuthorityLive {
			return err
		}
		return c.ChargeTo(t, now.PlanID, now.charged())
	})
}

func (s *Service) planOver(ctx context.Context, a *Authority) (bool, error) {
	return true, s.negotiation.OnCase(ctx, negotiation.System, a.CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
		now, err := lockAuthority(t, a.ID)
		if err != nil {
			return err
		}
		if p := c.Plan(a.PlanID); p == nil || p.State == negotiation.PlanActive {
			return nil
		}
		return end(t, c, now, negotiation.System, WhyPlanOver)
	})
}

// forget tells the gateway to keep a card no longer. A collection that is not
// over yet comes first: giving it up needs no card, but nobody should wonder.
func (s *Service) forget(ctx context.Context, a *Authority) (bool, error) {
	var shared int64
	err := s.db.Read(ctx).Model(&Authority{}).Where("method_id = ? AND state = ?", a.MethodID, AuthorityLive).Count(&shared).Error
	if err != nil {
		return false, fmt.Errorf("card of authority %s: %w", a.ID, err)
	}
	if shared == 0 {
		calling, cancel := context.WithTimeout(ctx, gatewayDeadline)
		defer cancel()
		if err := s.gateway.ForgetCard(calling, a.MethodID); err != nil && !errors.Is(err, ErrRefused) {
			return false, fmt.Errorf("card of authority %s: %w", a.ID, err)
		}
	}
	return true, s.negotiation.OnCase(ctx, negotiation.System, a.CaseID, func(t *negotiation.Tx, _ *negotiation.Case) error {
		now, err := lockAuthority(t, a.ID)
		if err != nil || now.ForgottenAt != nil {
			return err
		}
		now.ForgottenAt = &t.Now
		return t.Update(now, "ForgottenAt")
	})
}

// warnDays is how long before its last day the debtor is told that a card ends.
const warnDays = 30

// warnOfExpiry writes to debtors whose card ends before the last instalment of
// their plan, once per card, some time ahead.
func (s *Service) warnOfExpiry(ctx context.Context, limit int) (int, error) {
	today, err := s.negotiation.Today(ctx)
	if err != nil {
		return 0, err
	}
	soon := string(today.Add(warnDays))[:7]
	var ending []Authority
	err = s.db.Read(ctx).Where("state = ? AND exp_year > 0 AND warned_of = ''", AuthorityLive).
		Where("exp_year * 100 + exp_month <= ?", yearMonth(soon)).Order("created_at").Limit(limit).Find(&ending).Error
	if err != nil {
		return 0, fmt.Errorf("cards that end: %w", err)
	}
	var problems error
	warned := 0
	for i := range ending {
		err := s.negotiation.OnCase(ctx, negotiation.System, ending[i].CaseID, func(t *negotiation.Tx, c *negotiation.Case) error {
			a, err := lockAuthority(t, ending[i].ID)
			if err != nil || a.State != AuthorityLive || a.WarnedOf == a.Expiry() {
				return err
			}
			a.WarnedOf = a.Expiry()
			if err := t.Update(a, "WarnedOf"); err != nil {
				return err
			}
			warned++
			plan := c.Plan(a.PlanID)
			progress, err := c.Progress(plan, t.Today)
			if err != nil {
				return err
			}
			for _, l := range progress.Lines {
				if l.Left.IsPositive() && !a.GoodOn(l.DueOn) {
					return tellAuthority(t, c, a, negotiation.LetterCardExpires, map[string]any{
						"plan": plan.ID, "card": a.Card(), "expires": a.Expiry(), "due": l.DueOn, "number": l.Number,
					})
				}
			}
			return nil
		})
		problems = errors.Join(problems, err)
	}
	return warned, problems
}

func yearMonth(text string) int64 {
	var year, month int64
	if _, err := fmt.Sscanf(text, "%d-%d", &year, &month); err != nil {
		return 0
	}
	return year*100 + month
}
