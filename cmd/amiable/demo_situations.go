package main

import (
	"fmt"

	"amiable/negotiation"
)

// overIndebted is a debtor who says that a file of over-indebtedness was handed
// in, and has no paper of it yet.
func (t *teller) overIndebted(who, words string) {
	t.on(who, func(c *negotiation.Case) error {
		return t.negotiation.TellOverindebtedness(t.ctx, debtor(c), c.ID, words, negotiation.Proof{})
	})
}

// readsSituation is the agent who reads what was told, to answer.
func (t *teller) readsSituation(who string) {
	t.on(who, func(c *negotiation.Case) error {
		all, err := t.negotiation.Situations(t.ctx, t.agent, c)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fmt.Errorf("case %s has no special situation", c.Reference)
		}
		return t.negotiation.ReadSituation(t.ctx, t.agent, c.ID, all[0].ID, "answer")
	})
}
