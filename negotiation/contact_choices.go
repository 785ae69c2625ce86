package negotiation

import (
	"context"
	"strings"
)

// ChannelSMS is a channel of letters that reaches a phone.
const ChannelSMS ContactKind = "sms"

// Reasons of the rules of contact: they bind a channel, or an hour, and end by
// themselves.
const (
	QuietHours     Reason = "quiet_hours"     // not at this hour, or not today
	ContactCap     Reason = "contact_cap"     // often enough for now
	AnswerAwaited  Reason = "answer_awaited"  // the person wrote, and we have not answered
	OptedOut       Reason = "opt_out"         // the person wants nothing that asks or reminds by this channel
	WrongRecipient Reason = "wrong_recipient" // what we know of this channel reaches somebody else, or nobody
)

// ContactChoices are what a person said about how to be contacted. They bind
// whatever asks or reminds, for every creditor; what the law owes comes all the
// same.
type ContactChoices struct {
	NoEmail        bool
	NoSMS          bool
	PrefersChannel ContactKind    // empty: none; else email, sms, post or phone (a call)
	PrefersHours   PreferredHours // empty: any that the rules allow
}

// Refuses says whether the person wants nothing that asks or reminds by a
// channel.
func (c ContactChoices) Refuses(channel ContactKind) bool {
	switch channel {
	case ContactEmail:
		return c.NoEmail
	case ChannelSMS:
		return c.NoSMS
	}
	return false
}

func (c ContactChoices) check() error {
	switch c.PrefersChannel {
	case "", ContactEmail, ChannelSMS, ContactPost, ContactPhone:
	default:
		return Refuse(Invalid, "contact_channel_unknown").On("channel")
	}
	if _, known := preferredHours[c.PrefersHours]; !known {
		return Refuse(Invalid, "contact_hours_unknown").On("hours")
	}
	if c.Refuses(c.PrefersChannel) {
		return Refuse(Invalid, "contact_channel_refused").On("channel")
	}
	return nil
}

// ChooseContact keeps how a party wants to be contacted, by its own word or by
// what it told an agent, and with it a message, if there is one, for a person to
// read. said is how an agent was told; empty for the party itself.
func (s *Service) ChooseContact(ctx context.Context, by Actor, caseID string, choices ContactChoices, words, said string) error {
	partyID := by.OnBehalfOf
	switch {
	case by.Role == RoleDebtor:
		partyID = by.ID
	case !by.IsStaff() || partyID == "":
		return Refuse(Forbidden, "not_your_role")
	case strings.TrimSpace(said) == "":
		return Refuse(Invalid, "consent_missing").On("consent")
	}
	if err := choices.check(); err != nil {
		return err
	}
	w := Wish{Kind: WishContact, Words: words}
	if w.Words = strings.TrimSpace(words); w.Words != "" {
		if err := w.check(); err != nil {
			return err
		}
	}
	return s.OnCase(ctx, by, caseID, func(t *Tx, c *Case) error {
		party := c.Party(partyID)
		if party == nil {
			return errNotFound
		}
		if party.Person.ContactChoices != choices {
			party.Person.ContactChoices = choices
			event := map[string]any{
				"party": party.ID, "no_email": choices.NoEmail, "no_sms": choices.NoSMS, "channel": choices.PrefersChannel, "hours": choices.PrefersHours,
			}
			if said != "" {
				event["said"] = strings.TrimSpace(said)
			}
			if err := t.Update(&party.Person, "NoEmail", "NoSMS", "PrefersChannel", "PrefersHours"); err != nil {
				return fault(err, "person", party.PersonID)
			}
			if err := t.Insert(c.event(t, by, ContactChosen, event)); err != nil {
				return err
			}
		}
		if w.Words == "" {
			return nil
		}
		return c.wish(t, by, &w)
	})
}
