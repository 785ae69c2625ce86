package negotiation

import (
	"encoding/json"

	"amiable/negotiation/money"
)

// AgreementText is the version of the wording with which plans are agreed
// today. It stays with the plan.
const AgreementText = "2026-11"

// Agreed is what an agreement says beside its dates and what was owed: between
// whom, by which mandate, in which words, as it stood when it was accepted.
type Agreed struct {
	Text          string         `json:"text"` // AgreementText when it was accepted
	Consumer      bool           `json:"consumer"`
	Agency        LetterIdentity `json:"agency"`
	Creditor      LetterIdentity `json:"creditor"`
	Debtor        LetterIdentity `json:"debtor"`
	Mandate       string         `json:"mandate"`
	MandateOn     Day            `json:"mandate_on"`
	FirstLetter   string         `json:"first_letter"`
	FirstLetterOn Day            `json:"first_letter_on"`
	Contested     money.Amount   `json:"contested,omitzero"` // of what was owed; the plan leaves it aside
}

// Says reads what the agreement of the plan says.
func (p *Plan) Says() (Agreed, error) {
	var agreed Agreed
	return agreed, fault(json.Unmarshal([]byte(p.Agreed), &agreed), "agreement of plan", p.ID)
}

// keepAgreement freezes what the agreement of a new plan says: the same
// tomorrow, whoever moves or is renamed meanwhile.
func (c *Case) keepAgreement(t *Tx, by Actor, p *Plan, asOf Day) error {
	statement, err := c.Statement(asOf)
	if err != nil {
		return err
	}
	frozen, err := c.freeze(t, by, statement)
	if err != nil {
		return err
	}
	written, err := json.Marshal(Agreed{
		Text: AgreementText, Consumer: c.Debtor.Kind == DebtorConsumer, Agency: c.Agency.identity(), Creditor: c.Creditor.identity(), Debtor: c.Debtor.identity(),
		Mandate: c.Mandate.Reference, MandateOn: c.Mandate.SignedOn, FirstLetter: c.FirstLetterReference, FirstLetterOn: c.FirstLetterOn,
		Contested: statement.Total.Sub(money.New(p.Owed, p.Currency)),
	})
	if err != nil {
		return fault(err, "agreement of plan", p.ID)
	}
	p.StatementID, p.Agreed = &frozen.ID, string(written)
	return nil
}
